"""What is stored of some clients around a week, and only what is shared; few statements for any."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Row, Uuid, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from coach.accounts.access import Viewer
from coach.accounts.models import FieldGroup
from coach.accounts.sharing import GROUP_OF
from coach.check_ins import reading
from coach.check_ins.models import CheckIn, DayTag
from coach.days.models import DailyLog
from coach.extensions import db, settings
from coach.insights.knowing import NEED_TYPED
from coach.insights.life import METRICS, KnownDay, Life, life_of
from coach.science.baseline import LEFT_OUT_DAYS, RANGE_DAYS
from coach.science.series import Series
from coach.weekly.gaps import Cause
from coach.weekly.week import A_DAY, Week
from coach.whoop.linking.links import PROVIDER
from coach.whoop.models import Integration, Status

# Client, date, doubtful, state, whether the need was typed, and the values of _READ.
_DayRow: TypeAlias = Row[*tuple[Any, ...]]
_READ = ("recovery_score", *METRICS, "mood")
_AMISS = {
    None: Cause.NOT_LINKED,
    Status.DISCONNECTED.value: Cause.NOT_LINKED,
    Status.RECONNECT_NEEDED.value: Cause.RECONNECT,
}


@dataclass(frozen=True, slots=True)
class Read:
    """One client as the reader may see them; `known` names what is known of each date.

    Tags of whoever does not share them still keep days out of baselines, and are shown to nobody.
    """

    shares: frozenset[FieldGroup]
    life: Life
    moods: Series
    known: Mapping[date, Collection[str]]
    tags: Sequence[DayTag]
    amiss: Cause | None  # with the link


@dataclass(slots=True)
class _Stored:
    days: list[_DayRow] = field(default_factory=list)
    check_ins: list[CheckIn] = field(default_factory=list)
    tags: list[DayTag] = field(default_factory=list)


def of_clients(client_ids: Collection[UUID], week: Week, *, by: Viewer) -> dict[UUID, Read]:
    """Read the week of clients whom the caller has found by the viewer; five statements."""
    first = week.monday - A_DAY * (LEFT_OUT_DAYS + RANGE_DAYS)
    ids, shares, found = (
        list(client_ids),
        by.shared(client_ids),
        defaultdict[UUID, _Stored](_Stored),
    )
    for row in _days(ids, first, week.last, by):
        found[row[0]].days.append(row)
    for said in reading.check_ins(ids, first=first, last=week.last):
        found[said.client_id].check_ins.append(said)
    for tag in reading.tags(ids, first=first, last=week.last):
        found[tag.client_id].tags.append(tag)
    amiss = _links_amiss(ids, by)
    return {each: _read(found[each], shares[each], amiss.get(each), first, week) for each in ids}


def _days(ids: list[UUID], first: date, last: date, by: Viewer) -> Iterable[_DayRow]:
    return db.session.execute(
        select(
            *(DailyLog.client_id, DailyLog.date, DailyLog.doubtful, DailyLog.state, NEED_TYPED),
            *(getattr(DailyLog, name) for name in _READ),
        ).where(
            DailyLog.organisation_id == by.organisation_id,
            DailyLog.client_id == any_(literal(ids, ARRAY(Uuid))),
            DailyLog.date.between(first, last),
        )
    )


def _links_amiss(ids: list[UUID], by: Viewer) -> dict[UUID, Cause]:
    """Say whose link brings nothing; nobody's, where this installation does without WHOOP."""
    if not settings().feature_whoop_integration:
        return {}
    rows = db.session.execute(
        select(Integration.client_id, Integration.status).where(
            Integration.organisation_id == by.organisation_id,
            Integration.provider == PROVIDER,
            Integration.client_id == any_(literal(ids, ARRAY(Uuid))),
        )
    )
    status: dict[UUID, str] = dict(rows.all())
    return {each: cause for each in ids if (cause := _AMISS.get(status.get(each)))}


def _read(
    stored: _Stored, shares: frozenset[FieldGroup], amiss: Cause | None, first: date, week: Week
) -> Read:
    days, moods, known = [], {}, {}
    for _client, day, doubtful, state, need_typed, *values in stored.days:
        shown = {
            name: value
            for name, value in zip(_READ, values, strict=True)
            if value is not None and _group(name) in shares
        }
        days.append(
            KnownDay(
                day,
                {name: shown.get(name) for name in METRICS},
                shown.get("mood"),
                doubtful,
                state != "final",
                need_typed=bool(need_typed),
            )
        )
        known[day] = frozenset(shown)
        if "mood" in shown:
            moods[day] = float(shown["mood"])
    says = FieldGroup.CHECK_IN in shares
    life = life_of(
        days, stored.check_ins if says else [], stored.tags, first=first, until=week.last
    )
    unusual = life.hooper.unusual
    tags = [tag for tag in stored.tags if says and _touches(tag, week)]
    return Read(shares, life, Series(moods, unusual), known, tags, amiss)


def _group(name: str) -> FieldGroup:
    return GROUP_OF[name]


def _touches(tag: DayTag, week: Week) -> bool:
    return tag.first_date <= week.last and (tag.last_date or week.last) >= week.monday
