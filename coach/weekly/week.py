"""A week by ISO 8601: Monday to Sunday, named after the year its Thursday lies in (pure)."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)
EARLIEST = date(2012, 1, 2)  # before anybody wore a WHOOP
_FORM = re.compile(r"([0-9]{4})-W([0-9]{2})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """Seven days from a Monday on."""

    monday: date

    @classmethod
    def of(cls, day: date) -> Self:
        """Give the week a day lies in."""
        return cls(day - A_DAY * day.weekday())

    @classmethod
    def read(cls, text: str, *, here: date) -> Self | None:
        """Read "2026-W20"; None when it is no week, or lies after the one to come."""
        found = _FORM.fullmatch(text)
        if found is None:
            return None
        try:
            monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        except ValueError:
            return None
        return cls(monday) if EARLIEST <= monday <= cls.of(here).after.monday else None

    @property
    def last(self) -> date:
        return self.monday + A_DAY * 6

    @property
    def dates(self) -> list[date]:
        return [self.monday + A_DAY * step for step in range(7)]

    @property
    def after(self) -> "Week":
        return Week(self.monday + A_WEEK)

    @property
    def number(self) -> int:
        return self.monday.isocalendar().week

    def back(self, weeks: int) -> "Week":
        """Give the week so many weeks before."""
        return Week(self.monday - A_WEEK * weeks)

    def __str__(self) -> str:
        year, number, _ = self.monday.isocalendar()
        return f"{year:04}-W{number:02}"
