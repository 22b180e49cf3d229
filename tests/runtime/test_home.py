"""Many commands, one home."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from coach.runtime import home as home_module
from coach.runtime.errors import CannotStart
from coach.runtime.home import open_home, secret
from coach.runtime.postgres import for_libpq
from tests.runtime.conftest import ROOT, OtherCommand, processes_about, wait_until


def test_a_second_command_attaches_and_leaves_the_servers_running(home: Path) -> None:
    with open_home(home, postgres=True, valkey=True) as services:
        other = OtherCommand(home)
        assert other.role == "attached"
        other.leave()
        assert services.database_url
        with psycopg.connect(for_libpq(services.database_url)) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_both_get_the_same_urls(home: Path) -> None:
    owner = OtherCommand(home)
    assert owner.role == "owner"
    with (
        open_home(home, postgres=True, valkey=True) as first,
        open_home(home, postgres=True, valkey=True) as second,
    ):
        assert first == second
        assert not first.owner
    owner.leave()


def test_of_many_that_start_at_once_one_owns_the_home(home: Path) -> None:
    commands = [OtherCommand(home) for _ in range(4)]
    assert sorted(command.role for command in commands) == ["attached"] * 3 + ["owner"]
    for command in commands:
        command.leave()
    assert processes_about(home) == []


def test_after_kill_9_of_the_owner_nothing_runs_and_nothing_is_lost(home: Path) -> None:
    with open_home(home, postgres=True, valkey=True):
        pass
    owner = OtherCommand(home)
    assert owner.role == "owner"
    with open_home(home, postgres=True, valkey=True) as services:
        assert services.migration_url
        with psycopg.connect(for_libpq(services.migration_url)) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 'yes' AS word")
    owner.kill()
    wait_until(lambda: processes_about(home) == [])
    with open_home(home, postgres=True, valkey=True) as services:
        assert services.owner
        assert services.migration_url
        with psycopg.connect(for_libpq(services.migration_url)) as connection:
            assert connection.execute("SELECT word FROM kept").fetchone() == ("yes",)


def test_whoever_comes_right_after_kill_9_of_the_owner_is_the_next(home: Path) -> None:
    for _ in range(3):
        owner = OtherCommand(home)
        assert owner.role == "owner"
        owner.kill()


def test_a_fork_that_outlives_the_owner_holds_nothing(home: Path) -> None:
    owner = OtherCommand(home, "fork", "valkey-only")
    assert owner.role == "owner"
    forks = [pid for pid in processes_about(home) if pid != owner.process.pid]
    owner.process.kill()
    owner.process.wait()
    with open_home(home, postgres=False, valkey=True) as services:
        assert services.owner
        assert set(forks) & set(processes_about(home))  # the fork lives, the old server does not
        owner.process.communicate()
        wait_until(lambda: not set(forks) & set(processes_about(home)))
        assert (home / "runtime.json").exists()


def test_a_command_that_finds_less_than_it_needs_says_so(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home_module, "PATIENCE", 0.1)
    owner = OtherCommand(home, "valkey-only")
    assert owner.role == "owner"
    with (
        pytest.raises(CannotStart, match="offers no PostgreSQL and Valkey within"),
        open_home(home, postgres=True, valkey=True),
    ):
        pass
    owner.leave()


def test_a_home_that_exists_keeps_its_mode(home: Path) -> None:
    home.mkdir(mode=0o750)
    with open_home(home, postgres=False, valkey=True):
        assert stat.S_IMODE(home.stat().st_mode) == 0o750


@pytest.mark.skipif(ROOT, reason="root may enter everywhere")
def test_the_home_of_somebody_else_is_refused() -> None:
    with (
        pytest.raises(CannotStart, match="another user"),
        open_home(Path("/"), postgres=False, valkey=True),
    ):
        pass


def test_a_secret_is_made_once_however_many_ask(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = set(pool.map(lambda _: secret(tmp_path, "session"), range(64)))
    assert len(answers) == 1
    assert [file.name for file in (tmp_path / "secrets").iterdir()] == ["session"]


def test_a_secret_is_long_and_for_its_user_only(tmp_path: Path) -> None:
    assert len(secret(tmp_path, "session")) == 43
    assert secret(tmp_path, "session") != secret(tmp_path, "tokens")
    assert (tmp_path / "secrets" / "session").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "secrets").stat().st_uid == os.geteuid()


@pytest.mark.parametrize("name", ["", "../key", "a/b", "A"])
def test_a_secret_has_a_plain_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        secret(tmp_path, name)
