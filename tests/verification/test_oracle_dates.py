"""The day rule and the oracle, two programs after one text, place any life alike."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from coach.days.calendar import Cycle, MainSleep, place
from tests.verification.oracle import ApiLife, expected_days
from tests.verification.oracle_sources import Json

EPOCH = datetime(2026, 3, 20, tzinfo=UTC)
Made = tuple[int, int, float | None, int]


def make_life(made: Sequence[Made]) -> tuple[list[Cycle], ApiLife]:
    """Tell one life twice, starts apart by the second: as the app's cycles and as raw records."""
    theirs, cycles, sleeps = [], [], []
    for number, (hour, length, asleep, offset) in enumerate(made):
        start = EPOCH + timedelta(hours=hour, seconds=number)
        end = start + timedelta(hours=length)
        cycle = {"id": number, "start": start.isoformat(), "end": end.isoformat()}
        zone = {"timezone_offset": f"{'-' if offset < 0 else '+'}{abs(offset):02}:00"}
        cycles.append({**cycle, **zone, "score_state": "SCORED", "score": {"strain": number}})
        sleep = None
        if asleep is not None:
            woke = start + (end - start) * asleep
            sleep = MainSleep(woke, offset * 60, 4.0 + hour % 3)
            night = {"id": number, "cycle_id": number, "start": start.isoformat()}
            sleeps.append({**night, **zone, "end": woke.isoformat(), **_asleep(4 + hour % 3)})
        theirs.append(Cycle(str(number), start, end, offset * 60, sleep))
    return theirs, ApiLife(cycles, sleeps)


def _asleep(hours: int) -> Json:
    stages = {"total_light_sleep_time_milli": hours * 3_600_000}
    stages |= dict.fromkeys(("total_slow_wave_sleep_time_milli", "total_rem_sleep_time_milli"), 0)
    return {"nap": False, "score_state": "SCORED", "score": {"stage_summary": stages}}


MADE = st.tuples(
    st.integers(0, 200),
    st.integers(2, 60),
    st.none() | st.floats(0.1, 1),
    st.sampled_from([-8, 0, 1, 2, 9]),
)


@given(st.lists(MADE, max_size=10))
def test_the_day_rule_and_the_oracle_place_any_life_alike(made: list[Made]) -> None:
    theirs, api = make_life(made)
    placed = {one.date: float(one.key) for one in place(theirs) if one.owns}
    days = expected_days(api, None)
    assert {day: fields["strain"][0] for day, fields in days.items()} == placed
