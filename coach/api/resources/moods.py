"""Mood ratings, 1 to 10: one for each date."""

from datetime import date as Date  # noqa: N812  # the field is called date
from datetime import datetime
from uuid import UUID

from pydantic import Field
from sqlalchemy import Select, select

from coach.accounts.models import Client, FieldGroup
from coach.api import auth, clients, paging
from coach.api.choosing import of_dates, theirs
from coach.api.operations import operation
from coach.api.scopes import Scope
from coach.api.shapes import Chosen, Page, Said, Sparse, in_utc
from coach.check_ins import saying
from coach.check_ins.models import MOOD_HIGHEST, MOOD_LOWEST, MoodRating
from coach.extensions import db
from coach.web.problems import Refused

TAG = "What clients say"
_RATING = Field(ge=MOOD_LOWEST, le=MOOD_HIGHEST, description="1 to 10", examples=[7], strict=True)


class Mood(Sparse):
    """How somebody's mood was on one date."""

    id: UUID
    date: Date
    rating: int = _RATING
    updated_at: datetime


class MoodPage(Page[Mood]):
    """Mood ratings, newest first."""


class NewMood(Said):
    """A rating; of today when no date is given."""

    rating: int = _RATING
    date: Date | None = None


class ChangedMood(Said):
    """Another rating for the same date."""

    rating: int = _RATING


@operation("/clients/<client_id>/moods", Scope.READ_DAYS, MoodPage, tag=TAG)
def list_moods(client_id: str, query: Chosen) -> MoodPage:
    """List mood ratings, newest first; none when the check-in group is not shared."""
    looked = clients.look(client_id, "moods")
    if not looked.sees(FieldGroup.CHECK_IN):
        return MoodPage(items=[], next_cursor=None)
    chosen = _of(looked.client).where(
        *of_dates(MoodRating.date, query),
    )
    found, cursor = paging.rows(chosen, [MoodRating.date], query)
    return MoodPage(items=[_mood(row) for row in found], next_cursor=cursor)


@operation("/clients/<client_id>/moods", Scope.WRITE_DAYS, Mood, tag=TAG, method="POST", status=201)
def rate_mood(client_id: str, json: NewMood) -> Mood:
    """Rate the mood of a date; a rating that is there already is replaced."""
    client = clients.of_their_own(client_id)
    day = clients.past_day(json.date or clients.today_of(client), client=client)
    mood_id = saying.rate_mood(client.id, day, json.rating, by=auth.caller())
    return _mood(_one(client, mood_id))


@operation(
    "/clients/<client_id>/moods/<uuid:mood_id>", Scope.WRITE_DAYS, Mood, tag=TAG, method="PATCH"
)
def change_mood(client_id: str, mood_id: UUID, json: ChangedMood) -> Mood:
    """Change a rating."""
    client = clients.of_their_own(client_id)
    day = _one(client, mood_id).date
    saying.rate_mood(client.id, day, json.rating, by=auth.caller())
    return _mood(_one(client, mood_id))


def _one(client: Client, mood_id: UUID) -> MoodRating:
    mine = _of(client).where(MoodRating.id == mood_id).execution_options(populate_existing=True)
    found = db.session.scalar(mine)
    if found is None:
        raise Refused(404)
    return found


def _of(client: Client) -> Select[MoodRating]:
    return select(MoodRating).where(
        *theirs(MoodRating, client),
    )


def _mood(row: MoodRating) -> Mood:
    return Mood(id=row.id, date=row.date, rating=row.rating, updated_at=in_utc(row.updated_at))
