"""What is laid over a chart of days: further lines, a range that changes, tagged days, spans."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

from coach.web.charts import (
    Chart,
    Dot,
    Slot,
    Trend,
    Values,
    YTick,
    bar_of,
    runs_of,
    slots_of,
    x_ticks_of,
    y_of,
)
from coach.web.scales import Scale

Span = tuple[float, float]


def with_trend(chart: Chart, scale: Scale, kind: str, values: Values) -> Chart:
    """Lay another line over a chart, one value a day, broken at gaps."""
    points = [
        None if value is None else Dot(slot.middle, y_of(scale, value))
        for slot, value in zip(chart.slots, values, strict=True)
    ]
    return replace(chart, trends=(*chart.trends, Trend(kind, runs_of(points))))


def with_band(chart: Chart, scale: Scale, ranges: Sequence[Span | None]) -> Chart:
    """Lay a range under a chart that may differ from day to day; days without one have none."""
    pairs = zip(chart.slots, ranges, strict=True)
    runs = (
        list(run) for known, run in groupby(pairs, key=lambda pair: pair[1] is not None) if known
    )
    return replace(chart, bands=tuple(_outline(scale, run) for run in runs))


def with_tagged(chart: Chart, days: Collection[date]) -> Chart:
    """Point out the days on which something was different."""
    slots = tuple(replace(slot, tagged=slot.day in days) for slot in chart.slots)
    return replace(chart, slots=slots)


def span_chart(
    days: Sequence[date],
    spans: Sequence[Span | None],
    *,
    scale: Scale,
    labels: Mapping[float, str],
    kind: str,
) -> Chart:
    """Draw a bar from one value to another on each day; `labels` name the values at the grid."""
    lengths = [None if span is None else span[1] - span[0] for span in spans]
    slots = slots_of(days, {"": lengths}, ())
    bars = tuple(
        bar_of(scale, slot, span, kind)
        for slot, span in zip(slots, spans, strict=True)
        if span is not None
    )
    ticks = tuple(YTick(y_of(scale, at), at, label) for at, label in labels.items())
    return Chart(slots, ticks, x_ticks_of(slots), bars=bars)


def _outline(scale: Scale, run: Sequence[tuple[Slot, Span | None]]) -> str:
    """Draw the upper bounds from left to right, and the lower ones back."""
    known = [(slot, span) for slot, span in run if span is not None]
    edges = [(slot.x, span) for slot, span in known]
    edges.append((known[-1][0].x + known[-1][0].width, known[-1][1]))
    there = [f"{x:g},{y_of(scale, max(span)):g}" for x, span in edges]
    back = [f"{x:g},{y_of(scale, min(span)):g}" for x, span in reversed(edges)]
    return " ".join([*there, *back])
