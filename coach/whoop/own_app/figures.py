"""What an owner sees of the WHOOP app their links use: used, left, forecast, members.

Of an app that all organisations share only their own numbers are shown, and what is left for all.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, select

from coach.accounts.access import Viewer
from coach.extensions import db
from coach.whoop.apps import App, AppLimits
from coach.whoop.grant import app_health
from coach.whoop.grant.app_health import NO_TROUBLE, Trouble
from coach.whoop.grant.models import TokenCall
from coach.whoop.grant.verdicts import Outcome
from coach.whoop.models import Integration, Status, WhoopLink
from coach.whoop.quota import pace
from coach.whoop.quota.ledger import Ledger
from coach.whoop.quota.windows import DAY, MINUTE

# What our plan of calls takes for one client on a day; see docs/whoop-app.md.
PLANNED_CALLS = 5
HOUR, A_DAY = 3600, 86_400
# From so much of a limit on the owner should ask WHOOP for more.
TIGHT_PERCENT = 80


@dataclass(frozen=True, slots=True)
class Counts:
    """What stands in the database: links and token calls of one organisation, members of the app."""

    clients: int
    members: int
    token_calls: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of one organisation at one WHOOP app; calls, but for clients and seats.

    `used_minute` is None of a shared app; `member_cap` is 0 and `seats_left` None where WHOOP caps
    no members; seats are below zero when more members are linked than WHOOP allows.
    """

    shared: bool
    used_minute: int | None
    used_day: int
    left_minute: int
    left_day: int
    forecast: int
    per_day: int
    token_calls: int
    clients: int
    seats_left: int | None
    member_cap: int
    held_until: datetime | None
    trouble: Trouble = NO_TROUBLE

    @property
    def is_tight(self) -> bool:
        """Tell whether today's calls come near what WHOOP allows."""
        would_be_left = self.left_day - (self.forecast - self.used_day)
        return would_be_left * 100 < self.per_day * (100 - TIGHT_PERCENT)

    @property
    def is_full(self) -> bool:
        """Tell whether WHOOP may refuse the next member."""
        return self.seats_left is not None and self.seats_left <= 0


def gather(app_id: UUID, limits: AppLimits, *, shared: bool, by: Viewer) -> Figures:
    """Read the figures of the organisation of the person looking."""
    now = db.session.execute(select(func.clock_timestamp())).scalar_one()
    ledger, counts = pace.look(app_id, limits), _counts(app_id, now, by)
    sharer = str(by.organisation_id) if shared else None
    found = figures(ledger, limits, counts, sharer, now)
    return replace(found, trouble=app_health.trouble_of(app_id))


def is_full(app: App, *, for_client: UUID) -> bool:
    """Tell whether WHOOP may refuse a client, because the app has all the members it may have."""
    linked = (
        select(Integration.id)
        .where(Integration.client_id == for_client, Integration.whoop_app_id == app.id)
        .where(Integration.status != Status.DISCONNECTED)
    )
    if not app.limits.member_cap or db.session.scalar(linked.limit(1)):
        return False  # who is linked and does it again is no further member
    return db.session.execute(_members(app.id)).scalar_one() >= app.limits.member_cap


def figures(
    ledger: Ledger, limits: AppLimits, counts: Counts, sharer: str | None, now: datetime
) -> Figures:
    """Work the figures out; `sharer` is the organisation, of an app that others share (pure)."""
    at = now.timestamp()
    minute = sum(MINUTE.sliding(ledger.seconds, at).values())
    day = sum(DAY.sliding(ledger.minutes, at).values())
    hours = _hours(ledger, sharer, at)
    today = sum(n for hour, n in hours.items() if hour >= at // A_DAY * A_DAY)
    used = day if sharer is None else sum(hours.values())
    left_day = max(limits.per_day - day, 0)
    return Figures(
        shared=sharer is not None,
        used_minute=minute if sharer is None else None,
        used_day=used,
        left_minute=min(ledger.left(now), left_day),
        left_day=left_day,
        forecast=forecast(counts.clients, today=today, last_day=used, at=at),
        per_day=limits.per_day,
        token_calls=counts.token_calls,
        clients=counts.clients,
        seats_left=limits.member_cap - counts.members if limits.member_cap else None,
        member_cap=limits.member_cap,
        held_until=ledger.held_until if ledger.held_until and ledger.held_until > now else None,
    )


def forecast(clients: int, *, today: int, last_day: int, at: float) -> int:
    """Expect of the rest of the day (UTC) what the last day took, or our plan if that is more."""
    usual = max(last_day, clients * PLANNED_CALLS)
    return today + round(usual * (1 - at % A_DAY / A_DAY))


def _hours(ledger: Ledger, sharer: str | None, at: float) -> dict[float, int]:
    """Give the calls of the last day by the hour's start; of a shared app the sharer's own."""
    since = at - A_DAY
    chosen = [share for name, share in ledger.shares.items() if sharer in {None, name}]
    hours: dict[float, int] = {}
    for share in chosen:
        for hour, calls in share["hours"].items():
            start = int(hour) * HOUR
            if start > since:
                hours[start] = hours.get(start, 0) + calls
    return hours


def _counts(app_id: UUID, now: datetime, by: Viewer) -> Counts:
    linked = select(func.count()).where(
        WhoopLink.whoop_app_id == app_id, WhoopLink.organisation_id == by.organisation_id
    )
    clients = db.session.execute(linked).scalar_one()
    members = db.session.execute(_members(app_id)).scalar_one()
    calls = select(func.count()).where(
        TokenCall.whoop_app_id == app_id,
        TokenCall.organisation_id == by.organisation_id,
        TokenCall.started_at > now - timedelta(days=1),
        TokenCall.outcome.is_distinct_from(Outcome.REFUSED.value),
    )
    return Counts(clients, members, db.session.execute(calls).scalar_one())


def _members(app_id: UUID) -> Select[int]:
    """Count the people who have granted an app access; one may be linked in two organisations."""
    members = func.count(func.distinct(WhoopLink.external_user_id))
    return select(members).where(WhoopLink.whoop_app_id == app_id)
