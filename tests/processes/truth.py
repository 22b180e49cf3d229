"""What must be there in the end: WHOOP's own lists, and the days that the oracle makes of them."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

import httpx
from sqlalchemy import select

from coach.days.metrics import METRICS
from coach.days.models import DailyLog
from coach.extensions import db
from coach.whoop.models import WhoopRecord
from coach.work.models import Work
from tests import loopback
from tests.processes.clients import Linked
from tests.processes.looking import seen_by
from tests.processes.whoop_side import WhoopSide
from tests.verification.oracle import ApiLife, expected_days
from tests.verification.oracle_sources import Json

# The first sync reads thirty days; its window cuts the oldest of them.
TOLD, WHOLE = timedelta(days=28), timedelta(days=25)
PATHS = {
    "cycle": "cycle",
    "sleep": "activity/sleep",
    "recovery": "recovery",
    "workout": "activity/workout",
}
# The app keeps hours to four decimals, and energy in whole numbers.
ROUNDING, ROUNDING_OF_MANY = 1e-4, 0.6
OPEN = {"waiting", "queued", "running"}

Manual = Mapping[date, Mapping[str, object]]
Days = dict[date, dict[str, object]]
Records = dict[tuple[str, str], object]


def check(client: Linked, whoop: WhoopSide, typed: Manual | None = None) -> None:
    """Hold what is stored and shown against WHOOP's lists as they are now, by way of the oracle.

    Nothing lost, nothing doubled, nothing revived, no day but those that the lists tell of, every
    typed value; besides no work left to do, and no refresh token shown twice.
    """
    assert whoop.reused() == 0
    now = now_at(whoop)
    told = lists_of(whoop, client.member, now - TOLD)
    assert told["cycle"]
    stored = _stored(client, now - TOLD + timedelta(days=1))
    named = {(kind, _id_of(kind, raw)): raw for kind, raws in told.items() for raw in raws}
    assert {key: raw for key, raw in stored.items() if named.get(key) != raw} == {}
    assert {key for key in named if key not in client.records} == set()
    first = (now - WHOLE).date()
    expected = expected_days(ApiLife(*told.values()), None, typed)
    assert _apart(_shown(client), _plain(expected), first) == []
    assert not open_work(client)


def now_at(whoop: WhoopSide) -> datetime:
    """Tell what time it is at WHOOP."""
    said = loopback.get(f"{whoop.origin}/_simulator/clock").json()
    return datetime.fromisoformat(said["now"])


def open_work(client: Linked) -> list[str]:
    """List the kinds of work that are still to be done for a client."""
    return [row.kind for row in work_of(client) if row.state in OPEN]


def work_of(client: Linked) -> list[Work]:
    """List all work there ever was for a link, the oldest first."""
    db.session.rollback()
    mine = select(Work).where(Work.subject_id == client.id).order_by(Work.id)
    return list(db.session.scalars(mine))


def lists_of(whoop: WhoopSide, member: str, since: datetime) -> dict[str, list[Json]]:
    """Read WHOOP's four lists of a member by a grant of the test's own."""
    headers = {"Authorization": f"Bearer {whoop.grant(member).access_token}"}
    base = f"{whoop.origin}/developer/v2/"
    verify = loopback.TRUSTS_NOBODY
    with httpx.Client(base_url=base, headers=headers, timeout=20, verify=verify) as asking:
        return {kind: list(_walk(asking, path, since)) for kind, path in PATHS.items()}


def _walk(asking: httpx.Client, path: str, since: datetime) -> Iterator[Json]:
    asked = {"limit": "25", "start": since.isoformat()}
    while True:
        page = asking.get(path, params=asked).raise_for_status().json()
        yield from page["records"]
        if not page["next_token"]:
            return
        asked["nextToken"] = page["next_token"]


def _id_of(kind: str, raw: Json) -> str:
    return str(raw["sleep_id"] if kind == "recovery" else raw["id"])


def _stored(client: Linked, since: datetime) -> Records:
    """Give the living records of things that began after a moment; a recovery as its sleep did."""
    mine = select(WhoopRecord).where(
        WhoopRecord.client_id == client.who.client_id, WhoopRecord.deleted_at.is_(None)
    )
    rows = {(row.kind, row.provider_id): row for row in seen_by(client.who, mine)}
    began = {key: row.starts_at for key, row in rows.items()}
    recent: Records = {
        (kind, name): row.raw
        for (kind, name), row in rows.items()
        if kind in PATHS
        and (start := began.get(("sleep" if kind == "recovery" else kind, name))) is not None
        and start > since
    }
    homeless = [key for key in rows if key[0] == "recovery" and ("sleep", key[1]) not in rows]
    assert homeless == [], "a recovery goes with its sleep"
    return recent


def _shown(client: Linked) -> Days:
    mine = select(DailyLog).where(DailyLog.client_id == client.who.client_id)
    names = METRICS.keys() - {"weight_kg"}  # it is asked for apart, and belongs to today
    return {
        log.date: {name: it for name in names if (it := getattr(log, name)) is not None}
        for log in seen_by(client.who, mine)
    }


def _plain(expected: Mapping[date, Mapping[str, tuple[object, str]]]) -> Days:
    return {
        day: {name: value for name, (value, _) in fields.items() if value is not None}
        for day, fields in expected.items()
    }


def _apart(shown: Days, expected: Days, first: date) -> list[object]:
    """List where what is shown and what is expected differ, from a date on."""
    days = {day for day in shown.keys() | expected.keys() if day >= first}
    return [
        (day, name, one, other)
        for day in sorted(days)
        for name in sorted(shown.get(day, {}).keys() | expected.get(day, {}).keys())
        if not _same(one := shown.get(day, {}).get(name), other := expected.get(day, {}).get(name))
    ]


def _same(one: object, other: object) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= (ROUNDING_OF_MANY if abs(one) > 1000 else ROUNDING)
    return one == other
