"""Upload an export, watch it being read, see what came of it."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from coach.accounts import consents
from coach.accounts.access import clients_only, viewer
from coach.accounts.sharing import DEVICE_GROUPS
from coach.csv_import import uploads
from coach.extensions import settings
from coach.web.htmx import go_to, page

bp = Blueprint("csv_import", __name__, url_prefix="/cabinet", template_folder="templates")


@bp.get("/imports")
@clients_only
def imports() -> ResponseReturnValue:
    return _imports()


@bp.post("/imports")
@clients_only
def upload() -> ResponseReturnValue:
    looking = viewer()
    chosen = [group for group in DEVICE_GROUPS if group.value in request.form.getlist("share")]
    try:
        taken = uploads.take(request.files.getlist("file"), by=looking)
    except uploads.NothingChosen:
        text = _("Choose the ZIP that WHOOP sent you, or its CSV files. This one was empty.")
        return _imports(problem=text), 422
    except uploads.TooManyFiles:
        text = _("These are too many files at once. An export has four.")
        return _imports(problem=text), 422
    if chosen:
        consents.share_with_coaches(chosen, by=looking)
    return go_to(url_for("csv_import.report", import_id=taken.id))


@bp.get("/imports/<uuid:import_id>")
@clients_only
def report(import_id: UUID) -> ResponseReturnValue:
    found = uploads.find(import_id, by=viewer())
    return page(
        "csv_import/report.html", "progress", upload=found, given_up=uploads.given_up(found)
    )


def _imports(problem: str = "") -> str:
    return render_template(
        "csv_import/imports.html",
        uploads=uploads.history(by=viewer()),
        groups=DEVICE_GROUPS,
        most_mb=settings().upload_max_mb,
        problem=problem,
    )
