"""The day rule: what holds for every life, however odd."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from coach.days.calendar import NEIGHBOURHOOD, Cycle, MainSleep, Placed, Why, place

HOUR = timedelta(hours=1)
OFFSETS = [-11 * 60, -8 * 60, 0, 60, 120, 330, 13 * 60]
EPOCH = datetime(2026, 3, 20, tzinfo=UTC)


@st.composite
def cycles(draw: st.DrawFn) -> Cycle:
    """Any cycle of a crowded fortnight, overlaps included."""
    start = EPOCH + timedelta(minutes=draw(st.integers(0, 14 * 24 * 60)))
    length = timedelta(minutes=draw(st.integers(60, 60 * 60)))
    offset = draw(st.sampled_from(OFFSETS))
    asleep = draw(st.none() | st.floats(0.1, 1))
    is_open = draw(st.integers(0, 9)) == 0
    sleep = None
    if asleep is not None:
        woke = start + length * asleep
        sleep = MainSleep(woke, draw(st.sampled_from([offset, offset, *OFFSETS])), 8 * asleep)
    return Cycle(str(draw(st.uuids())), start, None if is_open else start + length, offset, sleep)


def lives(most: int = 12) -> st.SearchStrategy[list[Cycle]]:
    return st.lists(cycles(), max_size=most, unique_by=lambda cycle: cycle.key)


@given(lives(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_is_irrelevant(life: list[Cycle], random: Random) -> None:
    shuffled = random.sample(life, len(life))
    assert place(shuffled) == place(life)


@given(lives())
def test_every_cycle_is_placed_once_by_start(life: list[Cycle]) -> None:
    by_start = sorted(life, key=lambda cycle: (cycle.started_at, cycle.key))
    assert [placed.key for placed in place(life)] == [cycle.key for cycle in by_start]


@given(lives())
def test_every_date_in_use_has_exactly_one_owner(life: list[Cycle]) -> None:
    placed = place(life)
    owners = Counter(one.date for one in placed if one.owns)
    assert owners == dict.fromkeys({one.date for one in placed}, 1)


@given(lives())
def test_a_move_goes_to_the_date_next_door_and_never_empties_a_date(life: list[Cycle]) -> None:
    alone = {cycle.key: place([cycle])[0].date for cycle in life}
    together = place(life)
    for one in together:
        expected = 1 if one.why is Why.MOVED else 0
        assert abs((one.date - alone[one.key]).days) == expected
    assert set(alone.values()) <= {one.date for one in together}


def span(cycle: Cycle) -> tuple[datetime, datetime]:
    last = cycle.ended_at or cycle.started_at + 12 * HOUR
    return cycle.started_at, max(last, cycle.main_sleep.ended_at) if cycle.main_sleep else last


def far_apart(one: Cycle, other: Cycle) -> bool:
    (start, end), (other_start, other_end) = span(one), span(other)
    return other_start - end > NEIGHBOURHOOD or start - other_end > NEIGHBOURHOOD


@given(lives(), cycles())
def test_a_cycle_beyond_the_neighbourhood_changes_nothing(life: list[Cycle], late: Cycle) -> None:
    def untouched(placed: list[Placed]) -> list[Placed]:
        distant = {cycle.key for cycle in life if far_apart(cycle, late)}
        return [one for one in placed if one.key in distant]

    assert untouched(place([*life, late])) == untouched(place(life))
