"""Which days a client's page shows: the last 7, 30, 90 or 365, or any range by its two dates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

A_DAY = timedelta(days=1)
CHOICES = (7, 30, 90, 365)
USUAL, LONGEST = 30, 366
EARLIEST = date(2012, 1, 1)  # before anybody wore a WHOOP


@dataclass(frozen=True, slots=True)
class Range:
    """Some days, both ends included; `newest` is the client's own today."""

    first: date
    last: date
    newest: date

    @classmethod
    def read(cls, asked: Mapping[str, str], *, newest: date) -> "Range":
        """Read `days`, or `from` and `to`; what makes no sense falls back to the usual 30 days."""
        last = min(_date(asked.get("to")) or newest, newest)
        first = _date(asked.get("from"))
        if first is None:
            days = {str(days): days for days in CHOICES}.get(asked.get("days", ""), USUAL)
            first = last - A_DAY * (days - 1)
        first, last = sorted((min(first, newest), last))
        first = max(first, last - A_DAY * (LONGEST - 1))
        return cls(max(first, EARLIEST), max(last, EARLIEST), newest)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def dates(self) -> list[date]:
        return [self.first + A_DAY * step for step in range(self.days)]

    @property
    def chosen(self) -> int | None:
        """Name the choice this is, if it is one."""
        return self.days if self.days in CHOICES and self.last == self.newest else None

    @property
    def before(self) -> "Range":
        """Give as many days, just before these."""
        return Range(self.first - A_DAY * self.days, self.first - A_DAY, self.newest)

    @property
    def words(self) -> dict[str, str]:
        """Write the range as an address does."""
        return {"from": self.first.isoformat(), "to": self.last.isoformat()}


def _date(text: str | None) -> date | None:
    try:
        return max(date.fromisoformat(text or ""), EARLIEST)
    except ValueError:
        return None
