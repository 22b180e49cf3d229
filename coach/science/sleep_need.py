"""How much sleep somebody needs in a night: their own need where it is known, else a default."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from coach.science.series import DAY

VERSION = 1
# WHOOP's base shows in the lowest need of so many nights; a typed need stands for so many.
WHOOP_DAYS, TYPED_DAYS = 28, 60


class NeedBy(StrEnum):
    """Who said how much; `several` where the nights of a week were held against different ones."""

    WHOOP = "whoop"
    TYPED = "typed"
    DEFAULT = "default"
    SEVERAL = "several"


@dataclass(frozen=True, slots=True)
class Need:
    """Hours of sleep somebody needs, and who said so."""

    hours: float
    by: NeedBy


DEFAULT = Need(7.5, NeedBy.DEFAULT)


def need_told(hours: float | None, debt: float | None, *, typed: bool) -> Need | None:
    """Give the need of one night in hours: as a person typed it, or WHOOP's without its debt.

    WHOOP's need of a night already holds the running debt, so that nights held against it must not
    be added up. None where either is not known or nothing is left. Source: WHOOP's definition of
    `sleep_needed`. Version 1.
    """
    within = 0.0 if typed else debt
    if hours is None or within is None or hours <= within:
        return None
    return Need(hours - within, NeedBy.TYPED if typed else NeedBy.WHOOP)


def need_of(told: Mapping[date, Need], night: date) -> Need:
    """Give the need a debt of this night is held against.

    What was typed for the night; else WHOOP's base: the lowest need without debt that it told in
    28 nights, as after days of rest [our reading: the base itself is in no export]; else what was
    typed last, in 60 days; else 7 h 30 min [our default; adults need 7 h at least, Walsh 2021,
    BJSM]. Version 1.
    """
    if night in told and told[night].by is NeedBy.TYPED:
        return told[night]
    if bases := _back(told, night, WHOOP_DAYS, NeedBy.WHOOP):
        return min(bases, key=lambda need: need.hours)
    return next(iter(_back(told, night, TYPED_DAYS + 1, NeedBy.TYPED)), DEFAULT)


def _back(told: Mapping[date, Need], night: date, days: int, by: NeedBy) -> list[Need]:
    """List the needs one of them told in so many nights, newest first."""
    nights = (night - DAY * back for back in range(days))
    return [told[each] for each in nights if each in told and told[each].by is by]
