"""`/operator`: how the installation stands, and a button where something may be tried again."""

from uuid import UUID

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from coach.accounts import audit
from coach.accounts.access import viewer
from coach.database.tenancy import act_for
from coach.extensions import db
from coach.operator import logs, replaying
from coach.operator.guard import operators_only
from coach.operator.standing import standing
from coach.web.htmx import go_to, page
from coach.work.leases import now

bp = Blueprint("operator", __name__, template_folder="templates")


@bp.get("/operator")
@operators_only
def status() -> ResponseReturnValue:
    return page(
        "operator/status.html",
        "standing",
        standing=standing(),
        failed=logs.failed(),
        now=now(),
    )


@bp.get("/operator/announcements")
@operators_only
def announcements() -> ResponseReturnValue:
    return render_template("operator/announcements.html", rows=logs.deliveries(), now=now())


@bp.get("/operator/syncs")
@operators_only
def syncs() -> ResponseReturnValue:
    return render_template(
        "operator/syncs.html", rows=logs.syncs(), open=logs.open_syncs(), now=now()
    )


@bp.get("/operator/organisations/<uuid:organisation_id>")
@operators_only
def runs(organisation_id: UUID) -> ResponseReturnValue:
    looking = viewer()
    act_for(organisation_id, user_id=looking.user_id, session=db.session())
    rows = logs.runs()
    if rows:
        audit.record("operator_looked", by=looking.user_id)
    act_for(looking.organisation_id, user_id=looking.user_id, session=db.session())
    return render_template("operator/runs.html", rows=rows, organisation_id=organisation_id)


@bp.post("/operator/failed/<uuid:work_id>/replay")
@operators_only
def replay_work(work_id: UUID) -> ResponseReturnValue:
    return _said(replaying.work_again(work_id, by=viewer()), "operator.status")


@bp.post("/operator/announcements/<uuid:event_id>/replay")
@operators_only
def replay_announcement(event_id: UUID) -> ResponseReturnValue:
    return _said(replaying.announcement_again(event_id, by=viewer()), "operator.announcements")


def _said(done: bool, back_to: str) -> ResponseReturnValue:  # noqa: FBT001 (what came of it)
    if done:
        flash(_("Put back: it is done again within a minute."), "success")
    else:
        flash(_("Nothing to do again: it is under way, over, or nobody's."), "info")
    return go_to(url_for(back_to))
