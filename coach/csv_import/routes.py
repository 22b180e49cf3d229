"""Upload an export, watch it being read, look at what it would change, apply it, take it back."""

from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from coach.accounts import consents
from coach.accounts.access import clients_only, viewer
from coach.accounts.fair_use import IMPORT, limited
from coach.accounts.models import FieldGroup
from coach.accounts.sharing import DEVICE_GROUPS
from coach.csv_import import previewing, room, uploads
from coach.csv_import.models import Import
from coach.csv_import.steps import TO_APPLY, TO_UNDO, UNDER_WAY, step_of
from coach.extensions import settings
from coach.web.filters import moment
from coach.web.htmx import go_to, page

bp = Blueprint("csv_import", __name__, url_prefix="/cabinet", template_folder="templates")

EXPORT_GROUPS = (*DEVICE_GROUPS, FieldGroup.JOURNAL)


@bp.get("/imports")
@clients_only
def imports() -> ResponseReturnValue:
    return _imports()


@bp.post("/imports")
@clients_only
@limited(IMPORT)
def upload() -> ResponseReturnValue:
    looking = viewer()
    try:
        kept = uploads.take(request.files.getlist("file"), by=looking)
    except tuple(_problems()) as refused:
        return _imports(_problems()[type(refused)]), 422
    chosen = [group for group in EXPORT_GROUPS if group.value in request.form.getlist("share")]
    if chosen:
        consents.share_with_coaches(chosen, by=looking)
    if kept.again:
        when = moment(kept.upload.created_at)
        flash(_("You uploaded this very file on %(when)s. This is what came of it.", when=when))
    return _to(kept.upload.id)


@bp.get("/imports/<uuid:import_id>")
@clients_only
def report(import_id: UUID) -> ResponseReturnValue:
    looking = viewer()
    found = uploads.find(import_id, by=looking)
    step = step_of(found)
    return page(
        "csv_import/report.html",
        "progress",
        upload=found,
        step=step,
        under_way=step in UNDER_WAY,
        to_apply=step in TO_APPLY,
        preview=_preview(found) if step in TO_APPLY else None,
        span=uploads.span(found, zone=looking.timezone),
    )


@bp.post("/imports/<uuid:import_id>/preview")
@clients_only
def compare(import_id: UUID) -> ResponseReturnValue:
    uploads.compare(import_id, by=viewer())
    return _to(import_id)


@bp.post("/imports/<uuid:import_id>/application")
@clients_only
def apply(import_id: UUID) -> ResponseReturnValue:
    uploads.apply(import_id, by=viewer())
    return _to(import_id)


@bp.post("/imports/<uuid:import_id>/discard")
@clients_only
def discard(import_id: UUID) -> ResponseReturnValue:
    if not uploads.discard(import_id, by=viewer()):
        return _to(import_id)
    flash(_("Discarded. The file and what was read of it are deleted; no day changed."), "success")
    return go_to(url_for("csv_import.imports"))


@bp.get("/imports/<uuid:import_id>/undo")
@clients_only
def ask_undo(import_id: UUID) -> ResponseReturnValue:
    found = uploads.find(import_id, by=viewer())
    to_undo = step_of(found) in TO_UNDO
    return render_template("csv_import/undo.html", upload=found, to_undo=to_undo)


@bp.post("/imports/<uuid:import_id>/undo")
@clients_only
def undo(import_id: UUID) -> ResponseReturnValue:
    uploads.undo(import_id, by=viewer())
    return _to(import_id)


def _to(import_id: UUID) -> ResponseReturnValue:
    return go_to(url_for("csv_import.report", import_id=import_id))


def _preview(upload: Import) -> previewing.PreviewPage | None:
    return previewing.page_of(
        upload,
        fate=request.args.get("show", ""),
        number=request.args.get("page", 1, type=int),
        zone=viewer().timezone,
    )


def _problems() -> dict[type[Exception], str]:
    """Say why an upload is not taken, and what to do."""
    return {
        uploads.NothingChosen: _(
            "Choose the ZIP that WHOOP sent you, or its CSV files. This one was empty."
        ),
        uploads.TooManyFiles: _("These are too many files at once. An export has four."),
        room.TooManyOpen: _(
            "%(n)s of your uploads still wait below. Apply or discard one, then upload again.",
            n=room.MOST_OPEN,
        ),
        room.TooMuchKept: _(
            "Your uploads of the last %(days)s days may take %(mb)s MB together, and this is too"
            " much. Discard one you do not need, or come back later.",
            days=room.kept_for().days,
            mb=room.most_kept_mb(),
        ),
    }


def _imports(problem: str = "") -> str:
    looking = viewer()
    shared = consents.shared_groups(looking.own_client().id, by=looking)
    return page(
        "csv_import/imports.html",
        "problem",
        uploads=uploads.history(by=looking),
        shared=[group for group in EXPORT_GROUPS if group in shared],
        groups=[group for group in EXPORT_GROUPS if group not in shared],
        me=looking.user_id,
        most_mb=settings().upload_max_mb,
        keep_days=room.kept_for().days,
        problem=problem,
    )
