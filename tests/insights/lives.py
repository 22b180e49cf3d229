"""Hand-made lives: runs of days that end on one day, in memory and in the database."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from coach.check_ins.models import CheckIn, DayTag, TagKind
from coach.days import store
from coach.days.merge import Reading
from coach.days.metrics import Source
from coach.insights.life import METRICS, KnownDay, Life, life_of
from tests.cast import Somebody

TODAY = date(2026, 6, 30)
NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)
Run = Sequence[float | None]
# A steady person: the values of five days, again and again.
STEADY: Mapping[str, Sequence[float]] = {
    "hrv": (58.0, 60.0, 62.0, 64.0, 66.0),
    "resting_heart_rate": (49.0, 50.0, 51.0, 50.0, 50.0),
    "sleep_hours": (7.4, 7.6, 7.8, 8.0, 7.7),
    "sleep_need_hours": (8.0,),
    "respiratory_rate": (14.8, 15.0, 15.2, 15.1, 14.9),
    "strain": (8.0, 12.0, 10.0, 14.0, 11.0),
}


def ago(days: int) -> date:
    return TODAY - DAY * days


def steady(name: str, days: int = 100, *, then: Run = ()) -> list[float | None]:
    """Give a steady run of so many days, the last of which are `then`."""
    usual = STEADY[name]
    return [*(usual[step % len(usual)] for step in range(days - len(then))), *then]


@dataclass
class Made:
    """A life of runs that all end today; what is not said is steady."""

    runs: Mapping[str, Run] = field(default_factory=dict)
    check_ins: Mapping[date, int] = field(default_factory=dict)  # each of the four items
    tags: Sequence[tuple[TagKind, date, date | None]] = ()
    doubtful: Mapping[date, Iterable[str]] = field(default_factory=dict)
    is_open: bool = False
    need_typed: bool = False

    def days(self) -> Iterator[tuple[date, dict[str, float]]]:
        runs: dict[str, Run] = {name: self.runs.get(name, steady(name)) for name in STEADY}
        runs |= dict(self.runs)
        for back in range(max(map(len, runs.values())) - 1, -1, -1):
            known = {
                name: value
                for name, run in runs.items()
                if back < len(run) and (value := run[len(run) - 1 - back]) is not None
            }
            yield ago(back), known

    def life(self) -> Life:
        empty = dict.fromkeys(METRICS)
        return life_of(
            [
                KnownDay(
                    date=day,
                    values={**empty, **values},
                    mood=None,
                    doubtful=frozenset(self.doubtful.get(day, ())),
                    is_open=self.is_open and day == TODAY,
                    need_typed=self.need_typed,
                )
                for day, values in self.days()
            ],
            [
                CheckIn(date=day, sleep=item, stress=item, fatigue=item, soreness=item)
                for day, item in self.check_ins.items()
            ],
            [DayTag(kind=kind, first_date=since, last_date=to) for kind, since, to in self.tags],
            first=ago(400),
            until=TODAY,
        )


def record(who: Somebody, made: Made) -> int:
    """Record the days of a life as WHOOP's, while acting for the client's organisation."""
    assert who.client_id
    said = {
        day: Reading(Source.WHOOP, values, frozenset(made.doubtful.get(day, ())))
        for day, values in made.days()
    }
    return store.record(who.client_id, Source.WHOOP, said)
