"""Ask WHOOP once for days that are missing between others."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import func, select

from coach.days import store
from coach.days.calendar import NEIGHBOURHOOD
from coach.extensions import db
from coach.whoop.client import WhoopClient, pages
from coach.whoop.errors import MissingScope
from coach.whoop.models import WhoopRecord
from coach.whoop.payloads import RawRecord, RecordKind
from coach.whoop.sync import calling, fencing, gaps, history, storing
from coach.whoop.sync.cursors import LISTS
from coach.whoop.sync.deriving import derive
from coach.whoop.sync.fencing import Link
from coach.whoop.sync.history import History
from coach.work.leases import unit_of_work

# A day begins up to 14 hours before it does in UTC, and its night the evening before.
MARGIN = timedelta(days=2)
REMEMBERED = timedelta(days=gaps.STRIP_DAYS + 2)


def fill(
    link: Link, known: History, missing: Sequence[date], whoop: WhoopClient, *, now: datetime
) -> bool:
    """Ask for the newest stretch of missing days; True when more are left.

    One call tells whether WHOOP has anything new there; only then its other lists are asked. Raises
    WhoopError or Gone.
    """
    first, last = gaps.stretches(missing)[-1]
    start = datetime.combine(first, time(), UTC) - MARGIN
    end = datetime.combine(last, time(), UTC) + MARGIN
    told = {RecordKind.CYCLE: _read(RecordKind.CYCLE, whoop, start, end)}
    if news := _has_news(link, told[RecordKind.CYCLE]):
        rest = (kind for kind in LISTS if kind is not RecordKind.CYCLE)
        told |= {kind: _read(kind, whoop, start, end) for kind in rest}
    filled = {day for day in missing if first <= day <= last}
    recent = {day for day in known.asked | filled if day > (now - REMEMBERED).date()}
    with unit_of_work():
        fencing.check(link)
        store.lock(link.client_id)
        for kind, records in told.items():
            storing.store_records(link, kind, records, now=now)
        if news:
            derive(link.client_id, since=start - NEIGHBOURHOOD, until=end + NEIGHBOURHOOD)
        history.write(link, replace(known, asked=frozenset(recent)))
    return len(filled) < len(missing)


def _read(kind: RecordKind, whoop: WhoopClient, start: datetime, end: datetime) -> list[RawRecord]:
    """Read all of a list within a span; nothing when it was not granted."""
    try:
        listed = list(pages(calling.lister(kind, whoop), start=start, end=end))
    except MissingScope:
        return []
    return [raw for page in listed for raw in page.records]


def _has_news(link: Link, cycles: Sequence[RawRecord]) -> bool:
    """Tell whether a cycle is among them that we do not have."""
    ids = {str(raw.get("id")) for raw in cycles}
    with unit_of_work():
        stored = db.session.scalar(
            select(func.count()).where(
                WhoopRecord.organisation_id == link.organisation_id,
                WhoopRecord.client_id == link.client_id,
                WhoopRecord.kind == RecordKind.CYCLE,
                WhoopRecord.provider_id.in_(ids),
            )
        )
    return (stored or 0) < len(ids)
