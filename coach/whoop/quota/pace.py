"""Keeps our calls under WHOOP's limits, across workers: one ledger per WHOOP app in PostgreSQL.

Calls of the token endpoint are not in it: they stand in `token_calls` and are reported apart. The
limits are those of the API, and the OAuth server is another one; should WHOOP count them all the
same, its headers say so, and those the ledger believes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from time import monotonic
from uuid import UUID

from sqlalchemy import Connection, Executable, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from coach.database.tenancy import acting_for, current_organisation
from coach.extensions import db
from coach.whoop.apps import AppLimits
from coach.whoop.client import Limits
from coach.whoop.errors import SlowDown
from coach.whoop.models import QuotaLedger, WhoopApp
from coach.whoop.quota.ledger import Grant, Ledger
from coach.whoop.quota.windows import LEAVE_SECONDS
from coach.work import clock
from coach.work.models import Lane

KEPT = (
    "seconds",
    "minutes",
    "told_left",
    "told_until",
    "held_until",
    "refusals",
    "probed_until",
    "shares",
    "promised",
)
# Two statements for each leave, so they are built once.
_LOOK = (
    select(
        func.clock_timestamp(),
        WhoopApp.per_minute,
        WhoopApp.per_day,
        *(getattr(QuotaLedger, name) for name in KEPT),
    )
    .join(WhoopApp, WhoopApp.id == QuotaLedger.whoop_app_id)
    .where(QuotaLedger.whoop_app_id == bindparam("app"))
)
_HOLD = _LOOK.with_for_update(of=QuotaLedger)
_WRITE = (
    update(QuotaLedger)
    .where(QuotaLedger.whoop_app_id == bindparam("app"))
    .values({name: bindparam(name) for name in KEPT})
)


class Pace:
    """What one client of WHOOP asks before each call, and tells after it.

    Leave for `planned` calls in a row is taken at once: it is good for a second, and what is not
    used by then is given back when the next leave is taken, or at the end.
    """

    def __init__(self, app_id: UUID, lane: Lane, *, planned: int = 1) -> None:
        self._app_id = app_id
        self._lane = lane
        self._planned = planned
        self._granted = Grant(0, probes=False)
        self._unused = 0
        self._good_until = 0.0

    def before_call(self) -> None:
        """Ask whether a call may be made now; raises SlowDown."""
        if not self._unused or monotonic() > self._good_until:
            self._take()
        self._unused -= 1
        self._planned -= 1

    def after_call(self, said: Limits) -> None:
        """Write down what WHOOP said, if it is worse than what we knew or ends a hold."""
        if said.hold_seconds is not None:
            self.give_back()
        lower = said.remaining is not None and said.remaining < self._granted.left
        if lower or self._granted.probes or said.hold_seconds is not None:
            heed(self._app_id, said)

    def give_back(self) -> None:
        """Give back what was taken and will not be used."""
        if self._unused:
            give_back(self._app_id, self._granted, self._unused)
            self._unused = 0

    def _take(self) -> None:
        self.give_back()
        began = monotonic()
        self._granted = grant(self._app_id, self._lane, calls=self._planned)
        self._unused, self._good_until = self._granted.calls, began + LEAVE_SECONDS


def grant(app_id: UUID, lane: Lane, *, now: datetime | None = None, calls: int = 1) -> Grant:
    """Count a call of an app for whom we act, or several while there is plenty.

    Without `now` it is the database's clock that counts. Raises SlowDown, until when it has to wait.
    """
    organisation = _organisation()
    with _open(app_id, now) as (ledger, moment):
        try:
            return ledger.take(lane, moment, organisation, calls=calls)
        except SlowDown as refusal:
            wait = ledger.park(refusal.wait, lane, moment, organisation)
    raise SlowDown(wait)  # now that its turn is written down


def give_back(app_id: UUID, granted: Grant, calls: int) -> None:
    """Uncount calls that were granted to us and not made."""
    organisation = _organisation()
    with _open(app_id, None) as (ledger, _):
        ledger.give_back(granted, calls, organisation)


def heed(app_id: UUID, said: Limits, *, now: datetime | None = None) -> None:
    """Keep for every worker what WHOOP said of its limits."""
    with _open(app_id, now) as (ledger, moment):
        ledger.heed(said, moment)


def look(app_id: UUID, limits: AppLimits) -> Ledger:
    """Read an app's ledger as it stands, without holding it."""
    found = _read(db.session.connection(), _LOOK, app_id)
    return found[0] if found else Ledger(limits.per_minute, limits.per_day, {}, {})


def is_busy(app_id: UUID) -> bool:
    """Tell whether so much of an app's day is used that what can wait for weeks should wait."""
    with acting_for(None), db.engine.connect() as connection:
        found = _read(connection, _LOOK, app_id)
    if found is None:
        return False
    ledger, moment = found
    return ledger.is_busy(clock.stopped() or moment)


def _organisation() -> str | None:
    organisation_id = current_organisation()
    return str(organisation_id) if organisation_id else None


@contextmanager
def _open(app_id: UUID, now: datetime | None) -> Iterator[tuple[Ledger, datetime]]:
    """Hold an app's ledger in a short transaction of its own, and write it back."""
    with acting_for(None), db.engine.begin() as connection:
        ledger, moment = _hold(connection, app_id)
        yield ledger, now or clock.stopped() or moment
        kept = {name: getattr(ledger, name) for name in KEPT}
        connection.execute(_WRITE, {"app": app_id, **kept})


def _hold(connection: Connection, app_id: UUID) -> tuple[Ledger, datetime]:
    """Lock the ledger, and tell the time at which it was ours."""
    while (found := _read(connection, _HOLD, app_id)) is None:
        new = insert(QuotaLedger).values(whoop_app_id=app_id).on_conflict_do_nothing()
        connection.execute(new)
    return found


def _read(
    connection: Connection, wanted: Executable, app_id: UUID
) -> tuple[Ledger, datetime] | None:
    row = connection.execute(wanted, {"app": app_id}).one_or_none()
    if row is None:
        return None
    # Whoever waited for the lock is given the row, and with it the time, as it is after the wait.
    moment, per_minute, per_day, *kept = row
    limits = AppLimits.of(per_minute, per_day, None)
    return Ledger(limits.per_minute, limits.per_day, *kept), moment
