"""One refresh for everybody, whatever ends, hangs or lies in between; nothing is spent twice."""

import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat

import pytest
from flask import Flask
from sqlalchemy import Connection, Update
from sqlalchemy.exc import OperationalError

from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.whoop.apps import App
from coach.whoop.errors import MustReconnect, TokenRefused, Unavailable
from coach.whoop.grant import app_health, keeping, spilling, tries
from coach.whoop.grant.oauth import Tokens
from coach.whoop.grant.vault import Columns, Held, Vault
from coach.whoop.grant.verdicts import Outcome
from coach.work import clock
from tests.cast import Cast
from tests.whoop.granting import ENDED, Given, Killed, TokenEndpoint, give

KEEPERS = 8
A_MOMENT = timedelta(minutes=3)


@pytest.fixture
def given(app: Flask, cast: Cast) -> Given:
    return give(app, cast.bea, lives=ENDED)


@pytest.fixture
def whoop_tokens(monkeypatch: pytest.MonkeyPatch) -> TokenEndpoint:
    endpoint = TokenEndpoint("refresh-0")
    monkeypatch.setattr(keeping, "ask_for_tokens", endpoint)
    return endpoint


def _at_once(given: Given) -> set[str]:
    start = threading.Barrier(KEEPERS)

    def one(_: int) -> str:
        start.wait()
        return given.access_token()

    with ThreadPoolExecutor(KEEPERS) as pool:
        return set(pool.map(one, range(KEEPERS)))


def _rounds(given: Given, endpoint: TokenEndpoint, rounds: int) -> None:
    for number in range(1, rounds + 1):
        given.expire()
        assert _at_once(given) == {given.stored()}
        assert (endpoint.calls, endpoint.reused) == (number, 0)
    assert endpoint.alive


def test_eight_at_once_refresh_once(given: Given, whoop_tokens: TokenEndpoint) -> None:
    whoop_tokens.takes = 0.02
    _rounds(given, whoop_tokens, 5)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_eight_at_once_refresh_once_a_thousand_times(
    given: Given, whoop_tokens: TokenEndpoint
) -> None:
    whoop_tokens.takes = 0.02
    _rounds(given, whoop_tokens, 1000)


def test_who_waits_for_a_slow_refresh_gives_up_without_asking(
    given: Given, whoop_tokens: TokenEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "LIMITS", db.text("SET LOCAL lock_timeout = '100ms'"))
    asked, may_answer = threading.Event(), threading.Event()

    def slowly(refresh: str, app: App) -> Tokens:
        asked.set()
        may_answer.wait()
        return whoop_tokens(refresh, app)

    monkeypatch.setattr(keeping, "ask_for_tokens", slowly)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(given.access_token)
        asked.wait()
        try:
            with pytest.raises(Unavailable):
                given.access_token()
        finally:
            may_answer.set()
        assert first.result() == given.stored()
    assert (whoop_tokens.calls, whoop_tokens.reused) == (1, 0)


def test_a_holder_that_slept_sends_nothing(
    given: Given, whoop_tokens: TokenEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "MOST_SECONDS_BEFORE_SENDING", -1.0)
    with pytest.raises(Unavailable, match="paused"):
        given.access_token()
    assert whoop_tokens.calls == 0
    assert given.outcomes() == ["later"]
    monkeypatch.undo()
    monkeypatch.setattr(keeping, "ask_for_tokens", whoop_tokens)
    given.age_tries(A_MOMENT)
    assert given.access_token() == given.stored() != "access-0"


def test_a_holder_whose_session_was_ended_sends_nothing(
    given: Given, whoop_tokens: TokenEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = tries.begin

    def begun_and_robbed(vault: Vault, held: Held) -> object:
        tried = begin(vault, held)
        with db.engine.begin() as other:
            other.execute(
                db.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE state = 'idle in transaction' AND usename = current_user"
                    " AND pid <> pg_backend_pid()"
                )
            )
        return tried

    monkeypatch.setattr(tries, "begin", begun_and_robbed)
    with pytest.raises(Unavailable):
        given.access_token()
    assert whoop_tokens.calls == 0


def test_a_loser_uses_what_its_sibling_got(
    given: Given, whoop_tokens: TokenEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Vault.read
    with given.inside(), db.engine.connect() as connection:
        stale = read(Vault(given.id, given.organisation_id), connection)
    stale = replace(stale, now=stale.now + timedelta(minutes=1))
    won = given.access_token()
    whoop_tokens.grace = True  # WHOOP forgives the replay, so that only the verdict is tested
    whoop_tokens.says = Outcome.DEAD

    found = chain([stale, stale], repeat(None))  # before the lock, and even under it

    def read_late(vault: Vault, connection: Connection, *, lock: bool = False) -> Held:
        return next(found) or read(vault, connection, lock=lock)

    monkeypatch.setattr(Vault, "read", read_late)
    assert given.access_token() == won
    assert given.outcomes() == ["renewed", "stale"]
    assert given.status() == "active"


@pytest.mark.parametrize("grace", [True, False])
def test_tokens_that_died_with_their_process_cost_one_retry(
    given: Given, whoop_tokens: TokenEndpoint, *, grace: bool
) -> None:
    whoop_tokens.grace, whoop_tokens.dies_after = grace, True
    with pytest.raises(Killed):
        given.access_token()
    whoop_tokens.dies_after = False
    with pytest.raises(Unavailable):  # the try may be another process's, about to save
        given.access_token()
    assert whoop_tokens.calls == 1
    given.age_tries(A_MOMENT)
    if grace:
        assert given.access_token() == given.stored()
    else:
        with pytest.raises(MustReconnect):
            given.access_token()
    assert (whoop_tokens.calls, whoop_tokens.reused) == (2, 1)
    assert given.outcomes() == [None, "renewed" if grace else "dead"]


def test_what_is_left_of_the_old_token_is_used_before_the_retry(
    given: Given, whoop_tokens: TokenEndpoint
) -> None:
    given.expire(A_MOMENT)
    whoop_tokens.loses = True
    assert given.access_token() == "access-0"
    given.age_tries(A_MOMENT)
    assert given.access_token() == "access-0"
    assert whoop_tokens.calls == 1


def test_a_lost_answer_is_asked_for_again_once_and_no_more(
    given: Given, whoop_tokens: TokenEndpoint
) -> None:
    whoop_tokens.loses = whoop_tokens.grace = True
    for _ in range(2):
        with pytest.raises(Unavailable):
            given.access_token()
    for _ in range(3):
        with pytest.raises(MustReconnect):
            given.access_token()
    assert whoop_tokens.calls == 2
    assert given.outcomes() == ["unknown", "unknown"]


def test_a_process_that_dies_before_sending_costs_nobody_anything(
    given: Given, whoop_tokens: TokenEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "_still_ours", _die)
    with pytest.raises(Killed):
        given.access_token()
    monkeypatch.undo()
    monkeypatch.setattr(keeping, "ask_for_tokens", whoop_tokens)
    given.age_tries(A_MOMENT)
    assert given.access_token() == given.stored()
    assert (whoop_tokens.calls, whoop_tokens.reused) == (1, 0)


def _die(*_: object) -> bool:
    raise Killed


@pytest.mark.parametrize("back_soon", [True, False])
def test_tokens_the_database_cannot_take_wait_sealed_on_disk(
    given: Given, whoop_tokens: TokenEndpoint, monkeypatch: pytest.MonkeyPatch, *, back_soon: bool
) -> None:
    monkeypatch.setattr(keeping, "SAVE_FOR_SECONDS", 0.3 if back_soon else -1.0)
    monkeypatch.setattr(keeping, "SAVE_EVERY_SECONDS", 0.05)
    save, away = Vault.save, iter([True, not back_soon, not back_soon])

    def saved(vault: Vault, connection: Connection, columns: Columns, ended: Update) -> None:
        if next(away, False):
            raise OperationalError("", {}, Exception("gone"))
        save(vault, connection, columns, ended)

    monkeypatch.setattr(Vault, "save", saved)
    folder = given.app.config["SETTINGS"].coach_home / "spill"
    if back_soon:
        assert given.access_token() == given.stored()
    else:
        with pytest.raises(Unavailable):
            given.access_token()
        (file,) = folder.glob(f"{given.id}*")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert whoop_tokens.refresh not in file.read_text()
        next(away)
        with given.app.app_context(), acting_for(None):
            assert spilling.pick_up_all() == 1
    assert not list(folder.glob(f"{given.id}*"))
    assert given.stored().startswith("access-")
    given.expire()
    given.access_token()
    assert (whoop_tokens.calls, whoop_tokens.reused) == (2, 0)


def test_a_refused_token_is_renewed_once_in_ten_minutes(
    given: Given, whoop_tokens: TokenEndpoint
) -> None:
    given.expire(timedelta(hours=1))
    fresh = given.renewed_after("access-0")
    for _ in range(3):
        with pytest.raises(TokenRefused):
            given.renewed_after(fresh)
    assert whoop_tokens.calls == 1
    given.age_tries(timedelta(minutes=11))
    assert given.renewed_after(fresh) != fresh
    assert whoop_tokens.calls == 2


@pytest.mark.parametrize("says", [Outcome.LATER, Outcome.UNCLEAR, Outcome.OUR_FAULT])
def test_no_single_failure_keeps_a_living_token_from_use(
    given: Given, whoop_tokens: TokenEndpoint, says: Outcome
) -> None:
    given.expire(A_MOMENT)
    whoop_tokens.says = says
    assert [given.access_token() for _ in range(3)] == ["access-0"] * 3
    assert whoop_tokens.calls == 1  # and nobody hammers
    with given.app.app_context():
        app_health.open_again(given.whoop_app_id)


def test_an_unclear_refusal_counts_when_it_comes_again_ten_minutes_later(
    given: Given, whoop_tokens: TokenEndpoint
) -> None:
    whoop_tokens.says = Outcome.UNCLEAR
    for _ in range(2):
        with pytest.raises(Unavailable):
            given.access_token()
    assert whoop_tokens.calls == 1
    given.age_tries(timedelta(minutes=10, seconds=1))
    with pytest.raises(MustReconnect):
        given.access_token()
    assert given.outcomes() == ["unclear", "dead"]


def test_in_a_simulated_week_tokens_end_by_its_clock(
    given: Given, whoop_tokens: TokenEndpoint
) -> None:
    monday = datetime(2031, 5, 12, tzinfo=UTC)
    for hour in range(4):
        with clock.stopped_at(monday + timedelta(hours=hour, minutes=hour)):
            assert given.access_token() == given.access_token()
    assert (whoop_tokens.calls, given.outcomes()) == (4, ["renewed"] * 4)
