"""The drill: everything is lost, and comes back row by row."""

import shutil
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from redis import Redis

from coach.__main__ import coach
from coach.accounts.installation import known_keys
from coach.backup import archive
from coach.cli import Refused
from coach.keys.columns import SEALED, rows_of
from coach.sealing import LocalKey, Sealer, new_key, parse_key
from coach.work.dispatch import rq_queue
from coach.work.models import Queue
from tests.backup.conftest import Installation, Lived
from tests.critic import Critic
from tests.spare import environment_of, spare_database


def wreck(installation: Installation, lived: Lived) -> None:
    """Lose all people, and every file."""
    installation.tell("DELETE FROM users")
    installation.tell("DELETE FROM organisations")
    installation.tell("DELETE FROM whoop_apps")
    shutil.rmtree(lived.upload.parent)


def test_what_was_lost_comes_back_row_by_row(installation: Installation, lived: Lived) -> None:
    before = installation.contents()
    assert before["daily_logs"][0] != 0
    file = installation.backup()
    wreck(installation, lived)
    assert installation.contents() != before
    done = installation.restore(file)
    assert installation.contents() == before
    assert lived.upload.read_bytes() == b"an export of WHOOP"
    assert (done.files, done.tokens, done.erased_again) == (1, 1, 0)
    with installation.engine.connect() as connection:
        for column in SEALED:
            for row in (each for page in rows_of(connection, column) for each in page):
                for value in column.values_in(row["stored"]):
                    installation.settings.sealer.open(value, place=column.place_of(row))
    with installation.running() as app:
        page = Critic.of(app).sign_in(lived.cast.ann).get("/account")
        assert page.status_code == 200
        assert lived.cast.ann.email in page.text


def test_a_backup_is_taken_while_people_write_and_is_of_one_moment(
    installation: Installation, lived: Lived
) -> None:
    with installation.running() as app:
        browser = Critic.of(app).sign_in(lived.cast.ann)
        file = installation.backup()
        assert browser.get("/account").status_code == 200
    with archive.opened(file) as (_, about):
        assert about.rows["clients"] == 3
        assert about.keys == (installation.settings.sealer.newest,)


def test_the_file_holds_no_key_and_is_ours_alone(installation: Installation, lived: Lived) -> None:
    (lived.upload.parent.parent / "secrets").mkdir()
    (lived.upload.parent.parent / "secrets" / "encryption_key").write_text("CANARY")
    file = installation.backup()
    assert file.stat().st_mode & 0o777 == 0o600
    with tarfile.open(file) as tar:
        assert {"backup.json", "database.dump", "files/uploads/an.upload"} <= set(tar.getnames())
        assert not [name for name in tar.getnames() if "secret" in name]
    whole = file.read_bytes()
    assert b"CANARY" not in whole
    assert str(installation.settings.encryption_keys).encode() not in whole
    assert not list(installation.folder.glob(".*.new"))


def test_people_who_are_there_are_replaced_only_when_that_is_said(
    installation: Installation, lived: Lived
) -> None:
    file = installation.backup()
    before = installation.contents()
    with pytest.raises(Refused, match="--replace"):
        installation.restore(file, replace=False)
    assert installation.contents() == before
    assert lived.upload.exists()


@pytest.mark.usefixtures("lived")
def test_nothing_is_restored_below_processes_that_run(installation: Installation) -> None:
    file = installation.backup()
    with installation.inside():
        known_keys()  # connects
        with pytest.raises(Refused, match="Stop these processes"):
            installation.restore(file)


@pytest.mark.usefixtures("lived")
def test_a_dump_that_is_broken_leaves_what_was_there(installation: Installation) -> None:
    file = installation.backup()
    before = installation.contents()
    with archive.opened(file) as (_, about):
        half = installation.folder / "half.dump"
        half.write_bytes(b"PGDMP and then nothing")
        archive.pack(installation.folder / "broken.backup", about, half, installation.folder)
    with pytest.raises(Refused, match="pg_restore failed"):
        installation.restore(installation.folder / "broken.backup")
    assert installation.contents() == before


@pytest.mark.usefixtures("lived")
def test_a_file_that_is_no_backup_is_refused(installation: Installation) -> None:
    stranger = installation.folder / "stranger.tar"
    stranger.write_bytes(b"no archive at all")
    with pytest.raises(Refused, match="no backup"):
        installation.restore(stranger)
    with tarfile.open(stranger, "w") as tar:
        tar.add(__file__, arcname="backup.json")
    with pytest.raises(Refused, match="no backup"):
        installation.restore(stranger)


@pytest.mark.usefixtures("lived")
def test_keys_that_are_missing_are_named_before_anything_is_touched(
    installation: Installation,
) -> None:
    file = installation.backup()
    other = new_key()
    installation.settings.__dict__["sealer"] = Sealer([LocalKey(parse_key(other))])
    before = installation.contents()
    with pytest.raises(Refused, match="keys that are missing"):
        installation.restore(file)
    assert installation.contents() == before


@pytest.mark.usefixtures("lived")
def test_work_that_was_under_way_waits_again_and_old_jobs_are_dropped(
    installation: Installation,
) -> None:
    installation.tell("UPDATE work SET state = 'running', lease_until = now(), finished_at = NULL")
    file = installation.backup()
    redis = Redis.from_url(str(installation.settings.redis_url))
    rq_queue(redis, Queue.UPKEEP).enqueue("nobody.knows", job_id="stale")
    done = installation.restore(file)
    assert done.queue_emptied
    assert rq_queue(redis, Queue.UPKEEP).get_job_ids() == []
    assert installation.ask("SELECT DISTINCT state FROM work") == [("waiting",)]
    assert installation.ask("SELECT count(*) FROM user_sessions") == [(0,)]
    redis.close()


def test_the_commands_do_the_same_into_an_empty_database(
    installation: Installation, lived: Lived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment_of(installation.settings).items():
        monkeypatch.setenv(name, value)
    made = CliRunner().invoke(coach, ["backup", str(tmp_path / "it")], catch_exceptions=False)
    assert "revision=" in made.output
    twice = CliRunner().invoke(coach, ["backup", str(tmp_path / "it")])
    assert twice.exit_code == 1
    empty = tmp_path / "empty"
    with spare_database(installation.settings, empty) as target:
        for name, value in environment_of(target).items():
            monkeypatch.setenv(name, value)
        done = CliRunner().invoke(coach, ["restore", str(tmp_path / "it")], catch_exceptions=False)
        assert "tokens_tried_once=1" in done.output
        assert Installation(target, tmp_path, installation.whoop).contents() == (
            installation.contents()
        )
    assert (empty / "uploads" / lived.upload.name).exists()


@pytest.mark.usefixtures("lived")
def test_a_folder_that_is_not_there_is_said_in_a_sentence(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment_of(installation.settings).items():
        monkeypatch.setenv(name, value)
    asked = CliRunner().invoke(coach, ["backup", str(tmp_path / "none" / "it")])
    assert asked.exit_code == 1
    assert asked.output.splitlines() == [
        f"Error: {tmp_path}/none is no folder that we may write into."
    ]
