"""The small line beside a name: where its pieces stand, and how they are drawn. Gaps stay gaps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup, escape

from coach.web.scales import Scale

MARGIN = 3


@dataclass(frozen=True, slots=True)
class Point:
    """One value, in pixels."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A drawing of `width` by `height` pixels; `normal` is the top and height of the own range."""

    width: int
    height: int
    lines: tuple[str, ...]
    lone: tuple[Point, ...]
    last: Point | None
    normal: tuple[float, float] | None = None


def sparkline(
    values: Sequence[float | None],
    *,
    normal: tuple[float, float] | None = None,
    scale: Scale | None = None,
    width: int = 112,
    height: int = 32,
) -> Sparkline:
    """Draw one value per day, the newest last; `last` is there only if the newest day has one."""
    scale = scale or _around([*values, *(normal or ())])
    points = _points(values, scale, width, height)
    runs = [[dot for dot in run if dot] for known, run in groupby(points, key=bool) if known]
    return Sparkline(
        width,
        height,
        lines=tuple(_path(run) for run in runs if len(run) > 1),
        lone=tuple(run[0] for run in runs if len(run) == 1),
        last=points[-1] if points else None,
        normal=_normal(normal, scale, height),
    )


def drawn(line: Sparkline, label: str) -> Markup:
    """Write the drawing; in Python, as a list has hundreds of them."""
    pieces = [_normal_drawn(line)] if line.normal else []
    pieces += [f'<polyline class="spark__line" points="{points}" />' for points in line.lines]
    pieces += [_dot("spark__dot", dot, 1.5) for dot in line.lone]
    pieces += [_dot("spark__last", line.last, 3)] if line.last else []
    size = f'width="{line.width}" height="{line.height}" viewBox="0 0 {line.width} {line.height}"'
    return Markup(  # noqa: S704  # numbers of ours, and a label that is escaped
        f'<svg class="spark" {size} role="img" aria-label="{escape(label)}">{"".join(pieces)}</svg>'
    )


def _normal_drawn(line: Sparkline) -> str:
    top, height = line.normal or (0, 0)
    where = f'x="0" y="{top}" width="{line.width}" height="{height}"'
    return f'<rect class="spark__normal" {where} rx="2" />'


def _dot(kind: str, dot: Point, radius: float) -> str:
    return f'<circle class="{kind}" cx="{dot.x}" cy="{dot.y}" r="{radius}" />'


def _around(values: Iterable[float | None]) -> Scale:
    known = [value for value in values if value is not None] or [0.0]
    low, high = min(known), max(known)
    return Scale(low, high, ()) if low < high else Scale(low - 1, high + 1, ())


def _points(
    values: Sequence[float | None], scale: Scale, width: int, height: int
) -> list[Point | None]:
    step = (width - 2 * MARGIN) / max(len(values) - 1, 1)
    return [
        None if value is None else Point(round(MARGIN + at * step, 1), _y(value, scale, height))
        for at, value in enumerate(values)
    ]


def _y(value: float, scale: Scale, height: int) -> float:
    return round(MARGIN + (height - 2 * MARGIN) * (1 - scale.share(value)), 1)


def _path(run: Sequence[Point]) -> str:
    return " ".join(f"{point.x:g},{point.y:g}" for point in run)


def _normal(
    normal: tuple[float, float] | None, scale: Scale, height: int
) -> tuple[float, float] | None:
    if normal is None:
        return None
    top, foot = _y(max(normal), scale, height), _y(min(normal), scale, height)
    return top, round(max(foot - top, 1.0), 1)
