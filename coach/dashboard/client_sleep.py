"""The charts of sleep: how long and how much was needed, when, and in small its stages."""

from datetime import date, datetime, time, timedelta

from flask_babel import gettext as _

from coach.dashboard.client_board import Board, Panel, in_words
from coach.dashboard.client_range import A_DAY
from coach.dashboard.client_reading import STAGES, Known
from coach.science import sleep
from coach.science.sleep import Night
from coach.web import charts, overlays
from coach.web.filters import hours, number
from coach.web.labels import metric_label
from coach.web.scales import Scale

HOURS = (0.0, 4.0, 8.0, 12.0)
NOON = 12


def sleep_panels(board: Board) -> list[Panel]:
    """Draw duration and timing first; the stages, which a strap knows least well, come last."""
    return [_duration(board), _timing(board), _stages(board)]


def _duration(board: Board) -> Panel:
    asleep, needed = board.values("sleep_hours"), board.values("sleep_need_hours")
    words, scale = in_words("sleep_hours", asleep), Scale(0, 12, HOURS)
    chart = charts.day_chart(
        board.dates,
        asleep,
        kind="bars",
        low=0,
        high=12,
        ticks=HOURS,
        titles=words,
        classes=["sleep"] * len(asleep),
        marks=board.typed("sleep_hours"),
    )
    cells = {
        _("Asleep"): words,
        _("needed"): in_words("sleep_need_hours", needed),
        _("performance"): in_words("sleep_quality", board.values("sleep_quality")),
    }
    legend = [("sleep", _("Asleep")), ("usual", _("needed, as WHOOP says"))]
    drawn = overlays.with_trend(chart, scale, "usual", needed)
    return board.panel("sleep_hours", metric_label("sleep_hours"), drawn, cells, legend=legend)


def _timing(board: Board) -> Panel:
    """Draw nights on a scale that begins at noon, on the clock of where they were."""
    spans = board.nights()
    low, high = _whole_hours([bound for span in spans if span for bound in span])
    labels = {float(at): f"{(at + NOON) % 24:02}:00" for at in range(low, high + 1, 4)}
    scale = Scale(low, high, tuple(labels))
    chart = overlays.span_chart(board.dates, spans, scale=scale, labels=labels, kind="sleep")
    cells = {
        _("Asleep from"): [_clock(span[0]) if span else "" for span in spans],
        _("to"): [_clock(span[1]) if span else "" for span in spans],
    }
    notes = _regularity_note(board.known, board.dates[-1])
    return board.panel("sleep_hours", _("When asleep"), chart, cells, notes=notes)


def _stages(board: Board) -> Panel:
    layers = {name: board.values(name) for name in STAGES}
    chart = charts.stacked_chart(board.dates, layers, scale=Scale(0, 12, HOURS))
    cells = {metric_label(name): in_words(name, values) for name, values in layers.items()}
    legend = [(name, metric_label(name)) for name in STAGES]
    notes = [_("A strap tells stages apart less well than sleep from waking: look at weeks.")]
    return board.panel(
        "deep_hours", _("Sleep stages"), chart, cells, kind="small", legend=legend, notes=notes
    )


def _regularity_note(known: Known, last: date) -> list[str]:
    """Tell how regular two weeks were; where nights in a row are missing, how far they shifted."""
    nights = {day: _night(day, log.asleep) for day, log in known.logs.items() if log.asleep}
    index, spread = sleep.regularity(nights, last), sleep.midpoint_spread(nights, last)
    if index.value is not None:
        return [
            _(
                "Sleep Regularity Index of two weeks: %(index)s of 100, from %(n)d pairs of nights. A trend, no grade.",
                index=number(index.value),
                n=index.n,
            )
        ]
    if spread.value is None:
        return []
    varies = hours(spread.value)
    return [
        _("The middle of sleep varies by %(spread)s over %(n)d nights.", spread=varies, n=spread.n)
    ]


def _night(day: date, asleep: tuple[float, float]) -> Night:
    """Give a night on the clock of where it was, from hours since the noon before."""
    noon = datetime.combine(day, time(NOON)) - A_DAY
    return Night(*(noon + timedelta(hours=each) for each in asleep))


def _clock(since_noon: float) -> str:
    """Write hours from noon as a time of day."""
    minutes = round(since_noon * 60) + NOON * 60
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def _whole_hours(bounds: list[float]) -> tuple[int, int]:
    """Choose full hours around the nights, four apart, within a day and a half."""
    low = max(min(bounds, default=8.0), -6)
    high = min(max(bounds, default=20.0), 36)
    first = int(low // 4) * 4
    return first, max(int(-(-high // 4)) * 4, first + 4)
