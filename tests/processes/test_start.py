"""What an operator can mend is one plain message and exit code 1, before anything is served."""

import os
from collections.abc import Sequence

import pytest
from click.testing import CliRunner

from coach.__main__ import coach
from coach.database.walls import APP_ROLE
from config import SettingsError
from tests.processes.stage import Stage, free_port

SERVICES = (("web",), ("worker",), ("worker", "sync"), ("scheduler",))
# All of them ask for what they need in one place, so that one of them tells of the others.
ONE_OR_ALL = [SERVICES[:1], pytest.param(SERVICES[1:], marks=pytest.mark.slow)]
WRONG = {"ENVIRONMENT": "production", "SECRET_KEY": "", "PORT": "many", "BASE_URL": "nowhere"}


def ends(
    stage: Stage, services: Sequence[tuple[str, ...]], **differing: str
) -> list[tuple[int, str]]:
    """Start services in a differing environment; how each ended, and what it said."""
    started = [stage.start(*words, **differing) for words in services]
    return [(program.wait(), program.said) for program in started]


def names_all_that_is_wrong(said: str) -> bool:
    return all(name in said for name in ("SECRET_KEY", "ENCRYPTION_KEYS", "PORT", "BASE_URL"))


@pytest.mark.parametrize("services", ONE_OR_ALL)
def test_no_service_starts_without_its_database(
    stage: Stage, services: Sequence[tuple[str, ...]]
) -> None:
    away = f"postgresql://{APP_ROLE}:secret-word@127.0.0.1:{free_port()}/coach"
    for code, said in ends(stage, services, DATABASE_URL=away):
        assert code == 1
        assert said.startswith("The database is not reachable:")
        assert "Check DATABASE_URL." in said
        assert "Traceback" not in said
        assert "secret-word" not in said


@pytest.mark.parametrize("services", ONE_OR_ALL)
def test_no_service_starts_without_its_queue(
    stage: Stage, services: Sequence[tuple[str, ...]]
) -> None:
    away = f"redis://:secret-word@127.0.0.1:{free_port()}/0"
    for code, said in ends(stage, services, REDIS_URL=away):
        assert code == 1
        assert said.startswith("The queue is not reachable:")
        assert "Check REDIS_URL." in said
        assert "Traceback" not in said
        assert "secret-word" not in said


@pytest.mark.parametrize("services", ONE_OR_ALL)
def test_no_service_works_with_a_role_that_the_walls_do_not_hold(
    stage: Stage, services: Sequence[tuple[str, ...]]
) -> None:
    strong = stage.environment["MIGRATION_DATABASE_URL"]
    for code, said in ends(stage, services, DATABASE_URL=strong):
        assert code == 1
        assert f"Use the role {APP_ROLE}" in said
        assert "Traceback" not in said


def test_an_empty_database_is_refused_with_what_to_do(stage: Stage) -> None:
    empty = stage.environment["DATABASE_URL"].replace("/coach?", "/postgres?")
    assert empty != stage.environment["DATABASE_URL"]
    code, said = stage.run("scheduler", DATABASE_URL=empty)
    assert (code, said) == (1, "The database is empty. `coach migrate` makes its tables.\n")


def test_wrong_settings_are_all_named_at_once(stage: Stage) -> None:
    code, said = stage.run("web", **WRONG)
    assert code == 1
    assert "Traceback" not in said
    assert names_all_that_is_wrong(said)


@pytest.mark.parametrize("service", ["web", "worker", "scheduler", "simulator", "migrate"])
def test_every_command_looks_at_its_settings_first(
    monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    for name in os.environ:
        monkeypatch.delenv(name)
    refused = CliRunner().invoke(coach, [service], env=WRONG).exception
    assert isinstance(refused, SettingsError)
    assert names_all_that_is_wrong(str(refused))


def test_the_simulated_whoop_refuses_production(stage: Stage) -> None:
    code, said = stage.run(
        "simulator",
        ENVIRONMENT="production",
        ENCRYPTION_KEYS="A" * 43 + "=",
        BASE_URL="https://coach.example.org",
    )
    assert code == 1
    assert "ENVIRONMENT=production" in said
    assert "Traceback" not in said
