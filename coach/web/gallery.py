"""Every component of the design system on one page, for those who build; not in production.

Its own text is an example and is not translated; the components are those of the pages.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, Flask, render_template
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import StringField

from coach.web import overlays
from coach.web.charts import Chart, day_chart, line_chart, sparkline, stacked_chart
from coach.web.scales import Scale
from coach.web.sparklines import Sparkline
from config import Settings

bp = Blueprint("gallery", __name__)
COLOURS = (
    *("paper", "card", "sunken", "line", "line-strong", "ink", "ink-2", "ink-3", "accent"),
    *("accent-soft", "focus", "recovery-high", "recovery-medium", "recovery-low", "strain"),
    *("sleep", "good", "warn", "bad", "note"),
)
WAVE = [62.0, 58, None, 66, 71, 64, 49, None, None, 55, 60, 68, 72, 66]
DAYS = [date(2026, 5, 1) + timedelta(days=step) for step in range(len(WAVE))]
LAYERS = ("deep_hours", "rem_hours", "light_hours")


class Example(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """A field as it should be, and one with a mistake."""

    good = StringField("Name")
    bad = StringField("Date")


@dataclass(frozen=True, slots=True)
class Drawings:
    """One chart of each kind, with gaps, an own range, marked and tagged days."""

    line: Chart
    bars: Chart
    stacked: Chart
    spark: Sparkline


def open_gallery(app: Flask, settings: Settings) -> None:
    """Show the gallery wherever this is not production."""
    if not settings.in_production:
        app.register_blueprint(bp)


@bp.get("/gallery")
def show() -> ResponseReturnValue:
    form = Example(formdata=None)
    form.bad.errors = ["Choose a date that is over."]
    return render_template("gallery.html", colours=COLOURS, form=form, drawn=_drawings())


def _drawings() -> Drawings:
    line = line_chart(DAYS, WAVE, normal=(55, 68), marks={DAYS[3]})
    bars = day_chart(
        DAYS,
        WAVE,
        kind="bars",
        low=0,
        high=100,
        ticks=(0, 34, 67, 100),
        titles=["" if value is None else f"{value:.0f}%" for value in WAVE],
        classes=["high" if value and value >= 67 else "medium" for value in WAVE],
    )
    stages = {name: [2.0 if value else None for value in WAVE] for name in LAYERS}
    return Drawings(
        line=overlays.with_tagged(line, {DAYS[9]}),
        bars=bars,
        stacked=stacked_chart(DAYS, stages, scale=Scale(0, 12, (0, 4, 8, 12))),
        spark=sparkline(WAVE, normal=(55, 68)),
    )
