"""Rows are read as the export means them, and nothing spoils the file."""

from datetime import UTC, datetime

import pytest

from coach.csv_import.headers import Kind
from coach.csv_import.reading import Accepted
from coach.csv_import.rows import (
    CycleRow,
    JournalRow,
    SleepRow,
    WorkoutRow,
    from_parsed,
    parsed,
)
from tests.csv_import.made_up import COFFEE, CYCLE, NAP, RUN, one_cycle, read, rows
from tests.factories import export


@pytest.mark.parametrize(
    ("titles", "row", "kind", "key"),
    [
        (export.C25, CYCLE, Kind.CYCLE, "cycle:2025-05-01T21:10:00Z"),
        (export.C26, CYCLE, Kind.CYCLE, "cycle:2025-05-01T21:10:00Z"),
        (export.S17, NAP, Kind.SLEEP, "sleep:2025-05-02T12:00:00Z"),
        (export.S18, NAP, Kind.SLEEP, "sleep:2025-05-02T12:00:00Z"),
        (export.W17, RUN, Kind.WORKOUT, "workout:2025-05-02T16:00:00Z"),
        (export.W20, RUN, Kind.WORKOUT, "workout:2025-05-02T16:00:00Z"),
        (export.J6, COFFEE, Kind.JOURNAL, "journal:2025-05-01T21:10:00Z/Have any caffeine?"),
    ],
)
def test_every_english_generation_is_recognised_and_keyed_in_utc(
    titles: list[str], row: dict[str, str], kind: Kind, key: str
) -> None:
    (found,) = rows(export.text(titles, [row]))
    assert (found.kind, found.key) == (kind, key)


@pytest.mark.parametrize("row", [CYCLE, NAP, RUN, COFFEE])
def test_a_row_survives_being_stored(row: dict[str, str]) -> None:
    titles = next(
        t for t in (export.J6, export.W20, export.S18, export.C26) if set(row) <= {*t, "Nap"}
    )
    (found,) = rows(export.text(titles, [row]))
    assert from_parsed(found.kind, parsed(found)) == found


def test_cells_become_values_and_empty_ones_nothing() -> None:
    (row,) = rows(one_cycle(Day_Strain=""))
    assert isinstance(row, CycleRow)
    assert row.cycle_start_time == datetime(2025, 5, 1, 21, 10, tzinfo=UTC)
    assert row.offset_minutes == 120
    assert (row.recovery_score, row.skin_temp, row.day_strain) == (66, 33.41, None)


def test_the_raw_cells_are_kept_with_columns_we_do_not_know() -> None:
    content = export.text([*export.C26, "Patient"], [CYCLE | {"Patient": "77"}])
    (found,) = read(content)
    assert isinstance(found, Accepted)
    assert found.line == 2
    assert found.raw["Patient"] == "77"
    assert found.raw["Recovery score %"] == "66"


def test_columns_may_come_in_any_order_and_many_may_be_missing() -> None:
    titles = ["Wake onset", "Cycle timezone", "Recovery score %", "Cycle start time"]
    (row,) = rows(export.text(titles, [CYCLE]))
    assert isinstance(row, CycleRow)
    assert row.recovery_score == 66
    assert row.cycle_end_time is None


def test_edited_headers_in_snake_case_are_read() -> None:
    content = export.text(export.C26, [CYCLE])
    header, rest = content.split("\n", 1)
    edited = header.lower().replace(" ", "_").replace("(", "").replace(")", "")
    assert rows(f"{edited}\n{rest}") == rows(content)


def test_three_columns_put_in_front_change_nothing() -> None:
    front = {"id": "1", "first": "A", "last": "B"}
    content = export.text([*front, *export.C26], [CYCLE | front])
    assert rows(content) == rows(export.text(export.C26, [CYCLE]))


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_spreadsheet_copy_reads_the_same(newline: str, delimiter: str) -> None:
    copy = export.text(export.S18, [NAP], delimiter=delimiter, newline=newline)
    copy = copy.replace("true", "TRUE").rstrip()
    assert rows(copy) == rows(export.text(export.S18, [NAP]))


def test_numbers_may_have_a_needless_decimal_or_a_comma_where_semicolons_divide() -> None:
    (dotted,) = rows(one_cycle(Day_Strain="11.0"))
    content = export.text(export.C26, [CYCLE | {"Day Strain": "11,0"}], delimiter=";")
    assert rows(content) == [dotted]


@pytest.mark.parametrize(
    ("offset", "hour"), [("UTCZ", 23), ("UTC+05:30", 17), ("UTC-08:00", 7), ("UTC+14:00", 9)]
)
def test_the_offset_of_the_row_makes_the_instant(offset: str, hour: int) -> None:
    (row,) = rows(one_cycle(Cycle_timezone=offset))
    assert row.cycle_start_time.hour == hour


def test_a_note_may_hold_line_breaks_commas_and_quotes() -> None:
    told = [COFFEE | {"Notes": 'one, "two"\nthree'}, COFFEE | {"Question text": "Iron?"}]
    first, second = (f for f in read(export.text(export.J6, told)) if isinstance(f, Accepted))
    assert isinstance(first.row, JournalRow)
    assert first.row.notes == 'one, "two"\nthree'
    assert (first.line, second.line) == (2, 4)


def test_a_long_question_keeps_a_short_and_distinct_key() -> None:
    told = [COFFEE | {"Question text": "x" * 3000 + end} for end in "ab"]
    first, second = rows(export.text(export.J6, told))
    assert first.key != second.key
    assert len(first.key) < 300


def test_a_workout_without_scores_and_with_zones_of_zero_is_read() -> None:
    bare = RUN | {"Activity Strain": "", "HR Zone 1 %": "0", "Altitude change (meters)": "-69.84"}
    (row,) = rows(export.text(export.W20, [bare]))
    assert isinstance(row, WorkoutRow)
    assert (row.activity_strain, row.hr_zone_1, row.gps_enabled) == (None, 0, False)
    assert row.altitude_change == -69.84


def test_an_unscored_sleep_keeps_its_times() -> None:
    times = export.within("2025-05-01 23:10:00") | export.unscored(
        "2025-05-01 23:10:00", "2025-05-02 07:00:00"
    )
    (row,) = rows(export.text(export.S18, [times | {"Nap": "false"}]))
    assert isinstance(row, SleepRow)
    assert (row.nap, row.asleep_duration) == (False, None)


def test_raw_cells_under_equal_or_empty_titles_are_kept_by_their_place() -> None:
    content = export.text(export.C26, [CYCLE]).replace("\n", ",Day Strain,\n", 1).rstrip() + ",9,x"
    (found,) = read(content)
    assert isinstance(found, Accepted)
    assert (found.raw["Day Strain"], found.raw["#27"], found.raw["#28"]) == ("11.4", "9", "x")


def test_rows_below_a_broken_header_are_told_by_their_shape() -> None:
    content = export.text(export.C26, [CYCLE] * 2)
    assert rows('"' + content) == rows(content)
