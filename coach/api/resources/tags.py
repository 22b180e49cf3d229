"""Tags: dates on which something was different."""

from datetime import date as Date  # noqa: N812  # the field is called date
from datetime import timedelta
from typing import Self
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import or_, select

from coach.accounts.models import Client, FieldGroup, Role
from coach.api import auth, clients, paging
from coach.api.choosing import theirs
from coach.api.clients import EARLIEST, LATEST
from coach.api.operations import operation
from coach.api.scopes import Scope
from coach.api.shapes import Chosen, Page, Said, Sparse
from coach.check_ins import saying
from coach.check_ins.forms import LONGEST_NOTE
from coach.check_ins.models import DayTag, TagKind
from coach.check_ins.saying import Tagging
from coach.extensions import db
from coach.web.problems import Refused

TAG = "What clients say"
Note = Field("", max_length=LONGEST_NOTE)


class OneTag(Sparse):
    """A span of dates on which something was different; without a last date it goes on."""

    id: UUID
    kind: str
    first_date: Date
    last_date: Date | None
    note: str | None


class TagPage(Page[OneTag]):
    """Tags, those that began last first."""


class NewTag(Said):
    """What was different, and on which dates."""

    kind: TagKind
    first_date: Date = Field(ge=EARLIEST, le=LATEST)
    last_date: Date | None = Field(None, ge=EARLIEST, le=LATEST)
    note: str = Note

    @model_validator(mode="after")
    def begin_before_it_ends(self) -> Self:
        """Refuse a span that ends before it begins."""
        if self.last_date and self.first_date > self.last_date:
            raise ValueError("first_date must not be after last_date")
        return self


@operation("/clients/<client_id>/tags", Scope.READ_DAYS, TagPage, tag=TAG)
def list_tags(client_id: str, query: Chosen) -> TagPage:
    """List tags that hold on any of some dates; none when the check-in group is not shared."""
    looked = clients.look(client_id, "tags")
    if not looked.sees(FieldGroup.CHECK_IN):
        return TagPage(items=[], next_cursor=None)
    chosen = select(DayTag).where(
        *theirs(DayTag, looked.client),
        DayTag.first_date <= (query.end_date or Date.max),
        or_(DayTag.last_date.is_(None), DayTag.last_date >= (query.start_date or Date.min)),
    )
    found, cursor = paging.rows(chosen, [DayTag.first_date, DayTag.id], query)
    return TagPage(items=[_tag(row) for row in found], next_cursor=cursor)


@operation(
    "/clients/<client_id>/tags", Scope.WRITE_DAYS, OneTag, tag=TAG, method="POST", status=201
)
def tag_dates(client_id: str, json: NewTag) -> OneTag:
    """Tag dates: they are left out of what is usual for the client."""
    client = _own_or_coached(client_id)
    said = Tagging(json.kind, json.first_date, json.last_date, json.note)
    return _tag(saying.tag(client.id, said, by=auth.caller()))


@operation(
    "/clients/<client_id>/tags/<uuid:tag_id>",
    Scope.WRITE_DAYS,
    None,
    tag=TAG,
    method="DELETE",
    status=204,
)
def remove_tag(client_id: str, tag_id: UUID) -> None:
    """Take a tag back; only the client, or their organisation's service."""
    client = clients.of_their_own(client_id)
    mine = select(DayTag).where(*theirs(DayTag, client), DayTag.id == tag_id)
    found = db.session.scalar(mine)
    if found is None:
        raise Refused(404)
    saying.end_tag(found, found.first_date - timedelta(days=1))


def _own_or_coached(client_id: str) -> Client:
    if auth.is_service() or auth.caller().role is Role.CLIENT:
        return clients.find(client_id)
    return clients.coached(client_id)


def _tag(row: DayTag) -> OneTag:
    return OneTag(
        id=row.id,
        kind=row.kind,
        first_date=row.first_date,
        last_date=row.last_date,
        note=row.note,
    )
