"""A wait for a server that stands still ends; one for a server that works on goes on."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from coach.database import silence
from config import Settings


@pytest.fixture
def engine(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(silence, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(silence, "LOOK_EVERY_SECONDS", 0.1)
    silence.watch_of.cache_clear()  # so that its thread looks as often
    made = create_engine(str(settings.database_url))
    silence.give_up_the_silent(made)
    yield made
    made.dispose()
    silence.watch_of.cache_clear()


def test_a_statement_may_last_while_its_server_answers_others(engine: Engine) -> None:
    with engine.begin() as connection:
        assert connection.execute(text("SELECT 1 FROM pg_sleep(1)")).scalar_one() == 1


def test_who_waits_for_a_server_that_answers_nobody_gets_an_error_and_can_go_on(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "answers", lambda _connection: False)
    began = time.monotonic()
    with pytest.raises(OperationalError) as error, engine.begin() as connection:
        connection.execute(text("SELECT pg_sleep(30)"))
    assert error.value.connection_invalidated
    assert time.monotonic() - began < 30
    with engine.begin() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
