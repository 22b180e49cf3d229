"""Organisations that share a WHOOP app share what is left of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush

from coach.whoop.errors import SlowDown
from coach.whoop.quota import shares
from coach.whoop.quota.ledger import Ledger
from coach.whoop.quota.shares import Share
from coach.work.models import Lane

START = datetime(2026, 5, 14, tzinfo=UTC)
NOON = START.timestamp()
CALLS_OF_A_SYNC = 4


def used_and_back(used: int, **back: float) -> Share:
    return Share(hours={str(int(NOON // 3600)): used}, back=back)


def test_nobody_gives_way_while_nobody_waits() -> None:
    assert (
        shares.give_way({"a": used_and_back(500), "b": used_and_back(1)}, "a", Lane.FRESH, NOON)
        == 0
    )


def test_who_had_more_gives_way_until_the_other_is_back() -> None:
    known = {"a": used_and_back(500), "b": used_and_back(1, fresh=NOON + 20)}
    assert shares.give_way(known, "a", Lane.FRESH, NOON) == 21
    assert shares.give_way(known, "b", Lane.FRESH, NOON) == 0
    assert shares.give_way(known, "new", Lane.FRESH, NOON) == 0


def test_less_urgent_work_of_others_is_no_reason_to_wait() -> None:
    known = {"a": used_and_back(500), "b": used_and_back(1, backfill=NOON + 20)}
    assert shares.give_way(known, "a", Lane.RECONCILE, NOON) == 0
    assert shares.give_way(known, "a", Lane.BACKFILL, NOON) > 0


def test_who_does_not_come_back_is_forgotten_and_so_are_yesterdays_calls() -> None:
    known = {"b": used_and_back(1, fresh=NOON)}
    assert shares.tidy(known, NOON + 29) == known
    assert shares.tidy(known, NOON + 31)["b"]["back"] == {}
    assert shares.tidy(known, NOON + 27 * 3600) == {}


def test_an_organisation_alone_is_never_held_back() -> None:
    book = Ledger(100, 10_000, {}, {})
    assert [_wait(book, "a", START) for _ in range(101)].count(0) == 100


def test_the_last_calls_of_a_minute_go_to_who_waited_and_had_less() -> None:
    book = Ledger(100, 10_000, {}, {})
    for _ in range(100):
        _wait(book, "a", START)
    back = book.park(_wait(book, "b", START), Lane.FRESH, START, "b")
    then = START + timedelta(seconds=back - 1)
    assert _wait(book, "a", then) > 0
    book.seconds = {str(int(then.timestamp())): 90}  # ten are free, which is little
    assert _wait(book, "a", then) == 2
    assert _wait(book, "b", then) == 0


@dataclass
class Day:
    """A simulated day of many workers and one WHOOP app, on a virtual clock."""

    book: Ledger
    demand: Mapping[str, int]
    lane: Lane = Lane.BACKFILL
    calls: dict[str, int] = field(default_factory=dict)
    moments: list[datetime] = field(default_factory=list)

    def live(self, hours: int) -> None:
        """Let each organisation's syncs come, wait and go on until the time is over."""
        order = (each for each, syncs in self.demand.items() for _ in range(syncs))
        due = [(START, number, name, CALLS_OF_A_SYNC) for number, name in enumerate(order)]
        heapify(due)
        while due and due[0][0] < START + timedelta(hours=hours):
            now, number, name, left = heappop(due)
            wait = self._sync(name, left, now)
            if wait is not None:
                heappush(due, (now + timedelta(seconds=wait[0]), number, name, wait[1]))

    def _sync(self, name: str, left: int, now: datetime) -> tuple[float, int] | None:
        while left:
            try:
                self.book.take(self.lane, now, name)
            except SlowDown as refusal:
                return self.book.park(refusal.wait, self.lane, now, name), left
            left -= 1
            self.calls[name] = self.calls.get(name, 0) + 1
            self.moments.append(now)
        return None

    def fairness(self) -> float:
        """Jain's index of the calls: 1 when all had the same, 1/n when one had all."""
        got = [self.calls.get(name, 0) for name in self.demand]
        return sum(got) ** 2 / (len(got) * sum(each**2 for each in got))


def test_on_the_day_when_everybody_links_each_organisation_gets_the_same() -> None:
    demand = {"huge": 300, "big": 150, "middle": 90, "small": 60, "smaller": 60}
    day = Day(Ledger(20, 2_000, {}, {}), demand)
    day.live(hours=24)
    assert day.fairness() >= 0.95
    assert sum(day.calls.values()) == 1_500  # all that history may have of a day's 2,000


def test_what_the_others_do_not_want_goes_to_who_does() -> None:
    day = Day(Ledger(20, 2_000, {}, {}), {"huge": 400, "tiny": 5, "small": 20})
    day.live(hours=24)
    assert day.calls["tiny"] == 5 * CALLS_OF_A_SYNC
    assert day.calls["small"] == 20 * CALLS_OF_A_SYNC
    assert sum(day.calls.values()) == 1_500


def test_a_small_organisation_does_not_wait_behind_a_large_ones_history() -> None:
    day = Day(Ledger(20, 20_000, {}, {}), {"huge": 400, "tiny": 5})
    day.live(hours=1)
    assert day.calls["tiny"] == 5 * CALLS_OF_A_SYNC
    assert day.calls["huge"] > 400  # and little is wasted: 10 calls a minute are allowed


def _wait(book: Ledger, name: str, now: datetime) -> float:
    try:
        book.take(Lane.FRESH, now, name)
    except SlowDown as refusal:
        return refusal.wait
    return 0.0
