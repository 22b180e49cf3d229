"""A small population: all of it is there, it lives, and the coach's pages show it."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from benchmarks.installation import application
from benchmarks.population.home import populated
from benchmarks.population.making import PASSWORD
from benchmarks.population.size import Size
from coach.extensions import db
from tests.cast import Somebody
from tests.critic import Critic
from tests.processes.stage import Stage

SMALL = Size(organisations=3, clients=60, days=100, large=30, usual=10)
KEYS = "SELECT count(*) FROM pg_constraint WHERE contype IN ('p', 'f') AND conrelid = 'daily_logs'::regclass"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with populated(SMALL) as made:
        yield made


def test_a_scale_of_the_environment_keeps_the_large_roster_within_half_of_everybody() -> None:
    assert Size.of_environment({}) == Size()
    tenth = Size.of_environment({"ORGANISATIONS": "20", "CLIENTS": "400"})
    assert (tenth.organisations, tenth.large, tenth.days) == (20, 200, 730)


def test_everybody_has_days_readings_and_insights_behind_the_keys_of_the_schema(
    stage: Stage,
) -> None:
    engine = create_engine(stage.environment["MIGRATION_DATABASE_URL"])
    with engine.connect() as connection:

        def count(query: str) -> int:
            return int(connection.scalar(text(query)) or 0)

        days = count("SELECT count(*) FROM daily_logs")
        assert 0.93 * 60 * 100 < days <= 60 * 100
        assert count("SELECT count(*) FROM day_readings WHERE source = 'whoop'") == days
        assert count("SELECT count(DISTINCT client_id) FROM insights") == 60
        assert count("SELECT count(*) FROM coach_clients") == 60
        assert count(KEYS) == 2
        twice = text("INSERT INTO daily_logs SELECT * FROM daily_logs LIMIT 1")
        with pytest.raises(IntegrityError):
            connection.execute(twice)
    engine.dispose()


def test_a_coach_of_it_sees_a_roster_and_a_year(stage: Stage) -> None:
    app = application(stage)
    browser = Critic.of(app)
    browser.sign_in(
        cast("Somebody", SimpleNamespace(email="staff-0-1@population.example")), PASSWORD
    )
    roster = browser.get("/dashboard").text
    clients = re.findall(r'href="(/dashboard/clients/[0-9a-f-]{36})"', roster)
    assert len(clients) == 30
    assert re.search(r'class="state state--(attention|low_recovery|no_data)"', roster)
    page = browser.get(f"{clients[-1]}?days=365")
    assert page.status_code == 200
    assert "chart__bar" in page.text
    with app.app_context():
        db.engine.dispose()
