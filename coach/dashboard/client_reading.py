"""What is stored of one client and needed by their page: three statements, only what is shared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import and_, select

from coach.accounts.access import Viewer
from coach.accounts.models import Client, FieldGroup
from coach.accounts.sharing import fields_of
from coach.check_ins import reading
from coach.check_ins.models import CheckIn, DayTag
from coach.dashboard.client_range import A_DAY, Range
from coach.days.metrics import Source
from coach.days.models import DailyLog
from coach.extensions import db
from coach.insights.formulas import LOOKS_BACK_DAYS
from coach.insights.life import METRICS, KnownDay, Life, life_of
from coach.insights.models import BurnoutScore, Insight

TABLE = ("recovery_score", "hrv", "resting_heart_rate", "sleep_hours", "sleep_quality", "strain")
STAGES = ("deep_hours", "rem_hours", "light_hours", "awake_hours")
_TIMES = ("sleep_started_at", "sleep_ended_at", "sleep_offset_minutes")
_READ = tuple(dict.fromkeys((*TABLE, *METRICS, *STAGES, *_TIMES, "mood")))


@dataclass(frozen=True, slots=True)
class Log:
    """One day as the reader may see it; `values` holds what is shared and known."""

    date: date
    values: Mapping[str, float]
    sources: Mapping[str, str]
    doubtful: frozenset[str]
    provisional: bool
    calibrating: bool
    asleep: tuple[float, float] | None = None  # local hours from the noon before, from and to

    def typed(self, name: str) -> bool:
        return self.sources.get(name) == Source.MANUAL


@dataclass(frozen=True, slots=True)
class Known:
    """The days of a client by date, their tags, and the same as the formulas want it.

    Tags of whoever does not share them still keep days out of baselines, as they do in insights,
    and are shown to nobody.
    """

    logs: Mapping[date, Log]
    tags: list[DayTag]
    check_ins: Sequence[CheckIn]
    life: Life


def known(viewer: Viewer, client: Client, shares: frozenset[FieldGroup], shown: Range) -> Known:
    """Read the days shown, as many before them, and what the formulas look back to."""
    first = min(shown.before.first, shown.first - A_DAY * LOOKS_BACK_DAYS)
    logs = _logs(viewer, client, shares, first, shown.last)
    span, says = {"first": first, "last": shown.last}, FieldGroup.CHECK_IN in shares
    said, tags = (
        reading.said(client.id, **span) if says else ([], reading.tags([client.id], **span))
    )
    days = [
        KnownDay(
            log.date,
            {name: log.values.get(name) for name in METRICS},
            None,
            log.doubtful,
            log.provisional,
            need_typed=log.typed("sleep_need_hours"),
        )
        for log in logs.values()
    ]
    life = life_of(days, said, tags, first=first, until=shown.last)
    return Known(logs, tags if says else [], said, life)


def insight(
    viewer: Viewer, client: Client, shown: Range
) -> tuple[Insight, BurnoutScore | None] | None:
    """Find the newest insight that is not after the range, and the three lines of its day."""
    same = and_(
        BurnoutScore.organisation_id == Insight.organisation_id,
        BurnoutScore.client_id == Insight.client_id,
        BurnoutScore.date == Insight.date,
    )
    found = db.session.execute(
        select(Insight, BurnoutScore)
        .join(BurnoutScore, same, isouter=True)
        .where(
            Insight.organisation_id == viewer.organisation_id,
            Insight.client_id == client.id,
            Insight.date.between(shown.first, shown.last),
        )
        .order_by(Insight.date.desc())
        .limit(1)
    ).one_or_none()
    return None if found is None else (found[0], found[1])


def _logs(
    viewer: Viewer, client: Client, shares: frozenset[FieldGroup], first: date, last: date
) -> dict[date, Log]:
    names = [name for name in _READ if name in fields_of(shares)]
    if not names:
        return {}
    rows = db.session.execute(
        select(
            *(DailyLog.date, DailyLog.sources, DailyLog.doubtful, DailyLog.state),
            DailyLog.calibrating,
            *(getattr(DailyLog, name) for name in names),
        ).where(
            DailyLog.organisation_id == viewer.organisation_id,
            DailyLog.client_id == client.id,
            DailyLog.date.between(first, last),
        )
    )
    return {
        day: _log(day, dict(zip(names, values, strict=True)), sources, doubtful, state, calibrating)
        for day, sources, doubtful, state, calibrating, *values in rows
    }


def _log(  # noqa: PLR0913, PLR0917 - the columns of one row, in its order
    day: date,
    values: Mapping[str, float | datetime | None],
    sources: Mapping[str, object],
    doubtful: list[str],
    state: str,
    calibrating: bool,  # noqa: FBT001
) -> Log:
    return Log(
        date=day,
        values={name: it for name, it in values.items() if isinstance(it, int | float)},
        sources={name: str(said) for name, said in sources.items() if name in values},
        doubtful=frozenset(doubtful) & values.keys(),
        provisional=state != "final",
        calibrating=calibrating,
        asleep=_asleep(day, values),
    )


def _asleep(day: date, values: Mapping[str, float | datetime | None]) -> tuple[float, float] | None:
    """Say when somebody slept on the clock of where it was; what cannot be is left out."""
    started, ended, east = (values.get(name) for name in _TIMES)
    if not (isinstance(started, datetime) and isinstance(ended, datetime)):
        return None
    minutes = east if isinstance(east, int | float) else 0
    noon = datetime.combine(day, time(12), UTC) - A_DAY - timedelta(minutes=minutes)
    start, end = ((moment - noon) / timedelta(hours=1) for moment in (started, ended))
    return (start, end) if 0 < end - start <= 24 and abs(start) <= 36 else None
