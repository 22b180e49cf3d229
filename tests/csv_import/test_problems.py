"""A bad cell spoils a cell, a bad time spoils a row, nothing spoils the file."""

import random

import pytest

from coach.csv_import.drafts import MAX_COLUMNS
from coach.csv_import.problems import Problem, Reason, Spoils, ValueClass
from coach.csv_import.reading import Accepted
from coach.csv_import.rows import CycleRow, JournalRow, parsed
from tests.csv_import.made_up import COFFEE, CYCLE, NAP, one_cycle, problems, read, rows
from tests.factories import export


@pytest.mark.parametrize(
    ("column", "cell", "reason", "sort"),
    [
        ("Recovery_score_%", "high", Reason.NOT_A_NUMBER, ValueClass.TEXT),
        ("Recovery_score_%", "6,6", Reason.NOT_A_NUMBER, ValueClass.DECIMAL_COMMA),
        ("Day_Strain", "nan", Reason.NOT_A_NUMBER, ValueClass.TEXT),
        ("Day_Strain", "1e9", Reason.NOT_A_NUMBER, ValueClass.TEXT),
        ("Day_Strain", "٣", Reason.NOT_A_NUMBER, ValueClass.TEXT),
    ],
)
def test_a_bad_cell_spoils_that_cell(
    column: str, cell: str, reason: Reason, sort: ValueClass
) -> None:
    problem, found = read(one_cycle(**{column: cell}))
    title = column.replace("_", " ")
    assert problem == Problem("made_up.csv", 2, title, sort, reason, Spoils.CELL)
    assert isinstance(found, Accepted)
    assert found.raw[title] == cell


def test_an_implausible_value_stays_in_the_row_and_is_reported() -> None:
    problem, found = read(one_cycle(**{"Respiratory_rate_(rpm)": "0.0"}))
    assert isinstance(problem, Problem)
    assert (problem.reason, problem.column) == (Reason.IMPLAUSIBLE, "Respiratory rate (rpm)")
    assert isinstance(found, Accepted)
    assert parsed(found.row)["respiratory_rate"] == 0


def test_a_bad_flag_spoils_that_cell() -> None:
    problem, found = read(export.text(export.S18, [NAP | {"Nap": "perhaps"}]))
    assert isinstance(problem, Problem)
    assert problem.reason is Reason.NOT_A_FLAG
    assert isinstance(found, Accepted)


@pytest.mark.parametrize(
    ("cells", "reason", "sort"),
    [
        ({"Cycle_start_time": ""}, Reason.MISSING, ValueClass.EMPTY),
        ({"Cycle_start_time": "31/31/2025 0:05"}, Reason.NOT_A_TIME, ValueClass.SPREADSHEET_DATE),
        ({"Cycle_end_time": "2025-02-30 10:00:00"}, Reason.NOT_A_TIME, ValueClass.TIME),
        ({"Wake_onset": "yesterday"}, Reason.NOT_A_TIME, ValueClass.TEXT),
        ({"Sleep_onset": "0001-01-01 00:00:00"}, Reason.NOT_A_TIME, ValueClass.TIME),
    ],
)
def test_a_bad_time_spoils_that_row_only(
    cells: dict[str, str], reason: Reason, sort: ValueClass
) -> None:
    good = one_cycle().split("\n")[1]
    *_, problem, found = read(one_cycle(**cells) + good)
    assert isinstance(problem, Problem)
    assert (problem.reason, problem.value_class, problem.spoils) == (reason, sort, Spoils.ROW)
    assert isinstance(found, Accepted)


@pytest.mark.parametrize("cell", ["", "Madrid", "UTC+25:00", "UTC", "GMT+2"])
def test_an_unknown_offset_is_the_nearest_known_one_or_the_row_is_refused(cell: str) -> None:
    odd, good = one_cycle(Cycle_timezone=cell), one_cycle().split("\n")[1]
    remark, found, _ = read(odd + good)
    assert isinstance(remark, Problem)
    assert (remark.reason, remark.spoils) == (Reason.NEIGHBOURS_OFFSET, Spoils.NOTHING)
    assert isinstance(found, Accepted)
    assert found.row.offset_minutes == 120
    (alone,) = problems(odd)
    assert (alone.reason, alone.spoils) == (Reason.UNKNOWN_OFFSET, Spoils.ROW)


def test_todays_unfinished_journal_has_no_cycle_yet() -> None:
    found = problems(export.text(export.J6, [export.answer("Slept alone?"), COFFEE]))
    assert [problem.reason for problem in found] == [Reason.NO_CYCLE]


def test_a_sleep_without_onset_has_no_key() -> None:
    (problem,) = problems(export.text(export.S18, [NAP | {"Sleep onset": ""}]))
    assert (problem.reason, problem.column) == (Reason.MISSING, "Sleep onset")


def test_rows_in_are_rows_stored_and_rows_refused() -> None:
    told = [CYCLE, CYCLE | {"Cycle start time": "?"}, {}, CYCLE | {"Day Strain": "?"}]
    found = read(export.text(export.C26, told))
    stored = [it for it in found if isinstance(it, Accepted)]
    refused = [it for it in found if isinstance(it, Problem) and it.spoils is Spoils.ROW]
    assert (len(stored), len(refused)) == (2, 1)  # the empty line is no row


def test_cells_beyond_the_header_are_reported_and_kept() -> None:
    content = export.text(export.C26, [CYCLE]).rstrip() + ",surplus"
    problem, found = read(content)
    assert isinstance(problem, Problem)
    assert problem.reason is Reason.EXTRA_CELLS
    assert isinstance(found, Accepted)
    assert found.raw["#27"] == "surplus"


def test_a_short_row_leaves_the_rest_empty() -> None:
    short = ",".join(CYCLE[title] for title in export.CYCLE)
    (row,) = rows(",".join(export.C26) + "\n" + short)
    assert isinstance(row, CycleRow)
    assert row.recovery_score is None


def test_a_stray_quote_spoils_its_line_and_gives_the_others_back() -> None:
    good = export.text(export.J6, [COFFEE]).split("\n")[1]
    broken = good.removesuffix(",") + ',"never closed'
    found = read("\n".join([",".join(export.J6), good, broken, good, good]))
    lines = [it.line for it in found]
    assert lines == [2, 3, 4, 5]
    assert [it.reason for it in found if isinstance(it, Problem)] == [Reason.BROKEN_QUOTES]


def test_a_line_without_end_never_fills_the_memory() -> None:
    content = ",".join(export.J6) + "\n" + "x" * 60_000_000
    found = read(content)
    assert all(isinstance(it, Problem) for it in found)
    assert found[-1] == Problem(
        "made_up.csv", found[-1].line, "", ValueClass.TEXT, Reason.UNREADABLE_REST, Spoils.FILE
    )


def test_too_many_columns_are_refused_in_header_and_row() -> None:
    wide = [*export.C26, *(f"more {n}" for n in range(MAX_COLUMNS))]
    (of_file,) = problems(export.text(wide, [CYCLE]))
    assert (of_file.reason, of_file.spoils) == (Reason.TOO_MANY_COLUMNS, Spoils.FILE)
    (of_row,) = problems(one_cycle().rstrip() + "," * MAX_COLUMNS)
    assert (of_row.reason, of_row.spoils) == (Reason.TOO_MANY_COLUMNS, Spoils.ROW)


def test_too_many_rows_end_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coach.csv_import.reading.MAX_ROWS", 2)
    (problem,) = problems(export.text(export.C26, [CYCLE] * 4))
    assert (problem.line, problem.reason) == (4, Reason.TOO_MANY_ROWS)


def test_too_many_lines_end_the_reading_even_if_they_are_blank(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("coach.csv_import.tables.MAX_LINES", 5)
    found = read(one_cycle() + "\n" * 10)
    assert isinstance(found[0], Accepted)
    (problem,) = found[1:]
    assert isinstance(problem, Problem)
    assert (problem.line, problem.reason, problem.spoils) == (
        6,
        Reason.UNREADABLE_REST,
        Spoils.FILE,
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", Reason.EMPTY_FILE),
        ("\n\n", Reason.EMPTY_FILE),
        ("Name,Age\nAnn,40\n", Reason.UNKNOWN_HEADER),
        (",".join(export.CYCLE), Reason.UNKNOWN_HEADER),
        (",".join(export.C26[1:]), Reason.MISSING_COLUMN),
        (",".join([*export.C26[:2], *export.C26[3:]]), Reason.MISSING_COLUMN),
        ("Date,Hours Slept\n", Reason.UNKNOWN_HEADER),
    ],
)
def test_a_file_of_something_else_is_one_problem(content: str, reason: Reason) -> None:
    (problem,) = read(content)
    assert isinstance(problem, Problem)
    assert (problem.reason, problem.spoils) == (reason, Spoils.FILE)


def test_blank_lines_before_the_header_are_passed_over() -> None:
    assert rows("\n\n" + one_cycle()) == rows(one_cycle())


def test_nul_characters_never_reach_a_stored_text() -> None:
    (row,) = rows(export.text(export.J6, [COFFEE | {"Notes": "a\x00b"}]))
    assert isinstance(row, JournalRow)
    assert row.notes == "ab"


def test_a_problem_never_repeats_the_value() -> None:
    (problem,) = problems(export.text(export.J6, [COFFEE | {"Answered yes": "secret"}]))
    assert "secret" not in repr(problem)


@pytest.mark.parametrize("seed", range(200))
def test_whatever_is_in_the_file_every_row_is_accepted_or_refused(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a die, no secret
    content = list(export.text(export.C26, [CYCLE] * 5))
    for _ in range(dice.randint(1, 30)):
        content[dice.randrange(len(content))] = dice.choice('",;\n\r\x00é-:0 ')
    assert all(isinstance(found, Accepted | Problem) for found in read("".join(content)))
