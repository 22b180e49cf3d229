"""The formulas over one life, each worked out at most once a day however many rules ask (pure)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TypeAlias

from coach.insights.life import Life
from coach.science import baseline, feelings, heart_rate, hrv, load, sleep
from coach.science.baseline import OwnRange
from coach.science.feelings import FeelingWeek
from coach.science.heart_rate import Drift
from coach.science.hrv import HrvWeek
from coach.science.series import Figure, Series
from coach.science.sleep_need import NeedBy

# The version of everything that is stored: a formula or a rule that changes makes all of it stale.
FORMULA_VERSION = 3
# As far as anything looks back from a day: 28 days in a row, each against a range of 7 + 60 days
# (and a need of sleep stands for 60 days after the last of 7 nights).
LOOKS_BACK_DAYS = 28 + 7 + 60

UsualOf: TypeAlias = Callable[[str, date], OwnRange | None]


@dataclass(frozen=True, slots=True)
class Formulas:
    """What each formula says of a date."""

    daily: Mapping[str, Series]  # of heart rate variability the logarithms
    hrv: Callable[[date], HrvWeek]
    drift: Callable[[date], Drift]
    debt: Callable[[date], Figure]
    debt_against: Callable[[date], NeedBy | None]
    feeling: Callable[[date], FeelingWeek]
    load: Callable[[date], Figure]
    usual: UsualOf


def over(life: Life) -> Formulas:
    """Give the formulas over a life."""
    of = life.series
    daily = {**of, "hrv": hrv.logs(of["hrv"])}
    return Formulas(
        daily=daily,
        hrv=cache(lambda day: hrv.hrv_week(of["hrv"], day)),
        drift=cache(lambda day: heart_rate.drift(of["resting_heart_rate"], day)),
        debt=cache(
            lambda day: sleep.debt(of["sleep_hours"], of["nap_hours"], day, needs=life.needs)
        ),
        debt_against=lambda day: sleep.debt_against(of["sleep_hours"], day, needs=life.needs),
        feeling=cache(lambda day: feelings.feeling_week(life.hooper, day)),
        load=cache(lambda day: load.week_against_usual(of["strain"], day)),
        usual=cache(lambda name, day: baseline.robust_range(daily[name], day)),
    )
