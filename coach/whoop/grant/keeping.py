"""The tokens of one integration: refreshed once for everybody, under the lock of their row.

Lock, read again, decide, write the intent (elsewhere, committed), see that the lock is still ours,
send once, save in the next statement. No library, queue or timer takes part in it.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeAlias
from uuid import UUID

import structlog
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.observability import counters
from coach.whoop.apps import app_behind
from coach.whoop.errors import MustReconnect, TokenRefused, Unavailable
from coach.whoop.grant import app_health, spilling, tries
from coach.whoop.grant.oauth import NoTokens, Tokens, ask_for_tokens
from coach.whoop.grant.spilling import Spill
from coach.whoop.grant.vault import Held, Vault
from coach.whoop.grant.verdicts import (
    DEAD_PAUSE,
    EARLY,
    Decision,
    Facts,
    Outcome,
    Step,
    confirm,
    decide,
)

log = structlog.get_logger()

# Longer than this between lock and sending means we were paused: somebody else may hold the lock.
MOST_SECONDS_BEFORE_SENDING = 2.0
# A database that is away when tokens must be saved is waited for; then they are on disk already.
SAVE_FOR_SECONDS, SAVE_EVERY_SECONDS = 20.0, 0.5
# Waiters give up before whoever is ahead of them; a holder that sleeps loses its lock; and what the
# database itself takes too long for is ended, the wait for the lock included.
LIMITS = text(
    "SELECT set_config('lock_timeout', '35s', true),"
    " set_config('statement_timeout', '40s', true),"
    " set_config('idle_in_transaction_session_timeout', '60s', true)"
)

StillNeeded: TypeAlias = Callable[[Held], bool]


class TokenKeeper:
    """The tokens of one integration: reads, refreshes once for everybody, saves before use."""

    def __init__(self, integration_id: UUID, organisation_id: UUID, scopes: frozenset[str]) -> None:
        self.scopes = scopes
        self._vault = Vault(integration_id, organisation_id)
        # What we were given last, and until when (of the monotonic clock) it need not be read again.
        self._access, self._lasts_until = "", 0.0

    def access_token(self) -> str:
        """Give a token that still lives, the same for several calls; raises WhoopError."""
        if time.monotonic() >= self._lasts_until:
            self._access = self._living()
        return self._access

    def renewed_after(self, rejected: str) -> str:
        """Give another token than the one WHOOP refused; raises WhoopError."""
        self._lasts_until = 0.0
        with self._connection() as connection:
            return self._refresh(connection, lambda held: held.access == rejected, refused=True)

    def _living(self) -> str:
        with self._connection() as connection:
            held = self._vault.read(connection)
            if not _lasts(held):
                return self._refresh(connection, lambda held: not _lasts(held))
        self._trust(held.expires_at - held.now)
        return held.access

    def _trust(self, lasts: timedelta) -> None:
        """Read no more until it is time to renew; whoever renews it sooner is found by a 401."""
        self._lasts_until = time.monotonic() + (lasts - EARLY).total_seconds()

    def _refresh(
        self, connection: Connection, still_needed: StillNeeded, *, refused: bool = False
    ) -> str:
        """Refresh under the row's lock, unless another process has done so meanwhile."""
        try:
            spilling.pick_up(self._vault)
            connection.execute(LIMITS)
            held = self._vault.read(connection, lock=True)
            locked = time.monotonic()
            if not still_needed(held):
                return held.access
            facts = self._facts(connection, held, refused=refused)
            decision = decide(facts)
            if decision.step is not Step.SEND:
                return _unsent(decision, held, facts)
            return self._renew(connection, held, facts, locked)
        except DBAPIError as error:
            raise Unavailable("the lock of the token is not to be had") from error

    def _facts(self, connection: Connection, held: Held, *, refused: bool) -> Facts:
        return Facts(
            now=held.now,
            lives_until=held.expires_at,
            has_refresh=held.refresh is not None,
            refused=refused,
            tries=tries.with_token(connection, self._vault, held),
            renewed_at=tries.renewed_at(connection, self._vault) if refused else None,
            closed_until=app_health.closed_until(connection, held.app_id),
        )

    def _renew(self, connection: Connection, held: Held, facts: Facts, locked: float) -> str:
        """Spend the refresh token, once; by now nobody else can."""
        app = app_behind(self._vault.integration_id, self._vault.organisation_id, connection)
        self._vault.make_ready()
        tried = tries.begin(self._vault, held)
        if not _still_ours(connection, locked):
            tries.withdraw(tried)
            raise Unavailable("paused while holding the token")
        try:
            tokens = ask_for_tokens(held.refresh or "", app)
        except NoTokens as failure:
            return self._failed(connection, held, facts, tried, failure.outcome)
        counters.refreshes.labels(outcome=Outcome.RENEWED).inc()
        self._save(connection, held, tokens, tried)
        if facts.closed_until is not None:
            app_health.open_again(held.app_id)
        self._trust(tokens.lasts)
        return tokens.access

    def _save(self, connection: Connection, held: Held, tokens: Tokens, tried: UUID) -> None:
        """Save the tokens before anybody uses them; raises Unavailable when only the disk could."""
        try:
            ended = tries.ending(tried, Outcome.RENEWED)
            self._vault.save(connection, self._vault.sealed(tokens), ended)
            connection.commit()
        except DBAPIError as error:
            log.warning("tokens_spilled", reason=type(error).__name__)
            connection.invalidate()  # if the lock is still ours, we would wait for ourselves
            spill = Spill.of(self._vault, tokens, replaces=held.token_hash, tried=tried)
            spill.keep()
            _save_soon(spill)

    def _failed(
        self, connection: Connection, held: Held, facts: Facts, tried: UUID, outcome: Outcome
    ) -> str:
        """Write down what WHOOP said and go on with what is left; raises WhoopError."""
        outcome = confirm(outcome, facts)
        current = self._vault.read(connection)
        if current.refresh != held.refresh:
            outcome = Outcome.STALE
        tries.finish(connection, tried, outcome)
        connection.commit()
        counters.refreshes.labels(outcome=outcome).inc()
        log.warning("token_not_renewed", outcome=outcome.value)
        if outcome is Outcome.DEAD:
            raise _dead(held)
        if outcome is Outcome.OUR_FAULT:
            app_health.close(held.app_id)
        if outcome is Outcome.STALE or facts.usable:
            return current.access
        raise Unavailable(f"no tokens: {outcome.value}")

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        with acting_for(self._vault.organisation_id), db.engine.connect() as connection:
            yield connection


def _still_ours(connection: Connection, locked: float) -> bool:
    """Tell whether the database has left us the lock, and no long sleep lies behind us."""
    try:
        connection.execute(select(1))
    except DBAPIError:
        return False
    return time.monotonic() - locked <= MOST_SECONDS_BEFORE_SENDING


def _lasts(held: Held) -> bool:
    return held.expires_at - held.now > EARLY


def _unsent(decision: Decision, held: Held, facts: Facts) -> str:
    """Do without a refresh; raises WhoopError when the old access token is of no use."""
    if decision.step is Step.KEEP:
        return held.access
    if decision.step is Step.RECONNECT:
        raise _dead(held)
    if decision.because_refused:
        raise TokenRefused
    wait = (decision.until - facts.now).total_seconds() if decision.until else None
    raise Unavailable("no tokens may be asked for now", wait=wait)


def _dead(held: Held) -> MustReconnect | Unavailable:
    """Say that the grant is gone, unless so many are that WHOOP must be to blame."""
    if app_health.is_frozen(held.app_id):
        return Unavailable("verdicts are frozen", wait=DEAD_PAUSE.total_seconds())
    return MustReconnect("WHOOP says that the grant is gone")


def _save_soon(spill: Spill) -> None:
    """Wait for the database a while; raises Unavailable when it does not come back."""
    give_up = time.monotonic() + SAVE_FOR_SECONDS
    while True:
        try:
            spill.save()
        except DBAPIError as error:
            if time.monotonic() > give_up:
                raise Unavailable("the tokens wait on disk for the database") from error
            time.sleep(SAVE_EVERY_SECONDS)
        else:
            return
