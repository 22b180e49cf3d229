"""Lives that end on Tuesday, 30 June 2026, and the week before, which is over."""

from coach.accounts.models import FieldGroup
from coach.science.series import Series
from coach.weekly.figures import Line, Measure, Told, lines
from coach.weekly.week import Week
from tests.insights.lives import STEADY, TODAY, Made

OVER = Week.of(TODAY).back(1)  # 22 to 28 June
ALL = frozenset(FieldGroup)
SINCE = (TODAY - OVER.last).days  # days after the week


def told(made: Made, moods: Series | None = None) -> dict[Measure, Line]:
    """Tell the week that is over of a life in memory."""
    return lines(Told(made.life(), moods or Series({}), OVER), ALL)


def run(name: str, *week: float | None) -> list[float | None]:
    """Give a steady run in which the week that is over has these values."""
    usual = STEADY[name]
    assert len(week) == 7
    before = [usual[step % len(usual)] for step in range(100 - 7 - SINCE)]
    return [*before, *week, *usual[:SINCE]]
