"""Alerts: what waits for a coach, and what they did about it."""

from collections.abc import Sequence
from datetime import date as Date  # noqa: N812  # the field is called date
from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from coach.accounts.models import Client, Role
from coach.alerts import acting, reading
from coach.alerts.reading import Told
from coach.api import auth, clients, places
from coach.api.operations import operation
from coach.api.places import Place
from coach.api.scopes import Scope
from coach.api.shapes import Chosen, Page, Said, Sparse, in_utc
from coach.extensions import db
from coach.web.problems import invalid

TAG = "Roster"


class OneAlert(Sparse):
    """One thing about one client that a coach wanted to be told of."""

    id: UUID
    client_id: UUID
    sign: str = Field(examples=["hrv_week"])
    dates: list[Date] = Field(description="the dates behind it, newest first")
    raised: Date
    state: str = Field(examples=["open"])
    opened_at: datetime
    snoozed_until: Date | None
    acted_at: datetime | None
    urgent: bool


class AlertPage(Page[OneAlert]):
    """What is still true, first what waits."""


class Acted(Said):
    """Seen (`acknowledged`), or put off until a date (`snoozed`)."""

    state: Literal["acknowledged", "snoozed"] = Field(examples=["snoozed"])
    until: Date | None = Field(None, examples=["2026-05-20"])

    @model_validator(mode="after")
    def say_until_when(self) -> Self:
        """Refuse to put something off without a date."""
        if (self.state == "snoozed") != (self.until is not None):
            raise ValueError("`until` goes with `snoozed`, and only with it")
        return self


@operation("/alerts", Scope.READ_ROSTER, AlertPage, tag=TAG)
def list_alerts(query: Chosen) -> AlertPage:
    """List the caller's alerts that are still true; by the dates on which they were raised."""
    auth.only(Role.OWNER, Role.COACH)
    told = reading.live(auth.caller())
    first, last = query.start_date or Date.min, query.end_date or Date.max
    return _page([each for each in told if first <= each.raised <= last], query)


@operation("/alerts/<uuid:alert_id>", Scope.WRITE_DAYS, AlertPage, tag=TAG, method="PATCH")
def act_on_alert(alert_id: UUID, json: Acted) -> AlertPage:
    """Say that an alert was seen, or put it off; answers with the first of what is left."""
    auth.only(Role.OWNER, Role.COACH)
    found = reading.one_or_404(auth.caller(), alert_id)
    if json.until is None:
        acting.acknowledge(found, by=auth.caller())
    else:
        client = db.session.get_one(Client, (found.organisation_id, found.client_id))
        if json.until <= clients.today_of(client):
            raise invalid("until", "must lie in the future")
        acting.snooze(found, json.until, by=auth.caller())
    return _page(reading.live(auth.caller()), Chosen())


def _page(told: Sequence[Told], asked: Chosen) -> AlertPage:
    behind = places.opened(asked.cursor, of="alerts")
    found, last = places.page(sorted(told, key=_place), _place, behind=behind, limit=asked.limit)
    items = [_alert(each) for each in found]
    return AlertPage(items=items, next_cursor=places.sealed(last, of="alerts"))


def _place(told: Told) -> Place:
    return (*reading.rank(told), str(told.id))


def _alert(told: Told) -> OneAlert:
    return OneAlert(
        id=told.id,
        client_id=told.client_id,
        sign=told.sign,
        dates=list(told.dates),
        raised=told.raised,
        state=told.state,
        opened_at=in_utc(told.opened_at),
        snoozed_until=told.snoozed_until,
        acted_at=in_utc(told.acted_at),
        urgent=told.urgent,
    )
