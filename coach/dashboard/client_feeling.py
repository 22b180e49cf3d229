"""The charts of what a client says: mood, and the four items of Hooper taken together."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from statistics import fmean

from flask_babel import gettext as _

from coach.check_ins.models import CheckIn
from coach.check_ins.words import ITEM_WORDS
from coach.dashboard.client_board import Board, Panel, in_words
from coach.dashboard.client_range import A_DAY
from coach.science import feelings
from coach.science.series import Series
from coach.web import charts
from coach.web.charts import Values
from coach.web.filters import number
from coach.web.labels import metric_label
from coach.web.scales import Scale

MOOD = Scale(1, 10, (1, 4, 7, 10))
HOOPER = Scale(4, 28, (4, 12, 20, 28))


def feeling_panels(board: Board) -> list[Panel]:
    """Draw what was answered; a day without an answer stays empty."""
    return [_mood(board), _hooper(board)]


def _mood(board: Board) -> Panel:
    values = board.values("mood")
    chart = charts.line_chart(board.dates, values, scale=MOOD)
    cells = {metric_label("mood"): in_words("mood", values)}
    return board.panel("mood", metric_label("mood"), chart, cells, notes=[_("1 low, 10 high.")])


def _hooper(board: Board) -> Panel:
    known, title = board.known.life.hooper.values, _("Hooper index")
    answers = [[known[day] for day in column if day in known] for column in board.columns]
    values: Values = [fmean(each) if each else None for each in answers]
    words = ["" if value is None else str(number(value)) for value in values]
    notes = [_("Sleep, stress, fatigue and soreness together, 4 to 28; higher feels worse.")]
    panel = board.panel(
        "hooper",
        title,
        charts.line_chart(board.dates, values, scale=HOOPER),
        {title: words},
        notes=[*notes, *_stale_note(board.known.check_ins, board.dates[-1])],
    )
    return replace(panel, days_with_value=sum(map(len, answers)))


def _stale_note(said: Sequence[CheckIn], last: date) -> list[str]:
    """Name the items rated high for more than a week; the last day may not be answered yet."""
    high = []
    for item, words in ITEM_WORDS.items():
        rated = {each.date: float(getattr(each, item)) for each in said if getattr(each, item)}
        day = last if last in rated else last - A_DAY
        high += [str(words[0])] if feelings.stale(Series(rated), day) else []
    if not high:
        return []
    days = feelings.STALE_DAYS + 1
    return [
        _("Rated above 5 on each of %(days)d days: %(items)s.", days=days, items=", ".join(high))
    ]
