"""How rows are written: safe for spreadsheets, exact, named as RFC 6266 wants it."""

import csv
import io
import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.csv_import.cells import number
from coach.csv_import.guarding import bare, guarded
from coach.csv_import.headers import Kind
from coach.csv_import.rows import WorkoutRow
from coach.exporting.columns import Column
from coach.exporting.naming import attachment
from coach.exporting.tables import NAMED, Record, Table
from coach.exporting.writing import table_as_csv, tables_as_json, whoop_file

RISKY = "=+-@\t\r＝＋－＠"  # noqa: RUF001 - full-width signs count too
NOTES = NAMED["tags"]
MOMENT = datetime(2026, 5, 14, 21, 10, 5, 250_000, tzinfo=UTC)


def written(table: Table, *records: Record) -> list[dict[str, str]]:
    text = b"".join(table_as_csv(table, [records])).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@given(st.text())
def test_a_guard_comes_off_exactly_as_it_was_put_on(text: str) -> None:
    assert bare(guarded(text)) == text
    assert guarded(text).lstrip(" ")[:1] not in [*RISKY]


@pytest.mark.parametrize("sign", [*RISKY, "  =", "'="])
def test_what_a_spreadsheet_would_run_begins_with_an_apostrophe(sign: str) -> None:
    text = f'{sign}cmd|" /C calc"!A0,=1+1\n=2'
    (row,) = written(NOTES, {"kind": "ill", "note": text})
    assert row["note"] == f"'{text}"


def test_numbers_stay_numbers_and_empty_is_not_zero() -> None:
    record: Record = {"altitude_change_m": -69.84, "strain": 0.0, "date": date(2026, 5, 14)}
    (row,) = written(NAMED["workouts"], record | {"started_at": MOMENT, "sources": ["whoop"]})
    assert (row["altitude_change_m"], row["strain"], row["distance_m"]) == ("-69.84", "0.0", "")
    assert (row["date"], row["started_at"]) == ("2026-05-14", "2026-05-14T21:10:05.250000Z")


def test_in_json_a_text_is_what_it_was() -> None:
    pages: list[list[Record]] = [[{"note": "=1+1"}], [{"note": None}]]
    text = b"".join(tables_as_json([(NOTES, pages), (NAMED["days"], [])], made_at=MOMENT))
    told = json.loads(text)
    assert [tag["note"] for tag in told["tags"]] == ["=1+1", None]
    assert (told["days"], told["coach_export"]) == ([], 1)


def test_a_table_opens_right_in_a_spreadsheet() -> None:
    content = b"".join(table_as_csv(NOTES, [[{"note": "niño; Übung, œuvre"}]]))
    assert content.startswith(b"\xef\xbb\xbfkind,first_date,last_date,note,coach_export\r\n")
    assert content.count(b"\r\n") == 2


def test_the_first_line_does_not_wait_for_any_row() -> None:
    def never() -> list[Record]:
        raise AssertionError("asked for rows")

    assert next(table_as_csv(NOTES, (never() for _ in range(1)))).startswith(b"\xef\xbb\xbf")


@given(st.floats(-1e6, 1e6).map(lambda it: round(it, 6)))
def test_a_number_in_whoops_file_is_read_as_it_was(value: float) -> None:
    row = WorkoutRow(
        cycle_start_time=MOMENT, workout_start_time=MOMENT, offset_minutes=-330, distance=value
    )
    _, line = b"".join(whoop_file(Kind.WORKOUT, [[row]])).decode().splitlines()
    cells = line.split(",")
    assert number(cells[17]) == value
    assert cells[:4] == ["2026-05-14 15:40:05", "", "UTC-05:30", "2026-05-14 15:40:05"]


@pytest.mark.parametrize(
    ("name", "plain", "whole"),
    [
        ("Bea 2026-05-14 days.csv", "Bea 2026-05-14 days.csv", "Bea%202026-05-14%20days.csv"),
        ("Zoë Müller days.csv", "Zoe Muller days.csv", "Zo%C3%AB%20M%C3%BCller%20days.csv"),
        ('a"b\r\nSet-Cookie: x days.csv', "a_b  Set-Cookie_ x days.csv", None),
        ("Ольга days.csv", "days.csv", "%D0%9E%D0%BB%D1%8C%D0%B3%D0%B0%20days.csv"),
        ("../../etc/passwd days.csv", "_.._etc_passwd days.csv", None),
    ],
)
def test_a_download_has_a_name_that_every_program_understands(
    name: str, plain: str, whole: str | None
) -> None:
    header = attachment(name)
    assert header.startswith(f"attachment; filename=\"{plain}\"; filename*=UTF-8''")
    assert header.isascii()
    assert header.isprintable()
    assert whole is None or header.endswith(f"''{whole}")


def test_every_column_has_words() -> None:
    columns: list[Column] = [column for table in NAMED.values() for column in table.columns]
    assert all(str(column.words) for column in columns)
