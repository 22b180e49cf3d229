"""Weeks by ISO 8601, over the ends of years too."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.weekly.week import EARLIEST, Week

DAYS = st.dates(EARLIEST, date(2100, 12, 31))


@given(DAYS)
def test_a_week_written_and_read_again_is_the_same(day: date) -> None:
    week = Week.of(day)
    assert day in week.dates
    assert Week.read(str(week), here=day) == week
    assert week.monday.weekday() == 0
    assert week.last.weekday() == 6


@given(DAYS, st.integers(0, 60))
def test_weeks_follow_each_other_without_a_day_between(day: date, weeks: int) -> None:
    week = Week.of(day)
    assert week.after.monday == week.last + timedelta(days=1)
    assert week.after.back(1) == week
    assert week.monday - week.back(weeks).monday == timedelta(weeks=weeks)


@given(DAYS)
def test_a_week_is_named_as_its_thursday_is(day: date) -> None:
    week = Week.of(day)
    thursday = week.dates[3]
    assert str(week).startswith(f"{thursday.year:04}-W")
    assert str(week) == f"{day.isocalendar().year:04}-W{day.isocalendar().week:02}"


@given(st.text(max_size=12))
def test_no_text_breaks_the_reading(text: str) -> None:
    found = Week.read(text, here=date(2026, 5, 14))
    assert found is None or str(found) == text


@pytest.mark.parametrize(
    ("text", "monday"),
    [
        ("2020-W53", date(2020, 12, 28)),
        ("2021-W01", date(2021, 1, 4)),
        ("2024-W01", date(2024, 1, 1)),
        ("2015-W53", date(2015, 12, 28)),
        ("2021-W53", None),  # that year has none
        ("2026-W00", None),
        ("2026-20", None),
        ("٢٠٢٦-W20", None),
    ],
)
def test_the_ends_of_years(text: str, monday: date | None) -> None:
    found = Week.read(text, here=date(2026, 5, 14))
    assert (found and found.monday) == monday


def test_only_one_week_ahead_can_be_opened() -> None:
    here = date(2026, 12, 30)  # in week 53
    assert str(Week.of(here)) == "2026-W53"
    assert Week.read("2027-W01", here=here)
    assert Week.read("2027-W02", here=here) is None
