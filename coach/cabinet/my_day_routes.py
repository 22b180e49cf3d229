"""One field of one day, changed in its place; daily scores shown or hidden; the first steps."""

from datetime import date

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from coach.accounts import preferences
from coach.accounts.access import clients_only, viewer
from coach.accounts.models import Client
from coach.cabinet import my_days
from coach.cabinet import today as screens
from coach.check_ins import saying
from coach.days import day_form, field_history
from coach.days.day_form import EDITABLE, Outcome
from coach.days.one_day import one_day
from coach.extensions import settings
from coach.web.htmx import go_to, page, wants_fragment
from coach.work.leases import now

bp = Blueprint("my_day", __name__, url_prefix="/cabinet", template_folder="templates")


@bp.get("/welcome")
@clients_only
def welcome() -> ResponseReturnValue:
    viewer().own_client()
    return render_template("cabinet/welcome.html", by_link=settings().feature_whoop_integration)


@bp.post("/trends-only")
@clients_only
def choose_trends() -> ResponseReturnValue:
    preferences.keep(viewer(), trends_only="on" in request.form)
    return go_to(url_for("cabinet.today"))


@bp.get("/days/<chosen>/fields/<name>")
@clients_only
def field(chosen: str, name: str) -> ResponseReturnValue:
    client, picked = _find(chosen, name)
    return _field_page(client, picked, name)


@bp.post("/days/<chosen>/fields/<name>")
@clients_only
def change_field(chosen: str, name: str) -> ResponseReturnValue:
    client, picked = _find(chosen, name)
    outcome = day_form.take(client, picked, name, request.form, by=viewer().user_id)
    if outcome.saved and name == "mood":
        saying.follow_day(client.id, picked, by=viewer())
    if outcome.saved and not wants_fragment():
        flash(_("Saved. No sync and no import changes what you typed."), "success")
        return go_to(url_for("cabinet.day", chosen=chosen, _anchor=f"field-{name}"))
    return _field_page(client, picked, name, outcome=outcome), outcome.status


def _find(chosen: str, name: str) -> tuple[Client, date]:
    """Find the client looking and a day up to their today."""
    client = viewer().own_client()
    try:
        picked = date.fromisoformat(chosen)
    except ValueError:
        abort(404)
    here = screens.local_today(client, now=now())
    if name not in EDITABLE or not my_days.EARLIEST <= picked <= here:
        abort(404)
    return client, picked


def _field_page(client: Client, picked: date, name: str, *, outcome: Outcome | None = None) -> str:
    day = one_day(client, picked, fields=[name])
    return page(
        "days/field.html",
        "field",
        day=day,
        field=day.fields[0],
        client=client,
        today=screens.local_today(client, now=now()),
        typed="" if outcome and outcome.saved else request.form.get("value", ""),
        changes=None if outcome else field_history.of_field(client, picked, name),
        outcome=outcome,
        field_page="my_day.field",
        day_page="cabinet.day",
        of_day={"chosen": picked.isoformat()},
    )
