"""Imports of WHOOP's export: upload, see how it goes, apply, undo.

A client's own, by their token or that of their organisation's service.
"""

from dataclasses import replace
from datetime import date as Date  # noqa: N812  # the field is called date
from datetime import datetime
from uuid import UUID

from flask import Response, request, url_for
from pydantic import Field
from sqlalchemy import select

from coach.accounts.access import Viewer
from coach.accounts.fair_use import IMPORT
from coach.api import auth, clients, paging
from coach.api.answers import as_json
from coach.api.choosing import of_dates, on_dates, theirs
from coach.api.operations import FILES, operation
from coach.api.scopes import Scope
from coach.api.shapes import Answer, Chosen, Page, Raw, Sparse, in_utc
from coach.csv_import import room, uploads
from coach.csv_import.models import Import, ImportDay
from coach.csv_import.steps import TO_APPLY, TO_DISCARD, TO_UNDO, Step, step_of, steps_of
from coach.days.differences import Fate
from coach.web.problems import Refused, invalid

TAG = "Imports"
_NOT_TAKEN = {
    uploads.NothingChosen: "is empty: send the ZIP that WHOOP sent, or its CSV files",
    uploads.TooManyFiles: "holds too many files: an export has four",
    room.TooManyOpen: "is one too many: apply or discard one that waits first",
    room.TooMuchKept: "is too large together with the uploads of the last days",
}


class RefusedLine(Answer):
    """A line that an import could not take, wholly or in one cell; what stood there is private."""

    file: str
    line: int
    column: str = Field(description="empty when it is about the whole line or file")
    value_class: str = Field(description="what sort of value stood there", examples=["text"])
    reason: str = Field(examples=["not_a_time"])


class OneImport(Sparse):
    """An upload: how far it is, what it brought, and what was refused."""

    id: UUID
    file_name: str
    size_bytes: int
    step: str = Field(examples=["preview"])
    rows_done: int
    counts: Raw
    refused: list[RefusedLine]
    refusal: str | None
    days_changed: int | None
    first_at: datetime | None
    last_at: datetime | None
    created_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None


class ImportPage(Page[OneImport]):
    """Uploads, newest first."""


class PreviewDay(Sparse):
    """What applying would do to one date; both hold by field the value there is and the file's."""

    date: Date
    fate: Fate = Field(description="`same`, `new`, `changed`, or `kept`: what was typed stays")
    changed: Raw = Field(examples=[{"hrv": [61.5, 60.2]}])
    kept: Raw


class PreviewPage(Page[PreviewDay]):
    """The days an upload tells of, newest first."""


@operation("/clients/<client_id>/imports", Scope.IMPORTS, ImportPage, tag=TAG)
def list_imports(client_id: str, query: Chosen) -> ImportPage:
    """List a client's own uploads, newest first; by the dates on which they came."""
    client = clients.of_their_own(client_id)
    mine = select(Import).where(
        *theirs(Import, client),
        *on_dates(Import.created_at, query, client),
    )
    found, cursor = paging.rows(mine, [Import.id], query)
    shown = [_import(each, step) for each, step in zip(found, steps_of(found), strict=True)]
    return ImportPage(items=shown, next_cursor=cursor)


@operation(
    "/clients/<client_id>/imports",
    Scope.IMPORTS,
    OneImport,
    tag=TAG,
    method="POST",
    status=202,
    takes=FILES,
)
def upload(client_id: str) -> Response:
    """Upload a ZIP or CSV files (form field `file`); the same file again is the import it is."""
    by = _by(client_id)
    auth.spend(IMPORT)
    try:
        kept = uploads.take(request.files.getlist("file"), by=by).upload
    except tuple(_NOT_TAKEN) as refused:
        raise invalid("file", _NOT_TAKEN[type(refused)]) from None
    return _accepted(kept.id, by=by)


@operation("/clients/<client_id>/imports/<uuid:import_id>", Scope.IMPORTS, OneImport, tag=TAG)
def get_import(client_id: str, import_id: UUID) -> OneImport:
    """Say how an import goes, with its report."""
    by = _by(client_id)
    return _one(import_id, by=by)


@operation(
    "/clients/<client_id>/imports/<uuid:import_id>/preview", Scope.IMPORTS, PreviewPage, tag=TAG
)
def preview_import(client_id: str, import_id: UUID, query: Chosen) -> PreviewPage:
    """Say day by day what applying would do; empty until that was worked out."""
    by = _by(client_id)
    found = uploads.find(import_id, by=by)
    mine = select(ImportDay).where(
        ImportDay.organisation_id == found.organisation_id,
        ImportDay.import_id == found.id,
        *of_dates(ImportDay.date, query),
    )
    rows, cursor = paging.rows(mine, [ImportDay.date], query)
    return PreviewPage(items=[_preview_day(row) for row in rows], next_cursor=cursor)


@operation(
    "/clients/<client_id>/imports/<uuid:import_id>/preview",
    Scope.IMPORTS,
    OneImport,
    tag=TAG,
    method="POST",
    status=202,
)
def compare_import(client_id: str, import_id: UUID) -> Response:
    """Have the preview worked out anew, with the days as they are now."""
    by = _by(client_id)
    _must_be_at(import_id, TO_APPLY, by=by)
    uploads.compare(import_id, by=by)
    return _accepted(import_id, by=by)


@operation(
    "/clients/<client_id>/imports/<uuid:import_id>",
    Scope.IMPORTS,
    None,
    tag=TAG,
    method="DELETE",
    status=204,
)
def discard_import(client_id: str, import_id: UUID) -> None:
    """Forget an upload that was not applied, with its file. 409 when it is not at that step."""
    by = _by(client_id)
    _must_be_at(import_id, TO_DISCARD, by=by)
    uploads.discard(import_id, by=by)


@operation(
    "/clients/<client_id>/imports/<uuid:import_id>/application",
    Scope.IMPORTS,
    OneImport,
    tag=TAG,
    method="POST",
    status=202,
)
def apply_import(client_id: str, import_id: UUID) -> Response:
    """Bring an upload that was read into the days. 409 when it is not at that step."""
    by = _by(client_id)
    _must_be_at(import_id, (*TO_APPLY, Step.COMPARING), by=by)
    uploads.apply(import_id, by=by)
    return _accepted(import_id, by=by)


@operation(
    "/clients/<client_id>/imports/<uuid:import_id>/undo",
    Scope.IMPORTS,
    OneImport,
    tag=TAG,
    method="POST",
    status=202,
)
def undo_import(client_id: str, import_id: UUID) -> Response:
    """Take an import back. 409 when it was not applied."""
    by = _by(client_id)
    _must_be_at(import_id, TO_UNDO, by=by)
    uploads.undo(import_id, by=by)
    return _accepted(import_id, by=by)


def _by(client_id: str) -> Viewer:
    """Give the eyes of the client, or of the service that stands in for them."""
    return replace(auth.caller(), client_id=clients.of_their_own(client_id).id)


def _must_be_at(import_id: UUID, steps: tuple[Step, ...], *, by: Viewer) -> None:
    step = step_of(uploads.find(import_id, by=by))
    if step not in steps:
        raise Refused(409, f"The import is at the step {step}.")


def _accepted(import_id: UUID, *, by: Viewer) -> Response:
    """Answer that a worker will do it, and where to see how that goes."""
    answer = as_json(_one(import_id, by=by), 202)
    here = url_for("api.get_import", client_id=by.client_id, import_id=import_id)
    answer.headers["Location"] = here
    return answer


def _one(import_id: UUID, *, by: Viewer) -> OneImport:
    found = uploads.find(import_id, by=by)
    return _import(found, step_of(found))


def _preview_day(row: ImportDay) -> PreviewDay:
    return PreviewDay(date=row.date, fate=Fate(row.fate), changed=row.changed, kept=row.kept)


def _import(row: Import, step: Step) -> OneImport:
    return OneImport(
        id=row.id,
        file_name=row.file_name,
        size_bytes=row.size,
        step=step,
        rows_done=row.rows_done or 0,
        counts=row.counts or {},
        refused=[RefusedLine.model_validate(each) for each in row.refused],
        refusal=row.refusal,
        days_changed=row.days_changed,
        first_at=in_utc(row.first_at),
        last_at=in_utc(row.last_at),
        created_at=in_utc(row.created_at),
        finished_at=in_utc(row.finished_at),
        undone_at=in_utc(row.undone_at),
    )
