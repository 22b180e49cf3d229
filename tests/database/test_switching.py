"""Few connections, many organisations in turn, and every way a transaction can end: never a mix."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, create_engine, select, text
from sqlalchemy.exc import DBAPIError

from coach.accounts.models import Client
from coach.database import pooling, tenancy
from coach.database.tenancy import acting_for
from config import Settings
from tests.cast import Cast

THREADS, CONNECTIONS = 8, 2
SEEN = select(Client.organisation_id)


class GivenUp(Exception):
    """What a request is ended by in the middle."""


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    made = create_engine(
        str(settings.database_url), pool_size=CONNECTIONS, max_overflow=0, pool_timeout=120
    )
    pooling.ask_the_idle(made)
    tenancy.guard(made)
    yield made
    made.dispose()


def _rolls_back(connection: Connection) -> None:
    connection.rollback()


def _fails(connection: Connection) -> None:
    with pytest.raises(DBAPIError):
        connection.execute(text("SELECT 1 / 0"))


def _is_too_slow(connection: Connection) -> None:
    connection.execute(text("SET LOCAL statement_timeout = 1"))
    with pytest.raises(DBAPIError):
        connection.execute(text("SELECT pg_sleep(1)"))


def _saves_and_returns(connection: Connection) -> None:
    point = connection.begin_nested()
    connection.execute(SEEN)
    point.rollback()


def _commits(connection: Connection) -> None:
    connection.commit()


def _is_given_up(_connection: Connection) -> None:
    raise GivenUp


ENDS: tuple[Callable[[Connection], None], ...] = (
    *(_commits, _commits, _commits, _rolls_back, _fails, _saves_and_returns, _is_given_up),
    _is_too_slow,
)


@pytest.mark.parametrize(
    "switches",
    [2_000, pytest.param(100_000, marks=[pytest.mark.slow, pytest.mark.timeout(1_800)])],
)
def test_no_transaction_sees_another_organisations_rows(
    engine: Engine, cast: Cast, switches: int, record_property: Callable[[str, object], None]
) -> None:
    homes = [cast.ann.organisation_id, cast.zoe.organisation_id, None]

    def work(seed: int) -> int:
        chance = random.Random(seed)  # noqa: S311  # repeatable, no secret
        return sum(
            _mixed(engine, chance.choice(homes), chance.choice(ENDS))
            for _ in range(switches // THREADS)
        )

    with ThreadPoolExecutor(THREADS) as threads:
        wrong = sum(threads.map(work, range(THREADS)))
    record_property("walls", {"switches": switches, "mixed up": wrong})
    assert wrong == 0


def _mixed(engine: Engine, home: UUID | None, end: Callable[[Connection], None]) -> bool:
    """Tell whether a transaction for one organisation (or nobody) sees anything but its own."""
    try:
        with acting_for(home), engine.connect() as connection:
            seen = set(connection.scalars(SEEN))
            end(connection)
    except GivenUp:
        pass
    return seen != ({home} if home else set())
