"""Answers made without a connection, as they arrive: each counts once, on the day it was made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from coach.accounts.access import Viewer
from coach.accounts.models import Client
from coach.check_ins import reading, saying
from coach.check_ins.forms import CheckInForm
from coach.check_ins.models import ArrivedAnswer
from coach.check_ins.saying import Answers
from coach.days.calendar import today
from coach.days.store import lock
from coach.extensions import db

OLDEST = timedelta(days=14)


class Unusable(Exception):
    """What arrived cannot be kept, however often it is sent."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One answer with the id its device gave it and the moment it was made."""

    id: UUID
    made_at: datetime
    answers: Answers

    @classmethod
    def read(cls, form: Mapping[str, str], *, now: datetime) -> "Arrival":
        """Read an answer; a clock that runs ahead is taken for ours. Raises Unusable."""
        read = CheckInForm.read(form)
        try:
            known = UUID(form.get("id", ""))
            made_at = datetime.fromisoformat(form.get("made_at", ""))
        except ValueError as error:
            raise Unusable(str(error)) from error
        if read.errors or made_at.tzinfo is None or made_at < now - OLDEST:
            raise Unusable(", ".join(read.errors) or "made_at")
        return cls(known, min(made_at, now), read.answers)


def keep(arrival: Arrival, client: Client, *, by: Viewer) -> bool:
    """Keep an answer unless it arrived before or a newer one stands; True when it was kept."""
    day = today(arrival.made_at, client.timezone)
    lock(client.id)
    first = db.session.scalar(
        insert(ArrivedAnswer)
        .values(
            organisation_id=client.organisation_id, client_id=client.id, id=arrival.id, date=day
        )
        .on_conflict_do_nothing()
        .returning(ArrivedAnswer.id)
    )
    newest = reading.check_in_of(client.id, day)
    if first is None or (newest is not None and newest.answered_at >= arrival.made_at):
        return False
    saying.answer(client.id, day, arrival.answers, by=by, at=arrival.made_at)
    return True
