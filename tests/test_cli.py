"""The data commands, run as an operator runs them, on a real PostgreSQL and a simulated WHOOP."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from pydantic import SecretStr

from coach import migrating
from coach.__main__ import coach
from coach.database.tenancy import acting_for
from coach.days.metrics import METRICS
from coach.days.models import DailyLog
from coach.extensions import db
from tests.cast import Cast, Somebody
from tests.critic import Critic
from tests.csv_import.uploader import CYCLES, FIRST, SECOND, SLEEPS, zipped
from tests.factories import export
from tests.factories.export import C26, S18
from tests.whoop.conftest import Linker, linked_app, linker, whoop

__all__ = ["linked_app", "linker", "whoop"]

Run = Callable[..., Result]


def environment(app: Flask, **more: str) -> Mapping[str, str]:
    """Write the settings of an application as an operator would."""
    told = app.config["SETTINGS"].model_dump(exclude_none=True, exclude_defaults=True)
    texts = {
        name.upper(): it.get_secret_value() if isinstance(it, SecretStr) else str(it)
        for name, it in told.items()
    }
    return texts | {"ENVIRONMENT": "test"} | more


@pytest.fixture
def run(linked_app: Flask) -> Run:
    def invoke(*words: object, **more: str) -> Result:
        given = [str(word) for word in words]
        return CliRunner().invoke(coach, given, env=environment(linked_app, **more))

    return invoke


def days(app: Flask, who: Somebody) -> list[tuple[object, ...]]:
    """Give everything a client's days hold."""
    names = ("date", *METRICS, "source", "sources", "doubtful", "calibrating", "state", "version")
    with app.app_context(), acting_for(who.organisation_id):
        mine = db.select(DailyLog).where(DailyLog.client_id == who.client_id)
        logs = db.session.scalars(mine.order_by(DailyLog.date)).all()
        return [tuple(getattr(log, name) for name in names) for log in logs]


@pytest.fixture
def whole(linker: Linker, cast: Cast, run: Run, tmp_path: Path) -> Linker:
    """Bea has days of all three sources."""
    linker.link(cast.bea, "mara")
    linker.work(cast.bea.organisation_id)
    (tmp_path / "export.zip").write_bytes(zipped())
    assert run("import", cast.bea.client_id, tmp_path / "export.zip").exit_code == 0
    browser = Critic.of(linker.app).sign_in(cast.bea)
    for name, value in (("hrv", "88"), ("mood", "7")):
        assert browser.type_value(f"/cabinet/days/{FIRST}", name, value).status_code == 303
    return linker


def test_rebuild_derives_the_same_rows_without_a_call(whole: Linker, cast: Cast, run: Run) -> None:
    before, calls = days(whole.app, cast.bea), len(whole.whoop.calls)
    assert len(before) > 25
    done = run("rebuild", cast.bea.client_id)
    told = f"client_id={cast.bea.client_id}\ndays_changed=0\ninsights="
    assert done.output.startswith(told)
    assert days(whole.app, cast.bea) == before
    assert len(whole.whoop.calls) == calls


def test_rebuild_brings_back_days_that_were_lost(whole: Linker, cast: Cast, run: Run) -> None:
    before = days(whole.app, cast.bea)
    with whole.app.app_context(), acting_for(cast.bea.organisation_id):
        db.session.execute(db.delete(DailyLog).where(DailyLog.client_id == cast.bea.client_id))
        db.session.commit()
    assert run("rebuild", cast.bea.client_id).exit_code == 0
    without_version = [row[:-1] for row in before]
    assert [row[:-1] for row in days(whole.app, cast.bea)] == without_version


@pytest.fixture
def alone(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep commands that take everybody away from the people of other tests."""
    find = migrating.clients_of_all
    mine = {cast.bea.client_id, cast.carl.client_id, cast.xenia.client_id}
    monkeypatch.setattr(
        migrating, "clients_of_all", lambda settings: [it for it in find(settings) if it in mine]
    )


@pytest.mark.usefixtures("alone")
def test_rebuild_without_names_takes_everybody(whole: Linker, cast: Cast, run: Run) -> None:
    done = run("rebuild")
    assert done.exit_code == 0, done.output
    for who in (cast.bea, cast.carl, cast.xenia):
        assert f"client_id={who.client_id}\n" in done.output
    assert whole.whoop.calls


def test_import_reads_several_files_and_reports_as_json(
    app: Flask, cast: Cast, run: Run, tmp_path: Path
) -> None:
    cycles, sleeps = tmp_path / "physiological_cycles.csv", tmp_path / "sleeps.csv"
    cycles.write_text(export.text(C26, CYCLES))
    sleeps.write_text(export.text(S18, SLEEPS))
    done = run("import", cast.carl.client_id, cycles, sleeps, "--json")
    report = json.loads(done.output)
    assert (report["state"], report["rows"], report["problems"]) == ("done", 5, [])
    found = {name: each["new"] for name, each in report["files"].items()}
    assert found == {"physiological_cycles.csv": 2, "sleeps.csv": 3}
    assert [row[0] for row in days(app, cast.carl)] == [FIRST, SECOND]


def test_import_says_in_lines_what_came_of_it(cast: Cast, run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(zipped())
    done = run("import", cast.carl.client_id, tmp_path / "x.zip")
    assert "state=done\n" in done.output
    counted = "sleeps.csv: new=3 changed=0 unchanged=0 repeated=0 refused=0"
    assert f"{counted} kind=sleep language=en generation=S18\n" in done.output
    assert "problem:" not in done.output


def test_import_says_in_lines_what_could_not_be_read_and_not_what_stood_there(
    cast: Cast, run: Run, tmp_path: Path
) -> None:
    spoiled = [CYCLES[0], {**CYCLES[1], "Cycle start time": "yesterday"}]
    (tmp_path / "days.csv").write_text(export.text(C26, spoiled))
    done = run("import", cast.carl.client_id, tmp_path / "days.csv")
    where = 'file="days.csv" line=3 column="Cycle start time"'
    assert f'problem: {where} value_class="text" reason="not_a_time"' in done.output
    assert "yesterday" not in done.output


def test_import_refuses_another_file_with_a_code(
    app: Flask, cast: Cast, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    done = run("import", cast.carl.client_id, tmp_path / "x.csv")
    assert done.exit_code == 1
    assert "refusal=not_an_export" in done.output
    assert "reason=This is not WHOOP's data export." in done.output
    (tmp_path / "x.csv").write_text("")
    nothing = run("import", cast.carl.client_id, tmp_path / "x.csv")
    assert nothing.exit_code == 1
    assert "nothing in these files" in nothing.output
    assert days(app, cast.carl) == []


@pytest.mark.parametrize("command", ["sync", "rebuild"])
def test_an_unknown_client_is_refused(run: Run, command: str) -> None:
    unknown = uuid4()
    done = run(command, unknown)
    assert done.exit_code == 1
    assert f"There is no client {unknown}" in done.output


def test_sync_makes_work_for_the_workers(linker: Linker, cast: Cast, run: Run) -> None:
    linker.link(cast.bea, "noah")
    calls = len(linker.whoop.calls)
    done = run("sync", cast.bea.client_id)
    assert done.output.startswith(f"client_id={cast.bea.client_id}\nwork_id=")
    assert len(linker.whoop.calls) == calls
    assert linker.work(cast.bea.organisation_id) == 1  # joined the first sync's


def test_sync_now_syncs_in_the_foreground(linker: Linker, cast: Cast, run: Run) -> None:
    linker.link(cast.bea, "ada")
    done = run("sync", cast.bea.client_id, "--now")
    assert "work=done\nstatus=active\n" in done.output
    assert len(days(linker.app, cast.bea)) > 25
    calls = len(linker.whoop.calls)
    linker.work(cast.bea.organisation_id)
    assert len(linker.whoop.calls) == calls, "no sync is left for the workers"


@pytest.mark.usefixtures("alone")
def test_sync_without_names_takes_whoever_is_linked(linker: Linker, cast: Cast, run: Run) -> None:
    linker.link(cast.xenia, "walter")
    done = run("sync")
    assert f"client_id={cast.xenia.client_id}\n" in done.output
    assert str(cast.carl.client_id) not in done.output


def test_sync_of_somebody_who_is_not_linked_says_so(cast: Cast, run: Run) -> None:
    done = run("sync", cast.carl.client_id)
    assert done.exit_code == 1
    assert "is not linked to WHOOP" in done.output


def test_sync_while_whoop_is_switched_off_says_so(cast: Cast, run: Run) -> None:
    done = run("sync", cast.bea.client_id, FEATURE_WHOOP_INTEGRATION="0")
    assert done.exit_code == 1
    assert "WHOOP is switched off" in done.output


def test_a_coach_of_another_organisation_cannot_be_assigned(run: Run, cast: Cast) -> None:
    answer = run("assign", cast.bea.client_id, cast.yan.email)
    assert answer.exit_code == 1
    assert "is no coach or owner" in answer.output
