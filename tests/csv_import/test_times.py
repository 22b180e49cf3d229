"""Times as the export writes them and as spreadsheets make them."""

from datetime import UTC, datetime

import pytest

from coach.csv_import.problems import Reason
from coach.csv_import.times import DateOrder, Unreadable, instant

DAY_FIRST, MONTH_FIRST = DateOrder


def refused(text: str, order: DateOrder | None = None) -> Reason:
    with pytest.raises(Unreadable) as caught:
        instant(text, 0, order)
    return caught.value.reason


@pytest.mark.parametrize(
    "text", ["2025-05-01 23:10:05", "2025-05-01T23:10:05", "2025-05-01 23:10:05.999"]
)
def test_a_time_of_the_export_is_cut_to_its_second(text: str) -> None:
    assert instant(text, 120) == datetime(2025, 5, 1, 21, 10, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("3/7/2025 0:05", MONTH_FIRST),
        ("03/07/2025 00:05", MONTH_FIRST),
        ("7/3/2025 0:05", DAY_FIRST),
        ("07.03.2025 00:05:00", DAY_FIRST),
        ("7-3-2025 0:05", DAY_FIRST),
        ("3/7/25 12:05 AM", MONTH_FIRST),
        ("3/7/2025, 12:05:00 a.m.", MONTH_FIRST),
        ("2025/3/7 0:05", None),
        ("2025-03-07 00:05", None),
    ],
)
def test_a_time_of_a_spreadsheet_is_read_in_the_order_of_its_file(
    text: str, order: DateOrder | None
) -> None:
    assert instant(text, 0, order) == datetime(2025, 3, 7, 0, 5, tzinfo=UTC)


def test_without_an_order_only_what_cannot_be_two_dates_is_read() -> None:
    assert instant("13/7/2025 0:05", 0).day == 13
    assert instant("7/13/2025 0:05", 0).day == 13
    assert instant("7/7/2025 0:05", 0).day == 7
    assert refused("3/7/2025 0:05") is Reason.AMBIGUOUS_DATE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2025-02-30 10:00:00",
        "2025-05-01 24:00:00",
        "2025-05-01 23:10:05Z",
        "2025-05-01 23:10+02",
        "2025-W18-4 23:10:05",
        "1999-12-31 23:59:59",
        "9999-12-31 23:59:59",
        "٢٠٢٥-05-01 23:10:05",
        "31/31/2025 0:05",
        "3/7/2025",
        "3/7.2025 0:05",
        "3/7/2025 13:05 PM",
        "3/7/2025 0:05 AM",
        "3/7/1999 0:05",
        "45783.9653",
    ],
)
def test_anything_else_is_no_time(text: str) -> None:
    assert refused(text, MONTH_FIRST) is Reason.NOT_A_TIME


def test_noon_and_midnight_are_twelve() -> None:
    hours = [instant(f"3/7/2025 12:00 {half}", 0, MONTH_FIRST).hour for half in ("AM", "pm")]
    assert hours == [0, 12]
