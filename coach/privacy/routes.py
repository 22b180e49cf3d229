"""A client's rights over their data: take everything along, delete what WHOOP told."""

from uuid import UUID

from flask import Blueprint, abort, flash, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from coach.accounts import audit
from coach.accounts.access import clients_only, viewer
from coach.accounts.fair_use import EXPORT, limited
from coach.accounts.links import find_in_directory, token_for
from coach.accounts.models import TokenKind
from coach.accounts.proving import proven
from coach.database.tenancy import act_for
from coach.days.calendar import today
from coach.exporting.naming import attachment
from coach.exporting.tables import TABLES
from coach.extensions import db
from coach.ids import new_id
from coach.privacy import erasing, making
from coach.privacy.models import Export, ExportState
from coach.web.htmx import go_to, page
from coach.whoop.linking import links
from coach.whoop.models import Status
from coach.work.asking import ask, open_work
from coach.work.leases import now

bp = Blueprint("rights", __name__, template_folder="templates")


@bp.get("/cabinet/data")
@clients_only
def show() -> ResponseReturnValue:
    client = viewer().own_client()
    export = _newest(client.id)
    return page(
        "privacy/data.html",
        "making",
        export=export,
        moves=_is_being_made(export),
        link=_link(export),
        tables=TABLES,
        erasing=open_work(erasing.ERASE_WHOOP, client.id) is not None,
    )


@bp.post("/cabinet/data/export")
@clients_only
@proven
@limited(EXPORT)
def make() -> ResponseReturnValue:
    looking = viewer()
    client = looking.own_client()
    if not _is_being_made(_newest(client.id)):
        _ask_for_export(client.id, looking.user_id, looking.organisation_id)
    return go_to(url_for("rights.show"))


@bp.get("/downloads/<token>")
@proven
@limited(EXPORT)
def download(token: str) -> ResponseReturnValue:
    looking, entry = viewer(), find_in_directory(TokenKind.DOWNLOAD, token)
    if entry is None:
        abort(404)
    act_for(entry.organisation_id, user_id=looking.user_id, session=db.session())
    export = db.session.get(Export, (entry.organisation_id, entry.row_id))
    if export is None or export.user_id != looking.user_id or _link(export) is None:
        abort(404)
    audit.record("export_downloaded", by=looking.user_id, subject=export.client_id)
    response = send_file(making.file_of(export.id), mimetype="application/zip", max_age=0)
    day = today(now(), looking.timezone).isoformat()
    response.headers["Content-Disposition"] = attachment(f"{looking.name} {day} everything.zip")
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.route("/cabinet/data/whoop", methods=["GET", "POST"])
@clients_only
@proven
def erase_whoop() -> ResponseReturnValue:
    looking = viewer()
    client = looking.own_client()
    if request.method != "POST":
        return render_template("privacy/erase_whoop.html")
    link = links.integration_of(client.id, by=looking)
    if link is not None and link.status != Status.DISCONNECTED:
        links.disconnect(link, by=looking.user_id, keep_history=True, now=now())
    ask(erasing.ERASE_WHOOP, organisation_id=looking.organisation_id, subject_id=client.id)
    flash(_("WHOOP is disconnected, and its data is being deleted."), "success")
    return go_to(url_for("rights.show"))


def _newest(client_id: UUID) -> Export | None:
    mine = (Export.organisation_id == viewer().organisation_id, Export.client_id == client_id)
    newest = select(Export).where(*mine).order_by(Export.created_at.desc()).limit(1)
    return db.session.scalar(newest)


def _is_being_made(export: Export | None) -> bool:
    """Tell whether a worker still has a file to make; work that was set aside makes none."""
    if export is None or export.state != ExportState.MAKING:
        return False
    return open_work(making.MAKE, export.id) is not None


def _ask_for_export(client_id: UUID, user_id: UUID, organisation_id: UUID) -> None:
    made = Export(
        id=new_id(),
        organisation_id=organisation_id,
        client_id=client_id,
        user_id=user_id,
        state=ExportState.MAKING,
    )
    db.session.add(made)
    db.session.flush()
    ask(making.MAKE, organisation_id=organisation_id, subject_id=made.id)
    audit.record("export_asked", by=user_id, subject=client_id)


def _link(export: Export | None) -> str | None:
    """Give the address of a file that is there for some time yet."""
    if export is None or export.state != ExportState.READY or export.expires_at is None:
        return None
    if export.expires_at <= now() or not making.file_of(export.id).exists():
        return None
    return url_for("rights.download", token=token_for(TokenKind.DOWNLOAD, export.id))
