"""A coach's morning on a fixed day: Bea and Carl have lived, share, and somebody looks."""

import html
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from flask import Flask
from werkzeug.test import TestResponse

from coach.accounts.models import Consent, FieldGroup
from coach.check_ins.models import CheckIn, DayTag
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.ids import new_id
from coach.insights import refresh
from coach.insights.morning import Morning
from coach.work import clock
from tests.cast import Somebody
from tests.critic import Critic
from tests.insights.lives import NOON, TODAY, Made, record, steady

ALL = tuple(FieldGroup)
LOW_HRV = Made({"hrv": steady("hrv", then=[45.0] * 7), "recovery_score": [70.0] * 100})
RED = Made({"recovery_score": [*[70.0] * 99, 20.0]})
CALM = Made({"recovery_score": [70.0] * 100})


@contextmanager
def morning() -> Iterator[None]:
    """Let it be noon of the last day of these lives."""
    with clock.stopped_at(NOON):
        yield


def look(coach: Critic) -> str:
    """Open the roster."""
    with morning():
        return coach.get("/dashboard").text


def ask_again(coach: Critic, page: str, *, at: datetime = NOON) -> TestResponse:
    """Ask as a page of the roster does that is kept open."""
    (told,) = re.findall(r"hx-headers='(\{\"Coach-Poll[^']*)'", page)
    headers = {"HX-Request": "true", **json.loads(html.unescape(told))}
    with clock.stopped_at(at):
        return coach.get("/dashboard", headers=headers)


def lives(app: Flask, who: Somebody, made: Made | None, *groups: FieldGroup) -> None:
    """Record a life, share these groups, and work out what it means."""
    assert who.client_id
    mine = {"organisation_id": who.organisation_id, "client_id": who.client_id}
    with app.app_context(), acting_for(who.organisation_id):
        db.session.add_all(Consent(field_group=group, text_version="1", **mine) for group in groups)
        if made is not None:
            record(who, made)
            refresh.refresh(who.client_id, now=NOON)
        db.session.commit()
        db.session.remove()


def says(app: Flask, who: Somebody, row: CheckIn | DayTag) -> None:
    """Keep a check-in or a tag of somebody."""
    assert who.client_id
    row.id, row.organisation_id, row.client_id = new_id(), who.organisation_id, who.client_id
    with app.app_context(), acting_for(who.organisation_id):
        db.session.add(row)
        db.session.commit()
        db.session.remove()


def nothing_known() -> Morning:
    """Give the morning of somebody who shares everything and has sent nothing."""
    return Morning(
        day=TODAY,
        shares=frozenset(FieldGroup),
        attention=0,
        reasons=(),
        recovery=None,
        hrv=None,
        resting_heart_rate=None,
        drift=None,
        drift_raised=False,
        night=None,
        balance=None,
        debt=None,
        strain_yesterday=None,
        load_change=None,
        feeling=None,
        check_in=None,
        tags=None,
        quiet_days=None,
    )
