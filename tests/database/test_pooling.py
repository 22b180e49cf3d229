"""A connection that died while nobody used it is never handed out; one just used is not asked."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text

from coach.database import pooling
from config import Settings


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    made = create_engine(str(settings.database_url), pool_size=2)
    pooling.ask_the_idle(made)
    yield made
    made.dispose()


@pytest.fixture
def asked(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Note which connections were asked whether they live."""
    seen: list[object] = []
    ping = engine.dialect.do_ping

    def note(connection: object) -> bool:
        seen.append(connection)
        return ping(connection)  # type: ignore[arg-type]  # what the pool holds

    monkeypatch.setattr(engine.dialect, "do_ping", note)
    return seen


def backend(engine: Engine) -> int:
    with engine.begin() as connection:
        return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def end(engine: Engine, pid: int) -> None:
    other = create_engine(engine.url)
    with other.begin() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    other.dispose()


def test_a_connection_in_use_all_the_time_is_not_asked(engine: Engine, asked: list[object]) -> None:
    assert backend(engine) == backend(engine)
    assert asked == []


def test_one_that_died_while_idle_is_replaced(
    engine: Engine, asked: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pooling, "IDLE_SECONDS", 0.0)
    died = backend(engine)
    end(engine, died)
    assert backend(engine) != died
    assert len(asked) == 1
