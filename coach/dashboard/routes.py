"""The coach's pages."""

from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from coach.accounts import audit
from coach.accounts.access import coaches_only, viewer
from coach.accounts.fair_use import SEARCH, spend
from coach.dashboard import client_page, roster, roster_choices, words
from coach.dashboard.client_range import CHOICES, Range
from coach.dashboard.roster_wanted import Bucket, Sort, Wanted
from coach.days.calendar import today
from coach.web.htmx import page
from coach.work.leases import now

bp = Blueprint("dashboard", __name__, url_prefix="/dashboard", template_folder="templates")


@bp.get("")
@coaches_only
def roster_page() -> ResponseReturnValue:
    looking, moment, wanted = viewer(), now(), Wanted.read(request.args)
    if wanted.search:
        spend(SEARCH)
    found = roster.for_viewer(looking, wanted, now=moment)
    mark = found.mark
    if request.if_none_match.contains(mark):
        return "", 304
    # Who keeps the page open and is told nothing new has not looked; whoever is shown something has.
    seen = [row.id for row in found.rows if row.morning.shares]
    audit.roster_viewed(seen, by=looking.user_id)
    return page(
        "dashboard/roster.html",
        "rows",
        roster=found,
        mark=mark,
        choices=roster_choices.for_viewer(looking),
        label=words.labels(),
        buckets=Bucket,
        sorts=Sort,
        now=moment,
        here=today(moment, looking.timezone),
    )


@bp.get("/clients/<uuid:client_id>")
@coaches_only
def client(client_id: UUID) -> ResponseReturnValue:
    looking, moment = viewer(), now()
    found = looking.client_or_404(client_id)
    shown = Range.read(request.args, newest=today(moment, found.timezone))
    gathered = client_page.for_viewer(looking, found, shown)
    audit.viewed("charts", found.id, gathered.shares, by=looking.user_id)
    return page("dashboard/client.html", "panels", page=gathered, choices=CHOICES)
