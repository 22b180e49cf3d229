"""Imports of WHOOP's export: upload, see how it goes, apply, undo. A client's own, by their token."""

from datetime import datetime
from uuid import UUID

from flask import Response, request, url_for
from pydantic import Field
from sqlalchemy import select

from coach.accounts.models import Role
from coach.api import auth, clients, paging
from coach.api.answers import as_json
from coach.api.operations import FILES, operation
from coach.api.scopes import Scope
from coach.api.shapes import Page, Paging, Raw, Sparse, in_utc
from coach.csv_import import room, uploads
from coach.csv_import.models import Import
from coach.csv_import.steps import TO_APPLY, TO_UNDO, Step, step_of, steps_of
from coach.web.problems import Refused, invalid

TAG = "Imports"
_NOT_TAKEN = {
    uploads.NothingChosen: "is empty: send the ZIP that WHOOP sent, or its CSV files",
    uploads.TooManyFiles: "holds too many files: an export has four",
    room.TooManyOpen: "is one too many: apply or discard one that waits first",
    room.TooMuchKept: "is too large together with the uploads of the last days",
}


class OneImport(Sparse):
    """An upload: how far it is, what it brought, and what was refused."""

    id: UUID
    file_name: str
    size_bytes: int
    step: str = Field(examples=["preview"])
    rows_done: int
    counts: Raw
    refused: list[str]
    refusal: str | None
    days_changed: int | None
    first_at: datetime | None
    last_at: datetime | None
    created_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None


class ImportPage(Page[OneImport]):
    """Uploads, newest first."""


@operation("/clients/<client_id>/imports", Scope.IMPORTS, ImportPage, tag=TAG)
def list_imports(client_id: str, query: Paging) -> ImportPage:
    """List a client's own uploads."""
    _only_themselves(client_id)
    mine = select(Import).where(
        Import.organisation_id == auth.caller().organisation_id,
        Import.client_id == auth.caller().own_client().id,
    )
    found, cursor = paging.rows(mine, [Import.id], query)
    known = found
    shown = [_import(each, step) for each, step in zip(known, steps_of(known), strict=True)]
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
    _only_themselves(client_id)
    try:
        kept = uploads.take(request.files.getlist("file"), by=auth.caller()).upload
    except tuple(_NOT_TAKEN) as refused:
        raise invalid("file", _NOT_TAKEN[type(refused)]) from None
    answer = as_json(_import(kept, step_of(kept)), 202)
    answer.headers["Location"] = url_for("api.get_import", client_id="me", import_id=kept.id)
    return answer


@operation("/clients/<client_id>/imports/<uuid:import_id>", Scope.IMPORTS, OneImport, tag=TAG)
def get_import(client_id: str, import_id: UUID) -> OneImport:
    """Say how an import goes, with its report."""
    _only_themselves(client_id)
    return _one(import_id)


@operation(
    "/clients/<client_id>/imports/<uuid:import_id>/application",
    Scope.IMPORTS,
    OneImport,
    tag=TAG,
    method="POST",
    status=202,
    conflicts=True,
)
def apply_import(client_id: str, import_id: UUID) -> OneImport:
    """Bring an upload that was read into the days. 409 when it is not at that step."""
    _only_themselves(client_id)
    _must_be_at(import_id, (*TO_APPLY, Step.COMPARING))
    uploads.apply(import_id, by=auth.caller())
    return _one(import_id)


@operation(
    "/clients/<client_id>/imports/<uuid:import_id>/undo",
    Scope.IMPORTS,
    OneImport,
    tag=TAG,
    method="POST",
    status=202,
    conflicts=True,
)
def undo_import(client_id: str, import_id: UUID) -> OneImport:
    """Take an import back. 409 when it was not applied."""
    _only_themselves(client_id)
    _must_be_at(import_id, TO_UNDO)
    uploads.undo(import_id, by=auth.caller())
    return _one(import_id)


def _only_themselves(client_id: str) -> None:
    auth.only(Role.CLIENT)
    clients.find(client_id)


def _must_be_at(import_id: UUID, steps: tuple[Step, ...]) -> None:
    step = step_of(uploads.find(import_id, by=auth.caller()))
    if step not in steps:
        raise Refused(409, f"The import is at the step {step}.")


def _one(import_id: UUID) -> OneImport:
    found = uploads.find(import_id, by=auth.caller())
    return _import(found, step_of(found))


def _import(row: Import, step: Step) -> OneImport:
    return OneImport(
        id=row.id,
        file_name=row.file_name,
        size_bytes=row.size,
        step=step,
        rows_done=row.rows_done or 0,
        counts=row.counts or {},
        refused=row.refused or [],
        refusal=row.refusal,
        days_changed=row.days_changed,
        first_at=in_utc(row.first_at),
        last_at=in_utc(row.last_at),
        created_at=in_utc(row.created_at),
        finished_at=in_utc(row.finished_at),
        undone_at=in_utc(row.undone_at),
    )
