"""Notes: what coaches wrote down about a client; read by the client's coaches."""

from datetime import date as Date  # noqa: N812  # the field is called date
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from coach.api import auth, clients, paging
from coach.api.choosing import of_dates, theirs
from coach.api.operations import operation
from coach.api.scopes import Scope
from coach.api.shapes import Chosen, Page, Said, Sparse
from coach.check_ins import saying
from coach.check_ins.forms import LONGEST_NOTE
from coach.check_ins.models import CoachNote
from coach.extensions import db

TAG = "What clients say"


class OneNote(Sparse):
    """What a coach wrote down about a client, read by the client's coaches."""

    id: UUID
    date: Date
    text: str


class NotePage(Page[OneNote]):
    """Notes, newest first."""


class NewNote(Said):
    """Something to write down; of today when no date is given."""

    text: str = Field(min_length=1, max_length=LONGEST_NOTE)
    date: Date | None = None


@operation("/clients/<client_id>/notes", Scope.READ_DAYS, NotePage, tag=TAG)
def list_notes(client_id: str, query: Chosen) -> NotePage:
    """List what coaches noted about a client; coaches and owners read them."""
    client = clients.coached(client_id)
    chosen = select(CoachNote).where(
        *theirs(CoachNote, client),
        *of_dates(CoachNote.date, query),
    )
    found, cursor = paging.rows(chosen, [CoachNote.date, CoachNote.id], query)
    return NotePage(items=[_note(row) for row in found], next_cursor=cursor)


@operation(
    "/clients/<client_id>/notes", Scope.WRITE_DAYS, OneNote, tag=TAG, method="POST", status=201
)
def write_note(client_id: str, json: NewNote) -> OneNote:
    """Write something down about a client whom the caller coaches."""
    client = clients.coached(client_id)
    day = clients.past_day(json.date or clients.today_of(client), client=client)
    made = saying.note(client.id, day, json.text, by=auth.caller())
    db.session.flush()
    return _note(made)


def _note(row: CoachNote) -> OneNote:
    return OneNote(id=row.id, date=row.date, text=row.text)
