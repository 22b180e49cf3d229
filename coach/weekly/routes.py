"""The weekly pages of coach and client, what is planned on them, and the switch of the mail."""

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Select

from coach.accounts import audit, groups
from coach.accounts.access import Viewer, clients_only, coaches_only, viewer
from coach.accounts.models import Client
from coach.days.calendar import today
from coach.extensions import db
from coach.web.htmx import go_to
from coach.weekly import mailing, plans, review
from coach.weekly.figures import Measure
from coach.weekly.models import LONGEST_PLAN
from coach.weekly.week import Week
from coach.work.leases import now

bp = Blueprint("weekly", __name__, template_folder="templates")
OF_CLIENT = "/dashboard/clients/<uuid:client_id>/weeks"


@bp.get("/dashboard/weeks")
@coaches_only
def group_now() -> ResponseReturnValue:
    week = Week.of(today(now(), viewer().timezone))
    return go_to(url_for(".group", week=str(week), group=_squad()))


@bp.get("/dashboard/weeks/<week>")
@coaches_only
def group(week: str) -> ResponseReturnValue:
    looking, moment = viewer(), now()
    shown = _week(week, looking.timezone)
    told = review.of_clients(_chosen(looking), shown, by=looking, now=moment)
    seen = [row.client_id for row in told.rows if row.shares]
    audit.many_viewed("weeks_viewed", seen, by=looking.user_id)
    return render_template(
        "weekly/group.html",
        told=told,
        squads=groups.squads(looking),
        squad=_squad(),
        mailed=mailing.wants(looking),
        measures=Measure,
        own_plan=_own(told.plans, looking),
        longest=LONGEST_PLAN,
    )


@bp.post("/dashboard/weeks/<week>/plan")
@coaches_only
def plan_group(week: str) -> ResponseReturnValue:
    looking, squad = viewer(), _squad()
    shown = _week(week, looking.timezone)
    ids: list[UUID | None] = [None]
    if squad is not None:
        ids = [*looking.coached([client.id for client in _chosen(looking)])]
    plans.write(request.form.get("text", ""), shown, ids, by=looking)
    audit.record("week_planned", by=looking.user_id, details={"clients": len(ids)})
    flash(_("Kept. Your clients read it on their page of the week."), "success")
    return go_to(url_for(".group", week=str(shown), group=squad))


@bp.post("/dashboard/weeks/mail")
@coaches_only
def switch_mail() -> ResponseReturnValue:
    on = request.form.get("on") == "1"
    mailing.switch(viewer(), on=on, now=now())
    said = _("You get an e-mail on Monday mornings.") if on else _("No e-mail any more.")
    flash(said, "success")
    return go_to(url_for(".group_now"))


@bp.get(OF_CLIENT)
@coaches_only
def client_now(client_id: UUID) -> ResponseReturnValue:
    found = viewer().client_or_404(client_id)
    week = Week.of(today(now(), found.timezone))
    return go_to(url_for(".client", client_id=found.id, week=str(week)))


@bp.get(f"{OF_CLIENT}/<week>")
@coaches_only
def client(client_id: UUID, week: str) -> ResponseReturnValue:
    looking = viewer()
    found = looking.client_or_404(client_id)
    shown = _week(week, found.timezone)
    told = review.of_client(found, shown, by=looking, now=now())
    audit.viewed("week", found.id, told.shares, by=looking.user_id)
    return render_template(
        "weekly/client.html",
        told=told,
        is_mine=bool(looking.coached([found.id])),
        own_plan=_own([it for it in told.plans if it.client_id], looking),
        longest=LONGEST_PLAN,
    )


@bp.post(f"{OF_CLIENT}/<week>/plan")
@coaches_only
def plan_client(client_id: UUID, week: str) -> ResponseReturnValue:
    looking = viewer()
    found = looking.coached_or_404(client_id)
    shown = _week(week, found.timezone)
    plans.write(request.form.get("text", ""), shown, [found.id], by=looking)
    audit.record("week_planned", by=looking.user_id, subject=found.id)
    flash(_("Kept. %(name)s reads it on the page of the week.", name=found.name), "success")
    return go_to(url_for(".client", client_id=found.id, week=str(shown)))


@bp.get("/cabinet/weeks")
@clients_only
def own_now() -> ResponseReturnValue:
    week = Week.of(today(now(), viewer().own_client().timezone))
    return go_to(url_for(".own", week=str(week)))


@bp.get("/cabinet/weeks/<week>")
@clients_only
def own(week: str) -> ResponseReturnValue:
    looking = viewer()
    found = looking.own_client()
    shown = _week(week, found.timezone)
    told = review.of_client(found, shown, by=looking, now=now())
    return render_template("weekly/own.html", told=told)


def _week(text: str, timezone: str) -> Week:
    return Week.read(text, here=today(now(), timezone)) or abort(404)


def _squad() -> UUID | None:
    """Read which group is asked for; an id that is none names nobody's."""
    typed = request.values.get("group", "")
    try:
        return UUID(typed) if typed else None
    except ValueError:
        abort(404)


def _chosen(looking: Viewer) -> list[Client]:
    chosen: Select[Client] = groups.of_group(looking.clients(), _squad())
    return list(db.session.scalars(chosen))


def _own(found: Sequence[plans.Plan], looking: Viewer) -> str:
    """Give the text that the one looking has written, to change it."""
    return next((plan.text for plan in found if plan.coach_id == looking.membership_id), "")
