"""Check-ins and tags: what clients say, and what coaches answer."""

from datetime import date as Date  # noqa: N812  # the field is called date
from datetime import datetime
from typing import Self

from pydantic import Field, model_validator
from sqlalchemy import select

from coach.accounts.models import Client, FieldGroup
from coach.api import auth, clients, paging
from coach.api.choosing import of_dates, theirs
from coach.api.operations import operation
from coach.api.scopes import Scope
from coach.api.shapes import Chosen, Page, Said, Sparse, in_utc
from coach.check_ins import reading, saying
from coach.check_ins.forms import LONGEST_NOTE
from coach.check_ins.models import MOOD_HIGHEST, MOOD_LOWEST, CheckIn
from coach.check_ins.saying import Answers
from coach.extensions import db
from coach.science.feelings import HIGHEST, ITEMS, LOWEST
from coach.web.problems import Refused

TAG = "What clients say"
Item = Field(None, ge=LOWEST, le=HIGHEST, strict=True)
Note = Field("", max_length=LONGEST_NOTE)


class OneCheckIn(Sparse):
    """One date's answers to the Hooper items."""

    date: Date
    sleep: int | None
    stress: int | None
    fatigue: int | None
    soreness: int | None
    note: str | None
    answered_at: datetime
    seen_at: datetime | None
    reply: str | None
    replied_at: datetime | None


class CheckInPage(Page[OneCheckIn]):
    """Check-ins, newest first."""


class NewCheckIn(Said):
    """Answers of one date; each is optional, one at least is given."""

    mood: int | None = Field(None, ge=MOOD_LOWEST, le=MOOD_HIGHEST, strict=True)
    sleep: int | None = Item
    stress: int | None = Item
    fatigue: int | None = Item
    soreness: int | None = Item
    note: str = Note

    @model_validator(mode="after")
    def say_something(self) -> Self:
        """Refuse answers that hold nothing, because nothing would be kept."""
        if all(getattr(self, name) is None for name in (*ITEMS, "mood")) and not self.note:
            raise ValueError("answer at least one question")
        return self


class Reply(Said):
    """A coach's answer to a check-in."""

    text: str = Field(min_length=1, max_length=LONGEST_NOTE)


@operation("/clients/<client_id>/check-ins", Scope.READ_DAYS, CheckInPage, tag=TAG)
def list_check_ins(client_id: str, query: Chosen) -> CheckInPage:
    """List check-ins, newest first; none when the check-in group is not shared."""
    looked = clients.look(client_id, "check-ins")
    if not looked.sees(FieldGroup.CHECK_IN):
        return CheckInPage(items=[], next_cursor=None)
    chosen = select(CheckIn).where(
        *theirs(CheckIn, looked.client),
        *of_dates(CheckIn.date, query),
    )
    found, cursor = paging.rows(chosen, [CheckIn.date], query)
    return CheckInPage(items=[_check_in(row) for row in found], next_cursor=cursor)


@operation(
    "/clients/<client_id>/check-ins/<date>", Scope.WRITE_DAYS, OneCheckIn, tag=TAG, method="PUT"
)
def answer_check_in(client_id: str, date: str, json: NewCheckIn) -> OneCheckIn:
    """Answer the check-in of a date; answered again, the new answers stand."""
    client = clients.of_their_own(client_id)
    day = clients.day_in_path(date, client=client)
    given = {name: getattr(json, name) for name in ITEMS}
    items = {name: rating for name, rating in given.items() if rating is not None}
    saying.answer(client.id, day, Answers(json.mood, items, json.note), by=auth.caller())
    return _check_in(_one(client, day))


@operation(
    "/clients/<client_id>/check-ins/<date>/reply",
    Scope.WRITE_DAYS,
    OneCheckIn,
    tag=TAG,
    method="PUT",
)
def reply_to_check_in(client_id: str, date: str, json: Reply) -> OneCheckIn:
    """Answer a check-in as its coach; that also marks it as seen."""
    client = clients.coached(client_id)
    if FieldGroup.CHECK_IN not in auth.shared(client.id):
        raise Refused(404)
    found = _one(client, clients.day_in_path(date, client=client))
    saying.reply(client.id, found.date, json.text, by=auth.caller())
    return _check_in(_one(client, found.date))


def _one(client: Client, day: Date) -> CheckIn:
    db.session.expire_all()
    found = reading.check_in_of(client.id, day)
    if found is None:
        raise Refused(404)
    return found


def _check_in(row: CheckIn) -> OneCheckIn:
    return OneCheckIn(
        date=row.date,
        **{name: getattr(row, name) for name in ITEMS},
        note=row.note,
        answered_at=in_utc(row.answered_at),
        seen_at=in_utc(row.seen_at),
        reply=row.reply,
        replied_at=in_utc(row.replied_at),
    )
