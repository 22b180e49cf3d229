"""Where the lines, bars and dots of a chart stand; the macros in charts.html draw them.

Across, everything is in percent of the width, so that a chart fits a phone and a desk without its
text being squeezed; up and down it is in pixels. A day without a value is a gap and stays one.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Literal

from coach.web import sparklines
from coach.web.scales import Scale, scale_of

HEIGHT = 200
TOP = 12
FOOT = 26
WHOLE = 100.0
BAR_SHARE = 0.66
DOTS_UP_TO = 45
Anchor = Literal["start", "middle", "end"]
PLAIN = "plain"
Values = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Dot:
    """One value as a point."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One value as a rectangle; `kind` becomes part of its class."""

    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True, slots=True)
class Slot:
    """The room of one day: what to highlight and to read out; `values` by layer."""

    day: date
    x: float
    width: float
    values: Mapping[str, float | None]
    marked: bool = False
    tagged: bool = False
    title: str = ""
    words: str = ""  # the whole read-out, where the caller has written it

    @property
    def middle(self) -> float:
        """Give the centre of the room."""
        return round(self.x + self.width / 2, 3)

    @property
    def empty(self) -> bool:
        """Tell whether nothing is known of this day."""
        return all(value is None for value in self.values.values())


@dataclass(frozen=True, slots=True)
class YTick:
    """A grid line with its value."""

    y: float
    value: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Trend:
    """A second line over the days, in pieces; `kind` becomes part of its class."""

    kind: str
    runs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class XTick:
    """A date under the chart; those only `wide` screens have room for are named so."""

    x: float
    day: date
    anchor: Anchor
    wide: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything there is to draw."""

    slots: tuple[Slot, ...]
    y_ticks: tuple[YTick, ...]
    x_ticks: tuple[XTick, ...]
    lines: tuple[str, ...] = ()
    dots: tuple[Dot, ...] = ()
    bars: tuple[Bar, ...] = ()
    layers: tuple[str, ...] = ("",)
    normal: Bar | None = None
    bands: tuple[str, ...] = ()  # outlines of a range that changes from day to day
    trends: tuple[Trend, ...] = ()
    height: int = HEIGHT
    foot: int = HEIGHT - FOOT

    @property
    def known(self) -> int:
        """Count the days that have a value."""
        return sum(not slot.empty for slot in self.slots)

    @property
    def last(self) -> Slot | None:
        """Give the newest day that has a value."""
        return next((slot for slot in reversed(self.slots) if not slot.empty), None)

    def titled(self, titles: Sequence[str]) -> "Chart":
        """Give each day the words that appear under the pointer and are read out."""
        pairs = zip(self.slots, titles, strict=True)
        return replace(self, slots=tuple(replace(slot, title=title) for slot, title in pairs))

    def worded(self, words: Sequence[str]) -> "Chart":
        """Give each day its whole read-out, its date included."""
        pairs = zip(self.slots, words, strict=True)
        return replace(self, slots=tuple(replace(slot, words=said) for slot, said in pairs))


def sparkline(
    values: Values, *, width: int = 120, height: int = 28, normal: tuple[float, float] | None = None
) -> sparklines.Sparkline:
    """Draw one value per day in the size our style sheet gives to `.spark`."""
    return sparklines.sparkline(values, normal=normal, width=width, height=height)


def day_chart(  # noqa: PLR0913 - all by name, and each is a thing only the caller knows
    days: Sequence[date],
    values: Values,
    *,
    kind: Literal["line", "bars"],
    low: float,
    high: float,
    ticks: Sequence[float],
    titles: Sequence[str],
    classes: Sequence[str] | None = None,
    marks: Collection[date] = (),
) -> Chart:
    """Draw one value per day between fixed bounds; `classes` colours the bars day by day.

    `marks` names days to point out, such as those whose value was typed by hand.
    """
    scale = Scale(low, high, tuple(ticks))
    if kind == "line":
        return line_chart(days, values, scale=scale, marks=marks).titled(titles)
    slots = slots_of(days, {"": values}, marks)
    kinds = classes if classes is not None else [PLAIN] * len(slots)
    bars = _bars(scale, slots, values, kinds)
    return Chart(slots, y_ticks_of(scale), x_ticks_of(slots), bars=bars).titled(titles)


def line_chart(
    days: Sequence[date],
    values: Values,
    *,
    scale: Scale | None = None,
    normal: tuple[float, float] | None = None,
    marks: Collection[date] = (),
) -> Chart:
    """Draw values as a line that breaks at gaps; `normal` is the person's own range."""
    scale = scale or scale_of([*values, *(normal or ())])
    slots = slots_of(days, {"": values}, marks)
    points = [
        None if value is None else Dot(slot.middle, y_of(scale, value))
        for slot, value in zip(slots, values, strict=True)
    ]
    return Chart(
        slots,
        y_ticks_of(scale),
        x_ticks_of(slots),
        lines=runs_of(points),
        dots=_dots(points),
        normal=_normal(scale, normal),
    )


def stacked_chart(
    days: Sequence[date],
    layers: Mapping[str, Values],
    *,
    scale: Scale | None = None,
    marks: Collection[date] = (),
) -> Chart:
    """Draw layers on top of each other, the first at the foot; each layer's name is its colour."""
    slots = slots_of(days, layers, marks)
    totals = [sum(value or 0.0 for value in slot.values.values()) for slot in slots]
    scale = scale or scale_of(totals, from_zero=True)
    bars = tuple(bar for slot in slots for bar in _stack(scale, slot))
    return Chart(slots, y_ticks_of(scale), x_ticks_of(slots), bars=bars, layers=tuple(layers))


def slots_of(
    days: Sequence[date], layers: Mapping[str, Values], marks: Collection[date]
) -> tuple[Slot, ...]:
    """Give each day its room across the chart."""
    width = WHOLE / max(len(days), 1)
    rows = zip(*layers.values(), strict=True)
    return tuple(
        Slot(
            day,
            x=round(index * width, 3),
            width=round(width, 3),
            values=dict(zip(layers, row, strict=True)),
            marked=day in marks,
        )
        for index, (day, row) in enumerate(zip(days, rows, strict=True))
    )


def y_of(scale: Scale, value: float) -> float:
    """Say how many pixels from the top a value stands."""
    room = HEIGHT - TOP - FOOT
    return round(TOP + room * (1 - scale.share(value)), 1)


def bar_of(scale: Scale, slot: Slot, span: tuple[float, float], kind: str) -> Bar:
    """Draw a bar from one value to another in the middle of a day's room."""
    foot, top = y_of(scale, span[0]), y_of(scale, span[1])
    width = slot.width * BAR_SHARE
    x = slot.middle - width / 2
    return Bar(round(x, 3), top, round(width, 3), round(max(foot - top, 1.0), 1), kind)


def _bars(
    scale: Scale, slots: Sequence[Slot], values: Values, kinds: Sequence[str]
) -> tuple[Bar, ...]:
    return tuple(
        bar_of(scale, slot, (scale.low, value), kind)
        for slot, value, kind in zip(slots, values, kinds, strict=True)
        if value is not None
    )


def _stack(scale: Scale, slot: Slot) -> Iterable[Bar]:
    reached = 0.0
    for layer, value in slot.values.items():
        if value:
            yield bar_of(scale, slot, (reached, reached + value), layer)
            reached += value


def runs_of(points: Sequence[Dot | None]) -> tuple[str, ...]:
    """Draw a line through the points, which breaks where one is missing."""
    runs = (list(run) for known, run in groupby(points, key=bool) if known)
    return tuple(
        " ".join(f"{dot.x:g},{dot.y:g}" for dot in run if dot) for run in runs if len(run) > 1
    )


def _dots(points: Sequence[Dot | None]) -> tuple[Dot, ...]:
    """Show every value of a short chart, and of a long one those that no line touches."""
    if len(points) <= DOTS_UP_TO:
        return tuple(dot for dot in points if dot)
    runs = (list(run) for known, run in groupby(points, key=bool) if known)
    return tuple(run[0] for run in runs if len(run) == 1 and run[0])


def _normal(scale: Scale, normal: tuple[float, float] | None) -> Bar | None:
    if normal is None:
        return None
    foot, top = y_of(scale, min(normal)), y_of(scale, max(normal))
    return Bar(0, top, WHOLE, round(max(foot - top, 1.0), 1), "normal")


def y_ticks_of(scale: Scale) -> tuple[YTick, ...]:
    """Name the values at the grid lines."""
    return tuple(YTick(y_of(scale, value), value) for value in scale.ticks)


def x_ticks_of(slots: Sequence[Slot]) -> tuple[XTick, ...]:
    """Name about eight dates, the newest always; every second one only where there is room."""
    step = max(-(-len(slots) // 8), 1)
    chosen = list(reversed(slots[::-1][::step]))
    return tuple(
        XTick(slot.middle, slot.day, _anchor(slot), wide=(len(chosen) - 1 - index) % 2 == 1)
        for index, slot in enumerate(chosen)
    )


def _anchor(slot: Slot) -> Anchor:
    if slot.middle < 3:
        return "start"
    return "end" if slot.middle > 97 else "middle"
