"""What an export says of each day: sections 5, 6, 8 and 10 of the format notes."""

import io
from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest

from coach.csv_import.mapping import Export, tell
from coach.csv_import.reading import Accepted, read_rows
from coach.csv_import.rows import CycleRow, Row, SleepRow, WorkoutRow
from coach.days.assembling import assemble
from coach.days.merge import Reading
from coach.days.metrics import METRICS, Source
from tests.factories import export

MAY_2 = date(2025, 5, 2)
MAY_3 = date(2025, 5, 3)
WITHIN = export.within("2025-05-01 23:10:00", "2025-05-02 23:00:00")
NIGHT = export.night("2025-05-01 23:10:00", "2025-05-02 07:00:00")
CYCLE = WITHIN | export.day() | NIGHT
SLEEP = WITHIN | NIGHT | {"Nap": "false"}
NAP = WITHIN | export.nap("2025-05-02 14:00:00", "2025-05-02 14:40:00")
NAP_ROW = WITHIN | export.day(Recovery="6") | NAP
RUN = WITHIN | export.workout("2025-05-02 18:00:00", "2025-05-02 18:45:30")
FROM_THE_NAP = {"recovery_score", "hrv", "resting_heart_rate", "spo2", "skin_temp_celsius"}


def _rows(titles: list[str], told: tuple[dict[str, str], ...]) -> list[Row]:
    content = io.StringIO(export.text(titles, told), newline="")
    return [found.row for found in read_rows("made_up.csv", content) if isinstance(found, Accepted)]


def cycles(*told: dict[str, str]) -> list[CycleRow]:
    return [row for row in _rows(export.C26, told) if isinstance(row, CycleRow)]


def sleeps(*told: dict[str, str]) -> list[SleepRow]:
    return [row for row in _rows(export.S18, told) if isinstance(row, SleepRow)]


def workouts(*told: dict[str, str]) -> list[WorkoutRow]:
    return [row for row in _rows(export.W20, told) if isinstance(row, WorkoutRow)]


def readings(
    cycles: list[CycleRow], sleeps: list[SleepRow], workouts: list[WorkoutRow]
) -> Mapping[date, Reading]:
    """Say what an export alone says of each day."""
    through = max((row.cycle_start_time for row in sleeps), default=None)
    export = Export(cycles, sleeps, workouts, (), {}, through, bool(workouts))
    return assemble({Source.EXPORT: tell(export)}).readings[Source.EXPORT]


def only(days: Mapping[date, Reading]) -> Reading:
    (reading,) = days.values()
    return reading


def test_a_full_night_gives_every_value_in_our_units() -> None:
    days = readings(cycles(CYCLE), sleeps(SLEEP), workouts(RUN))
    assert days == {
        MAY_2: Reading(
            source=Source.EXPORT,
            values={
                "recovery_score": 66,
                "resting_heart_rate": 52,
                "hrv": 61,
                "skin_temp_celsius": 33.41,
                "spo2": 96.5,
                "strain": 11.4,
                "energy_kj": 10460,
                "average_heart_rate": 68,
                "max_heart_rate": 171,
                "sleep_started_at": datetime(2025, 5, 1, 21, 10, tzinfo=UTC),
                "sleep_ended_at": datetime(2025, 5, 2, 5, 0, tzinfo=UTC),
                "sleep_offset_minutes": 120,
                "sleep_quality": 84,
                "respiratory_rate": 15.1,
                "sleep_hours": 7,
                "in_bed_hours": 7.5833,
                "light_hours": 3.8333,
                "deep_hours": 1.5,
                "rem_hours": 1.6667,
                "awake_hours": 0.5833,
                "sleep_need_hours": 8.3333,
                "sleep_debt_hours": 0.6667,
                "sleep_efficiency": 92,
                "sleep_consistency": 71,
                "workout_count": 1,
            },
        )
    }


def test_every_value_is_one_a_day_can_hold() -> None:
    values = only(readings(cycles(CYCLE), sleeps(SLEEP, NAP), workouts(RUN))).values
    assert all(METRICS[name].accepts(value) for name, value in values.items())
    assert isinstance(values["max_heart_rate"], int)


def test_the_cycle_row_stands_in_for_a_sleep_the_other_file_does_not_hold() -> None:
    alone = readings(cycles(CYCLE), [], [])
    assert alone == readings(cycles(CYCLE), sleeps(SLEEP), [])


def test_a_nap_row_takes_its_sleep_from_the_sleeps_file_and_its_recovery_is_doubtful() -> None:
    found = only(readings(cycles(NAP_ROW), sleeps(NAP, SLEEP), []))
    assert found.values["sleep_hours"] == 7
    assert found.values["nap_hours"] == 0.5
    assert found.values["recovery_score"] == 6
    assert found.doubtful == FROM_THE_NAP


def test_a_nap_row_is_recognised_without_the_sleeps_file() -> None:
    days = readings(cycles(NAP_ROW), [], [])
    found = days[MAY_2]
    assert found.doubtful == FROM_THE_NAP
    assert found.values["nap_hours"] == 0.5
    assert "sleep_hours" not in found.values
    assert "respiratory_rate" not in found.values


def test_only_what_is_there_is_doubtful() -> None:
    told = NAP_ROW | {"Blood oxygen %": ""}
    found = only(readings(cycles(told), sleeps(NAP, SLEEP), []))
    assert found.doubtful == FROM_THE_NAP - {"spo2"}


def test_a_night_row_beside_a_nap_is_not_doubtful() -> None:
    found = only(readings(cycles(CYCLE), sleeps(SLEEP, NAP), []))
    assert not found.doubtful
    assert found.values["nap_hours"] == 0.5


@pytest.mark.parametrize(
    ("onset", "consistency"), [("2025-05-02 00:10:00", ""), ("2025-05-02 03:00:00", "40")]
)
def test_a_late_or_new_sleep_alone_is_no_nap(onset: str, consistency: str) -> None:
    late = export.night(onset, "2025-05-02 08:00:00") | {"Sleep consistency %": consistency}
    found = only(readings(cycles(WITHIN | export.day() | late), [], []))
    assert not found.doubtful
    assert found.values["sleep_hours"] == 7


def test_a_late_night_that_the_sleeps_file_knows_is_no_nap() -> None:
    late = export.night("2025-05-02 03:00:00", "2025-05-02 09:00:00") | {"Sleep consistency %": ""}
    told = WITHIN | late
    found = only(readings(cycles(told | export.day()), sleeps(told | {"Nap": "false"}), []))
    assert not found.doubtful


def test_a_cycle_that_holds_only_a_nap_has_no_night() -> None:
    found = only(readings(cycles(WITHIN | export.day()), sleeps(NAP), []))
    assert found.values["nap_hours"] == 0.5
    assert "sleep_hours" not in found.values


def test_two_naps_are_summed() -> None:
    second = WITHIN | export.nap("2025-05-02 17:00:00", "2025-05-02 17:50:00", "45")
    assert only(readings([], sleeps(SLEEP, NAP, second), [])).values["nap_hours"] == 1.25


def test_of_two_nights_in_a_cycle_the_first_counts_whatever_the_order() -> None:
    next_night = export.night("2025-05-02 22:00:00", "2025-05-03 06:00:00", Asleep="300")
    second = WITHIN | next_night | {"Nap": "false"}
    days = readings(cycles(CYCLE), sleeps(second, SLEEP), [])
    assert days[MAY_2].values["sleep_hours"] == 7
    assert days == readings(cycles(CYCLE), sleeps(SLEEP, second), [])


def test_an_unscored_night_keeps_its_times_and_gives_the_day() -> None:
    told = WITHIN | export.unscored("2025-05-01 23:10:00", "2025-05-02 07:00:00")
    found = readings(cycles(WITHIN | export.day()), sleeps(told | {"Nap": "false"}), [])[MAY_2]
    assert found.values["sleep_ended_at"] == datetime(2025, 5, 2, 5, tzinfo=UTC)
    assert "sleep_hours" not in found.values


def test_an_unscored_nap_adds_nothing() -> None:
    told = WITHIN | export.unscored("2025-05-02 14:00:00", "2025-05-02 15:00:00") | {"Nap": "true"}
    assert "nap_hours" not in only(readings(cycles(CYCLE), sleeps(SLEEP, told), [])).values


def test_an_efficiency_above_a_hundred_is_clamped() -> None:
    told = CYCLE | {"Sleep efficiency %": "101"}
    assert only(readings(cycles(told), [], [])).values["sleep_efficiency"] == 100


def test_an_impossible_value_says_nothing() -> None:
    (row,) = cycles(CYCLE | {"Respiratory rate (rpm)": "0.0", "Day Strain": "99"})
    values = only(readings([row], [], [])).values
    assert "respiratory_rate" not in values
    assert "strain" not in values


def test_strain_of_zero_is_real_and_an_empty_cell_is_not_zero() -> None:
    assert only(readings(cycles(CYCLE | {"Day Strain": "0.0"}), [], [])).values["strain"] == 0
    assert "strain" not in only(readings(cycles(CYCLE | {"Day Strain": ""}), [], [])).values


def test_an_old_strap_measures_neither_oxygen_nor_skin() -> None:
    told = CYCLE | {"Blood oxygen %": "", "Skin temp (celsius)": ""}
    values = only(readings(cycles(told), [], [])).values
    assert not {"spo2", "skin_temp_celsius"} & values.keys()
    assert values["recovery_score"] == 66


def test_the_open_cycle_is_provisional_however_old() -> None:
    told = export.within("2022-10-01 23:10:00") | export.night(
        "2022-10-01 23:10:00", "2022-10-02 07:00:00"
    )
    days = readings(cycles(told), [], [])
    assert days[date(2022, 10, 2)].provisional


def test_the_open_cycle_without_sleep_lies_twelve_hours_on() -> None:
    told = export.within("2025-05-01 23:10:00") | {"Recovery score %": "50"}
    assert readings(cycles(told), [], []).keys() == {MAY_2}


def test_a_cycle_without_sleep_keeps_its_strain() -> None:
    first = export.within("2025-05-02 00:00:00", "2025-05-02 23:00:00") | {"Day Strain": "8.1"}
    assert readings(cycles(first), [], [])[MAY_2].values == {"strain": 8.1}


def test_a_cycle_of_the_three_first_columns_gives_no_day() -> None:
    empty = export.within("2025-05-02 00:00:00", "2025-05-03 00:00:00")
    assert readings(cycles(empty), sleeps(), workouts()) == {}


def test_a_strapless_day_takes_no_place_from_a_real_one() -> None:
    empty = export.within("2025-05-02 00:00:00", "2025-05-02 23:59:00")
    real = export.within("2025-05-02 23:59:00", "2025-05-03 23:00:00") | export.day()
    assert readings(cycles(empty, real, CYCLE), [], []).keys() == {MAY_2, MAY_3}


def test_workouts_are_counted_only_when_their_file_was_given() -> None:
    later = export.within("2025-05-02 23:00:00", "2025-05-03 23:00:00") | export.day()
    counted = readings(cycles(CYCLE, later), [], workouts(RUN))
    assert [day.values["workout_count"] for day in counted.values()] == [1, 0]
    assert "workout_count" not in readings(cycles(CYCLE), [], [])[MAY_2].values


def test_sleeps_and_workouts_give_days_without_the_cycles_file() -> None:
    found = readings([], sleeps(SLEEP), workouts(RUN))[MAY_2]
    assert (found.values["sleep_hours"], found.values["workout_count"]) == (7, 1)
    assert readings([], [], workouts(RUN))[MAY_2].values == {"workout_count": 1}


def test_the_files_join_by_instant_even_when_the_offset_is_written_otherwise() -> None:
    told = export.within("2025-05-01 21:10:00", "2025-05-02 21:00:00", "UTCZ") | {
        "Sleep onset": "2025-05-01 21:10:00",
        "Wake onset": "2025-05-02 05:00:00",
        "Nap": "false",
        "Asleep duration (min)": "360",
    }
    assert only(readings(cycles(CYCLE), sleeps(told), [])).values["sleep_hours"] == 6


def test_a_sleep_that_begins_a_second_after_its_cycle_is_its_night() -> None:
    night = export.night("2025-05-01 23:10:01", "2025-05-02 07:00:00") | {"Sleep consistency %": ""}
    found = only(readings(cycles(WITHIN | export.day() | night), [], []))
    assert found.values["sleep_hours"] == 7


def test_the_day_is_the_one_woken_up_on_where_the_client_was() -> None:
    told = export.within("2025-05-02 13:00:00", "2025-05-03 12:00:00", "UTC-10:00") | export.night(
        "2025-05-02 13:00:00", "2025-05-02 20:30:00"
    )
    found = readings(cycles(told), [], [])
    assert found.keys() == {MAY_2}
    assert found[MAY_2].values["sleep_offset_minutes"] == -600


def test_of_two_cycles_on_a_date_the_longer_sleep_owns_it() -> None:
    early = export.within("2025-05-02 00:10:00", "2025-05-02 10:00:00")
    short = early | export.night("2025-05-02 00:10:00", "2025-05-02 04:00:00", Asleep="200")
    late = export.within("2025-05-02 10:00:00", "2025-05-02 23:30:00")
    long = late | export.night("2025-05-02 10:00:00", "2025-05-02 18:00:00", Asleep="450")
    found = readings(cycles(short, long), [], [])
    assert found.keys() == {MAY_2}
    assert found[MAY_2].values["sleep_hours"] == 7.5


def test_the_order_of_rows_changes_nothing() -> None:
    later = export.within("2025-05-02 23:00:00", "2025-05-03 23:00:00") | export.day()
    told = (CYCLE, later)
    forth = readings(cycles(*told), sleeps(SLEEP, NAP), workouts(RUN))
    back = readings(cycles(*reversed(told)), sleeps(NAP, SLEEP), workouts(RUN))
    assert forth == back
