"""Who said a value, and why a day is the day it is, in words."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import gettext as _

from coach.days.one_day import Author, Field
from coach.web import filters
from coach.web.labels import source_label


def register(app: Flask) -> None:
    """Give templates these words."""
    app.jinja_env.filters |= {"said_by": said_by, "typed_by": typed_by, "heard": heard}


def said_by(field: Field, timezone: str, today: date) -> str:
    """Say who a value is from, and when: "WHOOP, 07:12", "you, 3 May", "coach Ann, 3 May"."""
    if field.source is None:
        return _("nobody has said anything yet")
    if field.typed:
        return typed_by(field.author, timezone, today)
    return heard(field, timezone, today)


def typed_by(author: Author | None, timezone: str, today: date) -> str:
    """Name who typed a value; somebody who left has no name here."""
    if author is None:
        return _("typed by hand")
    at = _when(author.at, timezone, today)
    if author.is_client:
        return _("you, %(when)s", when=at)
    return _("coach %(name)s, %(when)s", name=author.name, when=at)


def heard(field: Field, timezone: str, today: date) -> str:
    """Name the device and when it told us."""
    who = source_label(field.device_source) if field.device_source else ""
    if field.device_at is None:
        return who
    return f"{who}, {_when(field.device_at, timezone, today)}"


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


def _when(at: datetime, timezone: str, today: date) -> str:
    local = at.astimezone(ZoneInfo(timezone))
    return str(filters.clock(local) if local.date() == today else filters.short_day(local.date()))
