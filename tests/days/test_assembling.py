"""What two sources tell of one life: one night a date, the finer value, the rest filled in."""

from datetime import UTC, date, datetime, timedelta

from coach.days.assembling import assemble
from coach.days.calendar import Cycle, MainSleep
from coach.days.merge import Reading
from coach.days.metrics import Source, Value
from coach.days.telling import Answer, Happening, Told, ToldCycle

START = datetime(2026, 5, 13, 21, 10, 30, 851_000, UTC)
CUT = START.replace(microsecond=0)
HOUR = timedelta(hours=1)
MAY_14 = date(2026, 5, 14)


def told(
    source: Source,
    start: datetime,
    *,
    slept: float | None = 8,
    hours: float | None = 24,
    values: dict[str, Value] | None = None,
) -> ToldCycle:
    night = None if slept is None else MainSleep(start + slept * HOUR, 120, slept)
    end = None if hours is None else start + hours * HOUR
    cycle = Cycle(f"{source}:{start}", start, end, 120, night)
    return ToldCycle(cycle, Reading(source, values or {"strain": 9.0}))


def workout(source: Source, start: datetime, **values: Value) -> Happening:
    return Happening(source, f"{source}:{start}", start, start + HOUR, 120, values)


def both(api: Told, export: Told) -> dict[Source, Told]:
    return {Source.WHOOP: api, Source.EXPORT: export}


def test_a_cycle_that_both_tell_is_placed_once_for_both() -> None:
    api, export = told(Source.WHOOP, START), told(Source.EXPORT, CUT)
    found = assemble(both(Told([api]), Told([export])))
    assert [list(days) for days in found.readings.values()] == [[MAY_14], [MAY_14]]


def test_no_date_shows_two_nights() -> None:
    api = told(Source.WHOOP, START, slept=5)
    other = told(Source.EXPORT, START + 9 * HOUR, slept=6, hours=12)
    found = assemble(both(Told([api]), Told([other])))
    assert found.readings[Source.WHOOP] == {}
    assert list(found.readings[Source.EXPORT]) == [MAY_14]


def test_what_the_api_does_not_know_of_a_cycle_the_export_fills() -> None:
    api = told(Source.WHOOP, START, slept=None, hours=None)
    woke_before_midnight = told(Source.EXPORT, CUT, slept=0.5)
    alone = assemble(both(Told([api]), Told())).readings[Source.WHOOP]
    filled = assemble(both(Told([api]), Told([woke_before_midnight]))).readings[Source.WHOOP]
    assert (list(alone), list(filled)) == ([MAY_14], [date(2026, 5, 13)])


def test_a_workout_of_both_is_one_row_and_the_finer_value_wins() -> None:
    run = START + 10 * HOUR
    api = workout(Source.WHOOP, run, strain=9.81, activity="running")
    export = workout(Source.EXPORT, run.replace(microsecond=0), strain=9.8, distance_m=5000.0)
    cycles = [told(Source.WHOOP, START)]
    (row,) = assemble(both(Told(cycles, workouts=[api]), Told(workouts=[export]))).workouts
    assert (row["strain"], row["distance_m"], row["activity"]) == (9.81, 5000, "running")
    assert (row["date"], row["key"]) == ("2026-05-14", api.key)
    assert row["sources"] == ["whoop", "whoop_export"]


def test_what_the_api_deleted_stays_as_the_export_tells_it() -> None:
    export = workout(Source.EXPORT, CUT, strain=9.8)
    (row,) = assemble(both(Told(), Told(workouts=[export]))).workouts
    assert (row["key"], row["sources"]) == (export.key, ["whoop_export"])


def test_the_impossible_stays_out_of_a_row() -> None:
    wild = workout(Source.EXPORT, CUT, strain=99.0, zone_1_minutes=12.0)
    (row,) = assemble(both(Told(), Told(workouts=[wild]))).workouts
    assert (row["strain"], row["zone_1_minutes"]) == (None, 12)


def test_a_workout_belongs_to_the_cycle_it_fell_into_even_after_midnight() -> None:
    late = workout(Source.EXPORT, START + 2 * HOUR)  # ten past one on 14 May, in the cycle of then
    later = workout(Source.EXPORT, START + 23.5 * HOUR)
    rows = assemble(both(Told([told(Source.WHOOP, START)]), Told(workouts=[late, later]))).workouts
    assert [row["date"] for row in rows] == ["2026-05-14", "2026-05-14"]
    alone = workout(Source.EXPORT, START + 30 * HOUR)  # in no cycle: the date on the wall
    (row,) = assemble(both(Told([told(Source.WHOOP, START)]), Told(workouts=[alone]))).workouts
    assert row["date"] == "2026-05-15"


def test_an_answer_has_the_date_of_its_cycle() -> None:
    cycle = told(Source.EXPORT, CUT)
    answer = Answer("key", cycle.cycle.key, CUT, 120, "Any coffee?\0", True, None)  # noqa: FBT003
    (row,) = assemble(both(Told(), Told([cycle], journal=[answer]))).journal
    assert (row["date"], row["question"]) == ("2026-05-14", "Any coffee?\ufffd")
    (row,) = assemble(both(Told(), Told(journal=[answer]))).journal
    assert row["date"] == "2026-05-13"


def test_a_weight_waits_for_a_cycle_of_its_date() -> None:
    weights = {MAY_14: {"weight_kg": 70.0}, date(2026, 5, 20): {"weight_kg": 71.0}}
    found = assemble(both(Told([told(Source.WHOOP, START)], by_date=weights), Told()))
    days = found.readings[Source.WHOOP]
    assert {day: reading.values.get("weight_kg") for day, reading in days.items()} == {MAY_14: 70}
