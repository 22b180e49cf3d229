"""Why a day is the day it is, in words."""

from datetime import date, datetime

from flask_babel import gettext as _

from coach.web import filters


def day_rule(day: date, woke_at: datetime | None) -> str:
    """Say why a recovery belongs to its day; nothing where no night decided it."""
    if woke_at is None:
        return ""
    written = filters.day(day)
    if woke_at.date() == day:
        return _(
            "This recovery belongs to %(day)s because you woke up on %(day)s where you were.",
            day=written,
        )
    return _(
        "You woke up on %(woke)s where you were, but that day has a recovery already;"
        " so this one belongs to %(day)s.",
        woke=filters.day(woke_at.date()),
        day=written,
    )
