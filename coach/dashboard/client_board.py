"""One chart with its read-outs and its table, from values, columns and what to remark on a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from statistics import fmean, geometric_mean

from flask_babel import get_locale
from flask_babel import gettext as _

from coach.check_ins.models import DayTag
from coach.check_ins.reading import tagged_dates
from coach.check_ins.words import TAG_WORDS
from coach.dashboard.client_range import Range
from coach.dashboard.client_reading import Known, Log
from coach.web import filters, overlays
from coach.web.charts import Chart, Values
from coach.web.labels import METRIC_WORDS, metric_unit

# More columns than a quarter has days are too thin to see, and to touch.
MOST_DAYS, A_WEEK = 92, 7
Cells = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart, what its lines are, what has to be said with it, and the same as a table."""

    name: str
    title: str
    kind: str
    chart: Chart
    days_with_value: int
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]  # newest first, only days of which something is known
    legend: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """The columns of a page's charts: days, or weeks where days would be too thin to see.

    A week stands at its last day, with the mean of its known days.
    """

    columns: Sequence[Sequence[date]]
    words: Sequence[str]
    known: Known
    tags: Mapping[date, str]

    @classmethod
    def of(cls, known: Known, shown: Range) -> "Board":
        """Lay out the days of a range; weeks are counted back from its end."""
        days, width = shown.dates, 1 if shown.days <= MOST_DAYS else A_WEEK
        starts = range(len(days) % width, len(days), width)
        columns = [days[: starts[0]]] if starts[0] else []
        columns += [days[at : at + width] for at in starts]
        return cls(columns, list(map(_column_words, columns)), known, _tag_words(known.tags, shown))

    @property
    def dates(self) -> list[date]:
        return [column[-1] for column in self.columns]

    def logs(self, column: Sequence[date]) -> list[Log]:
        """List what is known of the days of a column."""
        return [log for day in column if (log := self.known.logs.get(day))]

    def values(self, name: str) -> list[float | None]:
        """List the values of a metric, None where it is not known."""
        mean = geometric_mean if name == "hrv" else fmean
        found = [
            [log.values[name] for log in self.logs(column) if name in log.values]
            for column in self.columns
        ]
        return [mean(values) if values else None for values in found]

    def nights(self) -> list[tuple[float, float] | None]:
        """List from when to when somebody slept, in hours from the noon before."""
        found = [[log.asleep for log in self.logs(column) if log.asleep] for column in self.columns]
        return [
            (fmean(night[0] for night in nights), fmean(night[1] for night in nights))
            if nights
            else None
            for nights in found
        ]

    def typed(self, name: str) -> set[date]:
        """Name the columns in which somebody typed a value."""
        return {
            column[-1]
            for column in self.columns
            if any(log.typed(name) for log in self.logs(column))
        }

    def days_with(self, name: str) -> int:
        """Count the days of which a metric is known."""
        return sum(name in log.values for column in self.columns for log in self.logs(column))

    def panel(  # noqa: PLR0913 - all by name, and each is a thing only the caller knows
        self,
        name: str,
        title: str,
        chart: Chart,
        cells: Cells,
        *,
        kind: str = "bars",
        legend: Sequence[tuple[str, str]] = (),
        notes: Sequence[str] = (),
    ) -> Panel:
        """Give a chart its read-outs, point out tagged days, and put the same into a table."""
        remarks = [self._remarks(column, name) for column in self.columns]
        labels, lines = list(cells), list(zip(*cells.values(), strict=True))
        every = list(zip(self.words, lines, remarks, strict=True))
        titles = [f"{words}: {_read_out(labels, line, remark)}" for words, line, remark in every]
        rows = [(words, *line, remark) for words, line, remark in every if any(line)]
        tagged = {column[-1] for column in self.columns if self.tags.keys() & set(column)}
        drawn = overlays.with_tagged(chart.worded(titles), tagged)
        return Panel(
            name=name,
            title=title,
            kind=kind,
            chart=drawn,
            days_with_value=self.days_with(name),
            columns=(*labels, _("Remarks")),
            rows=rows[::-1],
            legend=(*legend, *_marks(drawn)),
            notes=tuple(notes),
        )

    def _remarks(self, column: Sequence[date], name: str) -> str:
        logs = [log for log in self.logs(column) if name in log.values]
        said = [self.tags[day] for day in column if day in self.tags]
        said += [_("typed by hand")] if any(log.typed(name) for log in logs) else []
        said += [_("doubtful")] if any(name in log.doubtful for log in logs) else []
        if name == "strain" and any(log.provisional for log in logs):
            said.append(_("still running"))
        if name == "recovery_score" and any(log.calibrating for log in logs):
            said.append(_("calibrating"))
        if len(column) > 1 and logs:
            said.append(_("%(known)s of %(all)s days", known=len(logs), all=len(column)))
        return ", ".join(dict.fromkeys(said))


def in_words(name: str, values: Values) -> list[str]:
    """Write values of a metric; an unknown one is an empty text."""
    locale, decimals = str(get_locale()), _decimals(name)
    return [
        "" if value is None else _said(locale, name, metric_unit(name), round(value, decimals))
        for value in values
    ]


@lru_cache(maxsize=16_384)
def _said(_locale: str, name: str, _unit: str, value: float) -> str:
    """Write a rounded value once: the same few are written over and over."""
    return str(filters.metric_value(value, name))


def _decimals(name: str) -> int:
    words = METRIC_WORDS[name]
    return 2 if words.style == "hours" else words.decimals


def _column_words(column: Sequence[date]) -> str:
    if len(column) == 1:
        return filters.day(column[0])
    return f"{filters.short_day(column[0])} - {filters.short_day(column[-1])}"


def _read_out(labels: Sequence[str], line: Sequence[str], remark: str) -> str:
    """Say a day in one line; the first value needs no name, it is the chart's."""
    if not any(line):
        return f"{_('no value')} · {remark}" if remark else str(_("no value"))
    named = [line[0] or str(_("no value"))]
    named += [f"{label} {text}" for label, text in zip(labels[1:], line[1:], strict=True) if text]
    return " · ".join([*named, remark] if remark else named)


def _marks(chart: Chart) -> list[tuple[str, str]]:
    """Explain the marks that a chart has; most have none."""
    typed = [("mark", _("typed by hand"))] if any(it.marked for it in chart.slots) else []
    tagged = [("tagged", _("tagged"))] if any(it.tagged for it in chart.slots) else []
    return typed + tagged


def _tag_words(tags: Sequence[DayTag], shown: Range) -> dict[date, str]:
    words: dict[date, list[str]] = {}
    for tag in tags:
        for day in tagged_dates([tag], until=shown.last):
            words.setdefault(day, []).append(str(TAG_WORDS[tag.kind]))
    return {day: ", ".join(kinds) for day, kinds in words.items() if day >= shown.first}
