"""The charts of a client's page: each metric against the client's own usual days."""

from collections.abc import Callable, Sequence
from datetime import date
from math import exp
from typing import TypeVar

from flask_babel import gettext as _

from coach.accounts.models import FieldGroup
from coach.dashboard.client_board import Board, Panel, in_words
from coach.dashboard.client_feeling import feeling_panels
from coach.dashboard.client_range import A_DAY
from coach.dashboard.client_sleep import sleep_panels
from coach.science import heart_rate, hrv, load
from coach.science.baseline import LEFT_OUT_DAYS, RANGE_DAYS, OwnRange, own_range
from coach.science.series import Series
from coach.web import charts, overlays
from coach.web.bands import recovery_band, recovery_word, strain_word
from coach.web.filters import number, percent, short_day
from coach.web.labels import metric_label
from coach.web.scales import Scale, log_scale_of, scale_of

Found = TypeVar("Found")
# A baseline looks back this far; a longer series would only be sorted for nothing.
_BACK, _BLOCK = LEFT_OUT_DAYS + RANGE_DAYS, 15


def panels(board: Board, shares: frozenset[FieldGroup]) -> list[Panel]:
    """Draw what is shared; a chart without any value is left out."""
    drawn: list[Panel] = []
    if FieldGroup.RECOVERY in shares:
        drawn += [_recovery(board), _hrv(board), _resting(board)]
    if FieldGroup.SLEEP in shares:
        drawn += sleep_panels(board)
    if FieldGroup.STRAIN in shares:
        drawn.append(_strain(board))
    if FieldGroup.CHECK_IN in shares:
        drawn += feeling_panels(board)
    return [panel for panel in drawn if panel.chart.known]


def _recovery(board: Board) -> Panel:
    values = board.values("recovery_score")
    words = in_words("recovery_score", values)
    bands = ["" if value is None else recovery_word(value) for value in values]
    chart = charts.day_chart(
        board.dates,
        values,
        kind="bars",
        low=0,
        high=100,
        ticks=[0, 34, 67, 100],
        titles=words,
        classes=["" if value is None else recovery_band(value) for value in values],
        marks=board.typed("recovery_score"),
    )
    bounds = {"high": (67, 100), "medium": (34, 66), "low": (0, 33)}
    return board.panel(
        "recovery_score",
        metric_label("recovery_score"),
        chart,
        {_("Recovery"): words, _("Band"): bands},
        legend=[
            (band, f"{recovery_word(low)} {low}-{high}") for band, (low, high) in bounds.items()
        ],
        notes=[_("Recovery is WHOOP's own score; its bands are the same for everybody.")],
    )


def _hrv(board: Board) -> Panel:
    values, ln = board.values("hrv"), hrv.logs(board.known.life.series["hrv"])
    means = [hrv.week_mean(ln, day).value for day in board.dates]
    weeks = [None if mean is None else exp(mean) for mean in means]
    ranges = _in_blocks(ln, board.dates, own_range)
    spans = [_milliseconds(each) for each in ranges]
    scale = log_scale_of([*values, *weeks, *(bound for span in spans if span for bound in span)])
    drawn = charts.line_chart(board.dates, values, scale=scale, marks=board.typed("hrv"))
    chart = overlays.with_trend(overlays.with_band(drawn, scale, spans), scale, "mean", weeks)
    cells = {
        metric_label("hrv"): in_words("hrv", values),
        _("7-day mean"): in_words("hrv", weeks),
        _("own range"): [_span_in_words(span) for span in spans],
    }
    legend = [("mean", _("7-day mean")), ("normal", _("own range"))]
    notes = [_range_note(ranges[-1]), *_hrv_notes(ln, board.dates[-1])]
    return board.panel(
        "hrv", metric_label("hrv"), chart, cells, kind="faint", legend=legend, notes=notes
    )


def _resting(board: Board) -> Panel:
    name = "resting_heart_rate"
    values, bpm = board.values(name), board.known.life.series[name]
    drifts = _in_blocks(bpm, board.dates, heart_rate.drift)
    weeks, usual = [each.week for each in drifts], [each.usual for each in drifts]
    scale = scale_of([*values, *usual])
    drawn = charts.line_chart(board.dates, values, scale=scale, marks=board.typed(name))
    chart = overlays.with_trend(drawn, scale, "mean", weeks)
    chart = overlays.with_trend(chart, scale, "usual", usual)
    cells = {
        metric_label(name): in_words(name, values),
        _("7-day mean"): in_words(name, weeks),
        _("usual"): in_words(name, usual),
    }
    legend = [("mean", _("7-day mean")), ("usual", _("usual: median of up to 60 days before"))]
    return board.panel(name, metric_label(name), chart, cells, kind="faint", legend=legend)


def _strain(board: Board) -> Panel:
    values, strain = board.values("strain"), board.known.life.series["strain"]
    points = {each.day: each for each in load.lines(strain, board.dates[0], board.dates[-1])}
    acute = [points[day].acute if day in points else None for day in board.dates]
    chronic = [points[day].chronic if day in points else None for day in board.dates]
    words, scale = in_words("strain", values), Scale(0, 21, (0, 7, 14, 21))
    chart = charts.day_chart(
        board.dates,
        values,
        kind="bars",
        low=0,
        high=21,
        ticks=scale.ticks,
        titles=words,
        classes=["strain"] * len(values),
        marks=board.typed("strain"),
    )
    chart = overlays.with_trend(chart, scale, "mean", acute)
    chart = overlays.with_trend(chart, scale, "usual", chronic)
    cells = {
        metric_label("strain"): words,
        _("7-day line"): in_words("strain", acute),
        _("28-day line"): in_words("strain", chronic),
        _("Band"): ["" if value is None else strain_word(value) for value in values],
    }
    legend = [("strain", metric_label("strain")), ("mean", _("acute: 7-day line"))]
    legend.append(("usual", _("chronic: 28-day line")))
    notes = _strain_notes(strain, board.dates[-1])
    return board.panel("strain", metric_label("strain"), chart, cells, legend=legend, notes=notes)


def _in_blocks(
    series: Series, dates: Sequence[date], formula: Callable[[Series, date], Found]
) -> list[Found]:
    """Apply a formula to each day, over the days before it that the formula looks at."""
    found: list[Found] = []
    for at in range(0, len(dates), _BLOCK):
        block = dates[at : at + _BLOCK]
        since = block[0] - A_DAY * _BACK
        near = {day: it for day, it in series.values.items() if since <= day <= block[-1]}
        found += [formula(Series(near, series.unusual), day) for day in block]
    return found


def _milliseconds(usual: OwnRange | None) -> tuple[float, float] | None:
    if usual is None:
        return None
    low, high = usual.bounds(hrv.WORTHWHILE_SDS)
    return exp(low), exp(high)


def _span_in_words(span: tuple[float, float] | None) -> str:
    if span is None:
        return ""
    return _("%(low)s to %(high)s", low=round(span[0]), high=in_words("hrv", [span[1]])[0])


def _hrv_notes(ln: Series, last: date) -> list[str]:
    """Say since when the own range counts anew, how far nights differ, and what is drawn."""
    notes, begin, cv = [], ln.restart(last), hrv.week_cv(ln, last)
    if last - A_DAY * _BACK < begin and any(day < begin for day in ln.values):
        notes.append(_anew_note(begin, last))
    if cv.value is not None:
        said = percent(cv.value, 1)
        notes.append(_("From night to night the last 7 days vary by %(cv)s (CV of ln).", cv=said))
    return [*notes, _("Drawn on a scale of ratios, as ln of the milliseconds.")]


def _anew_note(begin: date, last: date) -> str:
    if begin > last:
        return _("No value for two weeks or more: the own range begins anew with the next one.")
    since = short_day(begin)
    return _("After a gap of two weeks or more the own range counts from %(day)s on.", day=since)


def _strain_notes(strain: Series, last: date) -> list[str]:
    """Tell the monotony of the newest seven whole days: the last one may still be running."""
    day = last if last in strain.values else last - A_DAY
    found = load.monotony(strain, day)
    proxy = _(
        "Day strain is a bounded scale and stands in for a training load: a proxy, no forecast."
    )
    if found.value is None:
        return [proxy]
    monotony = _(
        "Monotony of the 7 days to %(day)s: %(value)s, their mean over their spread; what is much differs from person to person.",
        day=short_day(day),
        value=number(found.value, 1),
    )
    return [monotony, proxy]


def _range_note(usual: OwnRange | None) -> str:
    if usual is None:
        return _("No own range yet: it needs 14 known days, a week or more ago.")
    span = _span_in_words(_milliseconds(usual))
    return _("Own range %(range)s, from %(n)d days before the last week.", range=span, n=usual.n)
