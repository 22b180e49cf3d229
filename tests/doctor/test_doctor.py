"""Each finding says what is wrong and what to do; nothing that fails is passed over."""

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner
from redis import Redis
from sqlalchemy import text

from coach import migrating
from coach.__main__ import coach
from coach.app import create_app
from coach.doctor.queue import SCHEDULED
from coach.extensions import db
from coach.ids import new_id
from coach.sealing import LocalKey, Sealer, new_key, parse_key
from coach.whoop.apps import installation_app
from coach.whoop.models import QuotaLedger, WhoopApp
from config import Settings
from tests.cast import committed_cast
from tests.conftest import close
from tests.processes.stage import Stage, wait_until
from tests.spare import environment_of, spare_database


@dataclass
class Patient:
    """An installation that is looked at."""

    settings: Settings
    environment: dict[str, str]

    def findings(self, **differing: str) -> dict[str, list[dict[str, str]]]:
        """Ask the doctor; findings by what they are about."""
        environment = {**self.environment, **differing}
        asked = CliRunner(env=environment).invoke(
            coach, ["doctor", "--json"], catch_exceptions=False
        )
        self.code = asked.exit_code
        found: dict[str, list[dict[str, str]]] = {}
        for each in json.loads(asked.output)["findings"]:
            found.setdefault(each["about"], []).append(each)
        return found

    def level(self, about: str, **differing: str) -> str:
        return self.findings(**differing)[about][0]["level"]


@pytest.fixture(scope="module")
def patient(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Patient]:
    with spare_database(settings, tmp_path_factory.mktemp("home")) as own:
        migrating.upgrade(own)
        yield Patient(own, environment_of(own))


def test_a_well_installation_without_processes_fails_only_for_them(patient: Patient) -> None:
    found = patient.findings()
    failing = {about for about, lines in found.items() if lines[0]["level"] == "fail"}
    assert failing - {"scheduler"} == {
        f"worker {queue}" for queue in ("sync", "import", "insights", "mail", "upkeep")
    }
    assert patient.code == 1
    for about in ("database role", "migrations", "row-level security", "clock", "keys", "disk"):
        assert found[about][0]["level"] in {"ok", "warn"}, found[about]
    for about in ("redirect address", "scopes", "webhook signature", "sealed rows", "mail"):
        assert found[about][0]["level"] == "ok", found[about]


def test_whatever_is_not_well_says_what_to_do(patient: Patient) -> None:
    lines = [each for several in patient.findings().values() for each in several]
    assert all(each["do"] for each in lines if each["level"] != "ok")


def test_lines_can_be_copied_and_are_counted(patient: Patient) -> None:
    said = CliRunner(env=patient.environment).invoke(coach, ["doctor"]).output
    assert "ok    database              reachable" in said
    assert "Do: Start `coach worker sync`." in said
    assert said.splitlines()[-1].startswith("ok=")


def test_a_database_that_is_down_is_said_and_nothing_else_is_guessed(patient: Patient) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = f"postgresql://coach_app:x@127.0.0.1:{closed.getsockname()[1]}/coach"
        found = patient.findings(DATABASE_URL=nowhere, MIGRATION_DATABASE_URL=nowhere)
    assert found["database"][0]["says"].startswith("not reachable")
    assert "migrations" not in found
    assert "not looked at" in found
    assert patient.code == 1


def test_a_role_that_owns_the_tables_is_refused(patient: Patient) -> None:
    owner = str(patient.settings.migration_database_url)
    assert patient.level("database role", DATABASE_URL=owner) == "fail"


def test_a_queue_that_is_down_is_said(patient: Patient, tmp_path: Path) -> None:
    found = patient.findings(REDIS_URL=f"unix://{tmp_path}/nobody.sock")
    assert found["queue"][0]["level"] == "fail"
    assert found["migrations"][0]["level"] == "ok"


def test_a_role_for_backups_that_is_filtered_is_useless(patient: Patient) -> None:
    filtered = str(patient.settings.database_url)
    assert patient.level("backup role", BACKUP_DATABASE_URL=filtered) == "fail"


def test_a_schema_that_is_behind_is_said(patient: Patient) -> None:
    engine = migrating.owner(patient.settings)
    with engine.begin() as connection:
        (head,) = connection.execute(text("SELECT version_num FROM alembic_version")).one()
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        finding = patient.findings()["migrations"][0]
    finally:
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": head})
    assert (finding["level"], finding["do"]) == ("fail", "Run `coach migrate`.")


@pytest.mark.parametrize(
    ("about", "differing"),
    [
        ("redirect address", {"WHOOP_REDIRECT_URI": "https://elsewhere.example/cabinet"}),
        ("redirect address", {"WHOOP_REDIRECT_URI": "http://localhost/not-a-page"}),
        ("scopes", {"WHOOP_SCOPE": "read:recovery"}),
        ("mail", {"MAIL_URL": "smtp://127.0.0.1:1?tls=0"}),
        ("settings", {"ENVIRONMENT": "production", "SECRET_KEY": ""}),
    ],
)
def test_a_wrong_setting_fails(patient: Patient, about: str, differing: dict[str, str]) -> None:
    assert patient.level(about, **differing) == "fail"


def test_whoop_switched_off_is_no_failure(patient: Patient) -> None:
    found = patient.findings(FEATURE_WHOOP_INTEGRATION="0")
    assert found["WHOOP"][0]["level"] == "ok"
    assert "scopes" not in found


def test_a_scheduler_that_kept_its_schedule_is_alive_and_a_late_one_is_not(
    patient: Patient,
) -> None:
    redis = Redis.from_url(str(patient.settings.redis_url))
    seconds = int(redis.time()[0])
    try:
        redis.zadd(SCHEDULED, {"sweep": seconds + 30})
        assert patient.level("scheduler") == "ok"
        redis.zadd(SCHEDULED, {"sweep": seconds - 600})
        assert patient.level("scheduler") == "fail"
    finally:
        redis.zrem(SCHEDULED, "sweep")
        redis.close()


def test_rows_that_do_not_open_are_named_by_their_ids_and_not_shown(patient: Patient) -> None:
    app = create_app(patient.settings)
    with app.app_context():
        user_id = committed_cast().bea.user_id
    close(app)
    stranger = Sealer([LocalKey(parse_key(new_key()))])
    sealed = stranger.seal("CANARY", place=f"mfa/{user_id}/secret")
    engine = migrating.owner(patient.settings)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO mfa (user_id, secret) VALUES (:user, :sealed)"),
            {"user": user_id, "sealed": sealed},
        )
    try:
        lines = patient.findings()["sealed rows"]
    finally:
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM mfa WHERE user_id = :user"), {"user": user_id})
    assert lines[0]["says"] == f"does not open: mfa.secret mfa/{user_id}/secret"
    assert sealed not in json.dumps(lines)


def test_a_key_that_is_missing_is_named(patient: Patient) -> None:
    other = LocalKey(parse_key(new_key())).id
    engine = migrating.owner(patient.settings)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO sealing_keys (key_id) VALUES (:it)"), {"it": other})
    try:
        finding = patient.findings()["keys"][0]
    finally:
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM sealing_keys WHERE key_id = :it"), {"it": other})
    assert finding["level"] == "fail"
    assert other in finding["says"]


def test_a_mail_server_that_answers_is_enough(patient: Patient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=greet, args=(server,))
        thread.start()
        port = server.getsockname()[1]
        assert patient.level("mail", MAIL_URL=f"smtp://127.0.0.1:{port}?tls=0") == "ok"
        thread.join()


def greet(server: socket.socket) -> None:
    """Be a mail server for the length of one greeting."""
    peer, _ = server.accept()
    with peer, peer.makefile("rwb") as lines:
        lines.write(b"220 here\r\n")
        lines.flush()
        while line := lines.readline():
            lines.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 yes\r\n")
            lines.flush()


def test_members_at_the_cap_are_a_warning(patient: Patient) -> None:
    app = create_app(patient.settings)
    with app.app_context():
        app_id = installation_app()
        db.session.execute(
            text(
                "INSERT INTO whoop_links"
                " (whoop_app_id, external_user_id, organisation_id, integration_id)"
                " VALUES (:app, 'a', :other, :other)"
            ),
            {"app": app_id, "other": uuid4()},
        )
        db.session.commit()
    close(app)
    assert patient.level("members installation", WHOOP_MEMBER_CAP="1") == "warn"
    assert patient.level("members installation", WHOOP_MEMBER_CAP="0") == "ok"


@pytest.mark.parametrize(("per_day", "level"), [(1000, "ok"), (100_000, "warn")])
def test_an_own_app_is_held_against_its_own_limit(
    patient: Patient, per_day: int, level: str
) -> None:
    app = create_app(patient.settings)
    with app.app_context():
        own = WhoopApp(id=new_id(), slug="own", client_id="own", per_minute=100, per_day=per_day)
        own.organisation_id = committed_cast().olga.organisation_id
        db.session.add(own)
        db.session.flush()
        used = {str(int(time.time()) // 60): 100 if level == "ok" else 85_000}
        db.session.add(QuotaLedger(whoop_app_id=own.id, minutes=used))
        db.session.commit()
        try:
            assert {each["level"] for each in patient.findings()["quota own"]} == {"ok", level}
        finally:
            db.session.delete(own)
            db.session.commit()
            db.session.remove()
    close(app)


@pytest.mark.slow
def test_with_every_process_running_nothing_fails(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with spare_database(settings, tmp_path_factory.mktemp("home")) as own:
        migrating.upgrade(own)
        environment = environment_of(own)
        stage = Stage(own.coach_home, {**os.environ, **environment})
        patient = Patient(own, environment)
        try:
            stage.start("worker")
            stage.start("scheduler")
            wait_until(lambda: bool(patient.findings()) and patient.code == 0, 60, "a clean bill")
        finally:
            stage.close()
