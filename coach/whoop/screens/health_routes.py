"""The owner's page: how the links of all clients stand."""

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue

from coach.accounts.access import owners_only, viewer
from coach.extensions import settings
from coach.web.htmx import page
from coach.whoop.screens import sync_health
from coach.work.leases import now

bp = Blueprint("sync_health", __name__, template_folder="../templates")


@bp.before_request
def only_when_switched_on() -> None:
    if not settings().feature_whoop_integration:
        abort(404)


@bp.get("/organisation/sync")
@owners_only
def overview() -> ResponseReturnValue:
    rows = sync_health.of_all(viewer())
    return page("whoop/sync_health.html", "rows", rows=rows, now=now())
