"""Who said a value and when, in the words of whoever looks: the client or a coach."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.numbers import get_decimal_symbol
from flask import Flask
from flask_babel import get_locale
from flask_babel import gettext as _

from coach.accounts.access import Viewer
from coach.days.field_history import Change
from coach.days.one_day import Author, Field
from coach.web import filters
from coach.web.labels import source_label
from coach.web.units import in_units


def register(app: Flask) -> None:
    """Give templates these words."""
    app.jinja_env.filters |= {"said_by": said_by, "heard": heard, "changed_by": changed_by}
    app.jinja_env.filters |= {"typed_over": typed_over, "as_typed": as_typed}


def said_by(field: Field, timezone: str, today: date, viewer: Viewer) -> str:
    """Say who a value is from, and when: "WHOOP, 07:12", "you, 3 May", "coach Ann, 3 May"."""
    if field.source is None:
        return _("nobody has said anything yet")
    if not field.typed:
        return heard(field, timezone, today)
    if field.author is None:  # who left has no name here
        return _("typed by hand")
    at = _when(field.author.at, timezone, today)
    return _("%(who)s, %(when)s", who=_person(field.author, viewer), when=at)


def as_typed(field: Field) -> str:
    """Write what a person typed as it may be typed again: in the reader's units and decimals."""
    value = field.value if field.typed else None
    if not isinstance(value, int | float):
        return str(value or "")
    written = f"{round(in_units(value, field.metric.name), 2)}".removesuffix(".0")
    return written.replace(".", get_decimal_symbol(get_locale()))


def typed_over(field: Field, viewer: Viewer) -> str:
    """Name who else typed the value that stands; empty when nobody else did."""
    author = field.author
    return _person(author, viewer) if author and author.user_id != viewer.user_id else ""


def changed_by(change: Change, viewer: Viewer) -> str:
    """Name who made a change: a person or a device."""
    if change.user_id and change.name:
        return _person(Author(change.user_id, change.name, change.is_client, change.at), viewer)
    return source_label(change.source)


def heard(field: Field, timezone: str, today: date) -> str:
    """Name the device and when it told us."""
    who = source_label(field.device_source) if field.device_source else ""
    if field.device_at is None:
        return who
    return f"{who}, {_when(field.device_at, timezone, today)}"


def _person(author: Author, viewer: Viewer) -> str:
    if author.user_id == viewer.user_id:
        return _("you")
    return author.name if author.is_client else _("coach %(name)s", name=author.name)


def _when(at: datetime, timezone: str, today: date) -> str:
    local = at.astimezone(ZoneInfo(timezone))
    return str(filters.clock(local) if local.date() == today else filters.short_day(local.date()))
