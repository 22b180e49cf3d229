"""The coach's pages."""

from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from coach.accounts import audit
from coach.accounts.access import coaches_only, viewer
from coach.dashboard import client_page, roster
from coach.dashboard.roster import Sort, Wanted
from coach.web.htmx import page
from coach.work.leases import now

bp = Blueprint("dashboard", __name__, url_prefix="/dashboard", template_folder="templates")


@bp.get("")
@coaches_only
def roster_page() -> ResponseReturnValue:
    looking, wanted, moment = viewer(), Wanted.read(request.args), now()
    rows = roster.for_viewer(looking, wanted, now=moment)
    seen = [str(row.id) for row in rows if row.shares]
    audit.record("roster_viewed", by=looking.user_id, details={"clients": seen})
    return page(
        "dashboard/roster.html", "rows", rows=rows, wanted=wanted, sorts=list(Sort), now=moment
    )


@bp.get("/clients/<uuid:client_id>")
@coaches_only
def client(client_id: UUID) -> ResponseReturnValue:
    looking, moment = viewer(), now()
    found = looking.client_or_404(client_id)
    asked = request.args.get("days", type=int)
    days = asked if asked in client_page.RANGES else client_page.USUAL_RANGE
    gathered = client_page.for_viewer(looking, found, days=days, now=moment)
    audit.record("client_viewed", by=looking.user_id, subject=found.id)
    return page("dashboard/client.html", "panels", page=gathered, ranges=client_page.RANGES)
