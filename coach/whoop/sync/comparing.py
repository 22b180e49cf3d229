"""What is stored held against what a list shows: what has gone from it, and what waits for a score.

Deletions are announced, but an announcement may be lost; a list that is read anyway tells as much.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    null,
    select,
    text,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import aliased

from coach.extensions import db
from coach.whoop.models import UNSCORED, WhoopRecord
from coach.whoop.payloads import RawPage, RecordKind, parse_moment
from coach.whoop.sync import storing
from coach.whoop.sync.fencing import Link
from coach.whoop.sync.storing import Known

# More than so many at once is no deletion but a list that we do not understand.
MOST_VANISHED = 10
# A list shows so many of the newest.
PAGE = 25

# Each page asks it, so it is built once: what is stored of what it shows, and what is stored, not
# shown, and as new as the oldest shown; of the latter no record comes along.
_OURS = tuple_(bindparam("owner", type_=Uuid), bindparam("client", type_=Uuid))
_timed, _first_and_last = aliased(WhoopRecord), aliased(WhoopRecord)
_TIME = DateTime(timezone=True)
_SHOWN = bindparam("names", type_=ARRAY(Text))
_span = (
    select(
        func.min(_first_and_last.starts_at).label("first"),
        func.max(_first_and_last.starts_at).label("last"),
    )
    .where(
        tuple_(_first_and_last.organisation_id, _first_and_last.client_id) == _OURS,
        _first_and_last.kind == bindparam("timed_by"),
        _first_and_last.provider_id == func.any(_SHOWN),
    )
    .subquery()
)
_MISSING = (
    select(WhoopRecord.provider_id, cast(null(), JSONB).label("raw"))
    .join(_timed, _timed.provider_id == WhoopRecord.provider_id)
    .join(_span, true())
    .where(
        tuple_(WhoopRecord.organisation_id, WhoopRecord.client_id) == _OURS,
        tuple_(_timed.organisation_id, _timed.client_id) == _OURS,
        WhoopRecord.kind == bindparam("sort"),
        WhoopRecord.deleted_at.is_(None),
        WhoopRecord.provider_id != func.all(_SHOWN),
        _timed.kind == bindparam("timed_by"),
        _timed.starts_at >= func.least(_span.c.first, bindparam("first", type_=_TIME)),
    )
    .limit(MOST_VANISHED)
)
_MISSING_BETWEEN = _MISSING.where(
    _timed.starts_at <= func.greatest(_span.c.last, bindparam("last", type_=_TIME))
)
_BESIDE_TOP, _BESIDE = (
    union_all(storing.KNOWN, select(missing.subquery())) for missing in (_MISSING, _MISSING_BETWEEN)
)
_WITHOUT_SCORE = select(WhoopRecord.kind, WhoopRecord.provider_id).where(
    tuple_(WhoopRecord.organisation_id, WhoopRecord.client_id) == _OURS, text(UNSCORED)
)


def provider_ids(kind: RecordKind, page: RawPage) -> set[str]:
    """Name the records of a page as they are stored."""
    name = "sleep_id" if kind is RecordKind.RECOVERY else "id"
    return {str(raw.get(name)) for raw in page.records}


def beside(link: Link, kind: RecordKind, page: RawPage, *, top: bool) -> tuple[Known, list[str]]:
    """Read what is stored under the names of a page, and list what has vanished from it.

    That is what is stored of the stretch of time the page shows, and not in it. A page that is the
    top of its list shows everything newer too. A recovery has the time of its sleep. WHOOP must be
    asked for each by its id: a list may have moved while we read it.
    """
    place = {"owner": link.organisation_id, "client": link.client_id, "sort": kind.value}
    timed_by = RecordKind.SLEEP if kind is RecordKind.RECOVERY else kind
    times = moments(page)
    shown = {"timed_by": timed_by.value, "names": list(provider_ids(kind, page))}
    asked: dict[str, object] = {**place, **shown, "first": min(times, default=None)}
    asked |= {} if top else {"last": max(times, default=None)}
    known: Known = {}
    vanished: list[str] = []
    for name, raw in db.session.connection().execute(_BESIDE_TOP if top else _BESIDE, asked):
        if raw is None:
            vanished.append(name)
        else:
            known[name] = raw
    return known, vanished


def moments(page: RawPage) -> list[datetime]:
    """List when the records of a page begin, as far as that can be read."""
    told = (parse_moment(raw.get("start")) for raw in page.records)
    return [moment for moment in told if moment is not None]


def out_of_reach(link: Link, kind: RecordKind, ids: Collection[str]) -> set[str]:
    """Find which of some things lie further back than the first page of their list."""
    newer = aliased(WhoopRecord)
    number = (
        select(func.count())
        .where(*_mine(link, newer), newer.kind == kind, newer.deleted_at.is_(None))
        .where(newer.starts_at > WhoopRecord.starts_at)
        .scalar_subquery()
    )
    far = select(WhoopRecord.provider_id).where(
        *_living(link, kind), WhoopRecord.provider_id.in_(ids), number >= PAGE
    )
    return set(db.session.scalars(far))


def held(link: Link, kind: RecordKind, ids: Collection[str]) -> set[str]:
    """Find which of some things are stored."""
    mine = select(WhoopRecord.provider_id).where(
        *_living(link, kind), WhoopRecord.provider_id.in_(ids)
    )
    return set(db.session.scalars(mine))


def has_night_without_cycle(link: Link, *, since: datetime) -> bool:
    """Tell whether a main sleep has no cycle that begins with it: then that is not read yet."""
    cycle = aliased(WhoopRecord)
    its_own = (
        select(cycle.provider_id)
        .where(*_mine(link, cycle), cycle.kind == RecordKind.CYCLE, cycle.deleted_at.is_(None))
        .where(cycle.provider_id == WhoopRecord.cycle_id)
        .where(cycle.starts_at == WhoopRecord.starts_at)
    )
    night = select(WhoopRecord.provider_id).where(
        *_living(link, RecordKind.SLEEP),
        WhoopRecord.starts_at >= since,
        WhoopRecord.raw["nap"].astext == "false",
        ~its_own.exists(),
    )
    return db.session.scalar(night.limit(1)) is not None


def without_score(link: Link) -> dict[RecordKind, list[str]]:
    """List what WHOOP has not scored yet, by kind."""
    place = {"owner": link.organisation_id, "client": link.client_id}
    found = db.session.connection().execute(_WITHOUT_SCORE, place)
    pending: dict[RecordKind, list[str]] = {}
    for kind, provider_id in found:
        pending.setdefault(RecordKind(kind), []).append(provider_id)
    return pending


def _mine(link: Link, record: type[WhoopRecord]) -> tuple[ColumnElement[bool], ...]:
    return (
        record.organisation_id == link.organisation_id,
        record.client_id == link.client_id,
    )


def _living(link: Link, kind: RecordKind) -> tuple[ColumnElement[bool], ...]:
    return (*_mine(link, WhoopRecord), WhoopRecord.kind == kind, WhoopRecord.deleted_at.is_(None))
