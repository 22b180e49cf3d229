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
from coach.days import editing, field_history
from coach.days.day_form import EDITABLE, DayForm
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
    return _field_page(client, picked, name, with_history=True)


@bp.post("/days/<chosen>/fields/<name>")
@clients_only
def change_field(chosen: str, name: str) -> ResponseReturnValue:
    client, picked = _find(chosen, name)
    form, looking = DayForm.read_one(request.form, name), viewer()
    if form.errors:
        return _field_page(client, picked, name, is_open=True, error=form.errors[name]), 422
    typed = editing.FieldEdit(name, form.edits[name], request.form.get("seen", ""))
    try:
        editing.type_field(client.id, picked, typed, by=looking.user_id)
    except editing.Conflict:
        return _field_page(client, picked, name, is_open=True, conflict=True), 409
    if wants_fragment():
        return _field_page(client, picked, name, saved=True)
    flash(_("Saved. No sync and no import changes what you typed."), "success")
    return go_to(url_for("cabinet.day", chosen=chosen, _anchor=f"field-{name}"))


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


def _field_page(
    client: Client, picked: date, name: str, *, with_history: bool = False, **more: object
) -> str:
    day = one_day(client, picked, fields=[name])
    changes = field_history.of_field(client, picked, name) if with_history else None
    return page(
        "cabinet/field.html",
        "field",
        day=day,
        field=day.fields[0],
        client=client,
        today=screens.local_today(client, now=now()),
        typed=request.form.get("value", ""),
        changes=changes,
        **more,
    )
