"""The client's days as a strip of weeks and a table, a window of five weeks at a time."""

from dataclasses import dataclass
from datetime import date, timedelta

from coach.accounts import preferences
from coach.accounts.access import Viewer
from coach.accounts.models import Client
from coach.cabinet.today import DAYS_SHOWN, days
from coach.check_ins import reading
from coach.check_ins.models import DayTag
from coach.days.models import DailyLog
from coach.days.one_day import Field

EARLIEST = date(2012, 1, 1)  # before there was a WHOOP


@dataclass(frozen=True, slots=True)
class Cell:
    """One date of the strip: what is believed of it and what it is tagged with."""

    date: date
    log: DailyLog | None
    tags: list[DayTag]


@dataclass(frozen=True, slots=True)
class DaysPage:
    """Five weeks of days; `earlier` and `later` are the ends of the windows next to it."""

    today: date
    cells: list[Cell]
    scores_hidden: bool
    earlier: date
    later: date | None

    @property
    def known(self) -> list[Cell]:
        """List the days of which anything is known, newest first."""
        return [cell for cell in reversed(self.cells) if cell.log]


def for_client(client: Client, until: date, *, today: date, by: Viewer) -> DaysPage:
    """Gather the five weeks that end on a date."""
    window = timedelta(days=DAYS_SHOWN)
    first = until - window + timedelta(days=1)
    logs = {log.date: log for log in days(client, until=until, by=by)}
    tags = reading.tags([client.id], first=first, last=until)
    dates = [first + timedelta(days=step) for step in range(DAYS_SHOWN)]
    return DaysPage(
        today=today,
        cells=[Cell(day, logs.get(day), _on(day, tags)) for day in dates],
        scores_hidden=preferences.of(by).trends_only,
        earlier=max(until - window, EARLIEST),
        later=min(until + window, today) if until < today else None,
    )


def is_told_besides(field: Field) -> bool:
    """Tell whether a number is one that devices alone know; the night tells its own times."""
    metric = field.metric
    known = field.value is not None and not metric.editable
    return known and metric.kind != "time" and metric.name != "sleep_offset_minutes"


def _on(day: date, tags: list[DayTag]) -> list[DayTag]:
    return [tag for tag in tags if tag.first_date <= day <= (tag.last_date or day)]
