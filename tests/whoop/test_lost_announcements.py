"""Announcements that are dropped or come in any order: the rows end as if all had come."""

from datetime import datetime, timedelta
from itertools import permutations
from random import Random
from uuid import UUID

import pytest

from coach.simulator.changes import Change
from tests.cast import Cast, Somebody
from tests.whoop.conftest import NOW, Linker
from tests.whoop.test_plan import forget, known
from tests.whoop.week import Week

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MEMBER = "mara"
SPOILT = ("sleep", "recovery", "workout")


def told_all(linker: Linker, who: Somebody, moment: datetime) -> Week:
    """Somebody who links at a moment, and so reads everything as it is then."""
    fresh = Week(linker, who, moment)
    fresh.link(MEMBER)
    return fresh


def since(week: Week, first: datetime) -> dict[object, object]:
    """Give the closed days and the records behind them from a moment on."""
    days = {day: log for day, log in week.days().items() if str(day) > str(first.date())}
    return {day: log for day, log in days.items() if log["state"] == "final"}


@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in (2, 3, 4))])
def test_what_is_dropped_is_there_after_one_sweep_and_costs_little(
    linker: Linker, cast: Cast, seed: int
) -> None:
    drops, days = Random(seed), 5  # noqa: S311  not for secrets
    lossy = Week(linker, cast.bea, NOW, is_told=lambda _: drops.random() > 0.3)
    lossy.link(MEMBER)
    start = len(lossy.calls())
    lossy.run(NOW + days * DAY)
    lossy.is_told = lambda _: False
    lossy.run(NOW + (days + 1.7) * DAY)  # one slot for what was dropped last
    lossy_calls = len(lossy.calls()) - start
    fresh = told_all(linker, cast.xenia, lossy.now)
    assert since(lossy, NOW) == since(fresh, NOW)
    assert len(since(fresh, NOW)) >= days
    assert lossy_calls <= 5.5 * (days + 1.7)


def test_an_announcement_that_never_came_is_written_down(linker: Linker, cast: Cast) -> None:
    week = Week(linker, cast.bea, NOW, is_told=lambda change: "workout" in change.type)
    week.link(MEMBER)
    week.run(NOW + 3 * DAY)
    assert week.counted("sleep", "missed") > 0
    assert str(week.integration().cursors["missed_at"]) > NOW.isoformat()


def _orders() -> list[object]:
    """All 720 orders of six announcements, some of them for every day."""
    orders = list(permutations(range(6)))
    sample = Random(1).sample(range(720), 4)  # noqa: S311  not for secrets
    slow = pytest.mark.slow
    return [each for n, each in enumerate(orders) if n in sample] + [
        pytest.param(each, marks=slow) for n, each in enumerate(orders) if n not in sample
    ]


@pytest.fixture(scope="module")
def expected() -> dict[str, object]:
    """What the first order ended in; every other one must end so too."""
    return {}


@pytest.mark.parametrize("order", _orders(), ids=str)
def test_six_announcements_in_any_order_end_in_the_same_rows(
    linker: Linker, cast: Cast, expected: dict[str, object], order: tuple[int, ...]
) -> None:
    week = Week(linker, cast.bea, NOW)
    week.link(MEMBER)
    gone, new, trained = known(week, "sleep", 2), known(week, "sleep"), known(week, "workout")
    linker.whoop.app.extensions["simulator"].deleted.add(UUID(gone))
    try:
        forget(week, ("sleep", new), ("recovery", new), ("workout", trained))
        said = [
            ("sleep.updated", gone),
            ("sleep.deleted", gone),
            ("recovery.deleted", gone),
            ("sleep.updated", new),
            ("recovery.updated", new),
            ("workout.updated", trained),
        ]
        for number in order:
            what, subject = said[number]
            with week.at(week.now + HOUR / 60):
                week.announce(Change(week.now, week.member(), what, UUID(subject)))
            week.follow()
    finally:
        linker.whoop.app.extensions["simulator"].deleted.clear()
    closed = {day: log for day, log in week.days().items() if log["state"] == "final"}
    ended = {"records": sorted(week.records()), "days": closed}
    assert expected.setdefault("ended", ended) == ended
