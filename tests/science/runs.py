"""Runs of made-up days that end on one day."""

from datetime import date, timedelta

from coach.science.series import Series

TODAY = date(2026, 6, 30)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def run(values: list[float | None], *, ending: date = TODAY) -> Series:
    """Give a series whose last value is of `ending`; None is a day that is not known."""
    first = ending - timedelta(days=len(values) - 1)
    return Series(
        {
            first + timedelta(days=step): value
            for step, value in enumerate(values)
            if value is not None
        }
    )
