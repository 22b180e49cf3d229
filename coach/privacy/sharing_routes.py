"""Who sees what of a client, what that looks like to them, and who looked."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from coach.accounts import access
from coach.accounts.access import Viewer, clients_only, owners_only, viewer
from coach.accounts.models import Client, FieldGroup, Membership
from coach.dashboard import client_page, roster, words
from coach.dashboard.client_range import Range
from coach.dashboard.roster_wanted import Wanted
from coach.days.calendar import today
from coach.extensions import db
from coach.privacy import looking_back, sharing_table
from coach.web.htmx import go_to
from coach.work.leases import now

bp = Blueprint("sharing", __name__, template_folder="templates")


@bp.get("/cabinet/sharing")
@clients_only
def show() -> ResponseReturnValue:
    return _table(viewer().own_client())


@bp.post("/cabinet/sharing")
@clients_only
def save() -> ResponseReturnValue:
    looking = viewer()
    client = looking.own_client()
    try:
        sharing_table.save(client, request.form, today=today(now(), client.timezone), by=looking)
    except sharing_table.BadDate:
        text = _("The last day must be a date from today on. Nothing was changed.")
        return _table(client, problem=text), 422
    flash(_("Saved. It works from now on."), "success")
    return go_to(url_for("sharing.show"))


@bp.get("/cabinet/sharing/preview/<uuid:membership_id>")
@clients_only
def preview(membership_id: UUID) -> ResponseReturnValue:
    looking, moment = viewer(), now()
    client, eyes = looking.own_client(), _eyes_or_404(membership_id, looking)
    row = roster.of_client(eyes, client, None, now=moment)
    shown = Range.read({}, newest=today(moment, client.timezone))
    return render_template(
        "privacy/preview.html",
        coach=eyes.name,
        row=replace(row, is_mine=False),
        page=client_page.for_viewer(eyes, client, shown),
        label=words.labels(),
        now=moment,
        wanted=Wanted.read({}),
        nowhere=_nowhere,
    )


@bp.get("/cabinet/sharing/log")
@clients_only
def log() -> ResponseReturnValue:
    looking = viewer()
    entries = looking_back.of_client(looking.own_client().id, but=looking.user_id, before=_before())
    return render_template("privacy/log.html", entries=entries, a_page=looking_back.A_PAGE)


@bp.get("/organisation/log")
@owners_only
def organisation_log() -> ResponseReturnValue:
    entries = looking_back.of_organisation(_before())
    return render_template(
        "privacy/organisation_log.html", entries=entries, a_page=looking_back.A_PAGE
    )


def _table(client: Client, problem: str = "") -> str:
    return render_template(
        "privacy/sharing.html",
        rows=sharing_table.rows(client),
        groups=list(FieldGroup),
        today=today(now(), client.timezone),
        problem=problem,
    )


def _eyes_or_404(membership_id: UUID, looking: Viewer) -> Viewer:
    """Look with the eyes of somebody who may look at this client."""
    client = looking.own_client()
    may = {row.coach_id for row in sharing_table.rows(client)}
    user_id = db.session.scalar(
        select(Membership.user_id).where(
            Membership.organisation_id == looking.organisation_id,
            Membership.id == membership_id,
        )
    )
    eyes = access.as_seen_by(user_id, by=looking) if user_id and membership_id in may else None
    return eyes or abort(404)


def _nowhere(_endpoint: str, **_words: object) -> str:
    """Stand in for url_for on a page that is only looked at."""
    return "#main"


def _before() -> datetime | None:
    try:
        moment = datetime.fromisoformat(request.args.get("before", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
