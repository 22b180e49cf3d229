"""One client's week as one reader may see it, and the weeks of many with the group's averages."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import fmean
from uuid import UUID

from coach.accounts.access import Viewer
from coach.accounts.models import Client, FieldGroup
from coach.check_ins.models import DayTag
from coach.days.calendar import today
from coach.weekly import plans, reading
from coach.weekly.figures import Line, Measure, Stance, Told, lines
from coach.weekly.gaps import Gap, gaps
from coach.weekly.plans import Plan
from coach.weekly.reading import Read
from coach.weekly.week import Week


@dataclass(frozen=True, slots=True)
class Review:
    """A week of a client; a measure that is not shared has no line. `here`: the client's today."""

    client_id: UUID
    name: str
    week: Week
    here: date
    shares: frozenset[FieldGroup]
    lines: Mapping[Measure, Line]
    gaps: Sequence[Gap]
    tags: Sequence[DayTag]
    plans: Sequence[Plan]

    @property
    def stands_out(self) -> bool:
        return any(line.stands_out for line in self.lines.values())

    @property
    def says_something(self) -> bool:
        return bool(self.stands_out or self.gaps or self.tags or self.plans)

    @property
    def begun(self) -> bool:
        return self.week.monday <= self.here

    @property
    def days(self) -> int:
        """Count the days of the week that there have been, today included."""
        return sum(day <= self.here for day in self.week.dates)

    @property
    def hidden(self) -> list[FieldGroup]:
        return [group for group in FieldGroup if group not in self.shares]


@dataclass(frozen=True, slots=True)
class Average:
    """A mean of `n` people, `of` so many who share it; of the group, and colours nobody."""

    value: float | None
    n: int
    of: int


@dataclass(frozen=True, slots=True)
class GroupReview:
    """The weeks of some clients: who stands out first, then by name."""

    week: Week
    rows: Sequence[Review]
    averages: Mapping[Measure, Average]
    below_range: Average  # so many of those whose range is known
    plans: Sequence[Plan]  # for all of them

    @property
    def says_something(self) -> bool:
        return any(row.says_something for row in self.rows)


def of_client(client: Client, week: Week, *, by: Viewer, now: datetime) -> Review:
    """Review the week of a client whom the viewer has found."""
    return of_clients([client], week, by=by, now=now).rows[0]


def of_clients(clients: Sequence[Client], week: Week, *, by: Viewer, now: datetime) -> GroupReview:
    """Review the week of some clients whom the viewer has found; as many statements for any."""
    ids = [client.id for client in clients]
    found = reading.of_clients(ids, week, by=by)
    planned = plans.of_week(ids, week, by=by)
    rows = [
        _review(client, week, found[client.id], planned.of_client(client.id), now)
        for client in clients
    ]
    rows.sort(key=lambda row: (not row.stands_out, not row.gaps, row.name.casefold()))
    averages = {each: _average(rows, each) for each in Measure}
    return GroupReview(week, rows, averages, _below_range(rows), planned.of_everybody)


def _review(
    client: Client, week: Week, read: Read, planned: Sequence[Plan], now: datetime
) -> Review:
    here = today(now, client.timezone)
    told = Told(read.life, read.moods, week)
    return Review(
        client_id=client.id,
        name=client.name,
        week=week,
        here=here,
        shares=read.shares,
        lines=lines(told, read.shares),
        gaps=gaps(read.known, week, here=here, shares=read.shares, link=read.amiss),
        tags=read.tags,
        plans=planned,
    )


def _average(rows: Iterable[Review], measure: Measure) -> Average:
    shown = [row.lines[measure] for row in rows if measure in row.lines]
    known = [it for line in shown if (it := _TOLD_OF.get(measure, _week)(line)) is not None]
    return Average(fmean(known) if known else None, len(known), len(shown))


def _below_range(rows: Iterable[Review]) -> Average:
    shown = [row.lines[Measure.HRV].stance for row in rows if Measure.HRV in row.lines]
    known = [it for it in shown if it not in {Stance.TOO_FEW, Stance.NO_USUAL}]
    below = float(known.count(Stance.BELOW)) if known else None
    return Average(below, len(known), len(shown))


def _week(line: Line) -> float | None:
    return line.week.value


def _drift(line: Line) -> float | None:
    known = line.week.value is not None and line.usual is not None
    return line.week.value - line.usual if known else None  # type: ignore[operator]


# Of a heart rate the group has no mean worth a word; how far each is from their own has.
_TOLD_OF: Mapping[Measure, Callable[[Line], float | None]] = {Measure.RESTING: _drift}
