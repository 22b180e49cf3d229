"""What an operator can mend is one plain message and exit code 1, before anything is served."""

import pytest

from coach.database.walls import APP_ROLE
from tests.processes.stage import Stage, free_port

SERVICES = (("web",), ("worker",), ("worker", "sync"), ("scheduler",))


def ends(stage: Stage, **differing: str) -> list[tuple[int, str]]:
    """Start every service in a differing environment; how each ended, and what it said."""
    started = [stage.start(*words, **differing) for words in SERVICES]
    return [(program.wait(), program.said) for program in started]


def test_no_service_starts_without_its_database(stage: Stage) -> None:
    away = f"postgresql://{APP_ROLE}:secret-word@127.0.0.1:{free_port()}/coach"
    for code, said in ends(stage, DATABASE_URL=away):
        assert code == 1
        assert said.startswith("The database is not reachable:")
        assert "Check DATABASE_URL." in said
        assert "Traceback" not in said
        assert "secret-word" not in said


def test_no_service_starts_without_its_queue(stage: Stage) -> None:
    for code, said in ends(stage, REDIS_URL=f"redis://:secret-word@127.0.0.1:{free_port()}/0"):
        assert code == 1
        assert said.startswith("The queue is not reachable:")
        assert "Check REDIS_URL." in said
        assert "Traceback" not in said
        assert "secret-word" not in said


def test_no_service_works_with_a_role_that_the_walls_do_not_hold(stage: Stage) -> None:
    strong = stage.environment["MIGRATION_DATABASE_URL"]
    for code, said in ends(stage, DATABASE_URL=strong):
        assert code == 1
        assert f"Use the role {APP_ROLE}" in said
        assert "Traceback" not in said


def test_an_empty_database_is_refused_with_what_to_do(stage: Stage) -> None:
    empty = stage.environment["DATABASE_URL"].replace("/coach?", "/postgres?")
    assert empty != stage.environment["DATABASE_URL"]
    code, said = stage.run("scheduler", DATABASE_URL=empty)
    assert (code, said) == (1, "The database is empty. `coach migrate` makes its tables.\n")


@pytest.mark.parametrize("service", ["web", "worker", "scheduler", "simulator", "migrate"])
def test_wrong_settings_are_all_named_at_once(stage: Stage, service: str) -> None:
    code, said = stage.run(
        service, ENVIRONMENT="production", SECRET_KEY="", PORT="many", BASE_URL="nowhere"
    )
    assert code == 1
    assert "Traceback" not in said
    assert all(name in said for name in ("SECRET_KEY", "ENCRYPTION_KEYS", "PORT", "BASE_URL"))


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
