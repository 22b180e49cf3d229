"""What the formulas want to know of one client: runs of days, cleaned of what is not to be trusted.

A doubtful value is left out; so is what an open day has only collected a part of (strain). A value
that a person typed counts like any other.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from coach.check_ins.models import CheckIn, DayTag, TagKind
from coach.check_ins.reading import tagged_dates
from coach.science import feelings
from coach.science.feelings import ITEMS
from coach.science.series import DAY, Series
from coach.science.sleep_need import Need, need_told

# Days that no baseline rests on.
LEFT_OUT = frozenset({TagKind.ILL, TagKind.INJURED, TagKind.TRAVELLING})
# The other values of an open day are those of the night before it, which is over.
GROWING = frozenset({"strain"})
METRICS = (
    *("hrv", "resting_heart_rate", "sleep_hours", "sleep_need_hours", "sleep_debt_hours"),
    *("nap_hours", "respiratory_rate", "strain"),
)


@dataclass(frozen=True, slots=True)
class KnownDay:
    """What is believed of one date; `values` by metric, None where nothing is.

    `need_typed` tells that a person said how much sleep they need, not a device.
    """

    date: date
    values: Mapping[str, float | None]
    mood: int | None
    doubtful: Collection[str]
    is_open: bool
    need_typed: bool = False


@dataclass(frozen=True, slots=True)
class Life:
    """One client's days: a series per metric, the Hooper index, tags, answers, the need of sleep."""

    series: Mapping[str, Series]
    hooper: Series
    answered: frozenset[date]
    tagged: Mapping[TagKind, frozenset[date]]
    needs: Mapping[date, Need]  # as they were told

    def tags(self, day: date) -> frozenset[TagKind]:
        """Name what is tagged on a date."""
        return frozenset(kind for kind, dates in self.tagged.items() if day in dates)

    @property
    def first(self) -> date | None:
        """Name the first date of which anything is known."""
        known = [*self.answered, *(day for each in self.series.values() for day in each.values)]
        return min(known, default=None)


def life_of(
    days: Iterable[KnownDay],
    check_ins: Iterable[CheckIn],
    tags: Collection[DayTag],
    *,
    first: date,
    until: date,
) -> Life:
    """Put together what is known of a client from `first` to `until`."""
    known, said = list(days), list(check_ins)
    tagged = {
        kind: frozenset(
            day
            for day in tagged_dates((tag for tag in tags if tag.kind == kind), until=until)
            if day >= first
        )
        for kind in TagKind
    }
    unusual = frozenset().union(*(tagged[kind] for kind in LEFT_OUT))
    return Life(
        series={name: Series(_trusted(known, name), unusual) for name in METRICS},
        hooper=Series({each.date: float(it) for each in said if (it := _index(each))}, unusual),
        answered=frozenset(
            [*(each.date for each in said), *(day.date for day in known if day.mood is not None)]
        ),
        tagged=tagged,
        needs=_needs(known),
    )


def _trusted(days: Iterable[KnownDay], name: str) -> dict[date, float]:
    return {
        day.date: value
        for day in days
        if (value := day.values[name]) is not None
        and name not in day.doubtful
        and not (day.is_open and name in GROWING)
    }


def _needs(days: Collection[KnownDay]) -> dict[date, Need]:
    """Gather the needs of sleep; WHOOP's are less after a nap, so those are left out."""
    napped = {day.date + DAY for day in days if day.values["nap_hours"]}
    return {
        day.date: need
        for day in days
        if (day.need_typed or day.date not in napped) and (need := _need(day))
    }


def _need(day: KnownDay) -> Need | None:
    if "sleep_need_hours" in day.doubtful:
        return None
    hours, debt = day.values["sleep_need_hours"], day.values["sleep_debt_hours"]
    return need_told(hours, debt, typed=day.need_typed)


def _index(said: CheckIn) -> int | None:
    """Give the Hooper index of answers that are complete."""
    ratings = [getattr(said, item) for item in ITEMS]
    return None if None in ratings else feelings.index(*ratings)
