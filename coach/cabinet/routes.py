"""The client's pages."""

from datetime import date

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from coach.accounts.access import clients_only, viewer
from coach.cabinet import my_days
from coach.cabinet import today as screens
from coach.cabinet.day_words import day_rule
from coach.days import editing
from coach.days.day_form import DayForm
from coach.days.one_day import one_day
from coach.extensions import settings
from coach.web.htmx import go_to
from coach.whoop.screens.card import card
from coach.whoop.sync import gaps
from coach.work.leases import now

bp = Blueprint("cabinet", __name__, url_prefix="/cabinet", template_folder="templates")


@bp.get("")
@clients_only
def today() -> ResponseReturnValue:
    moment = now()
    shown = screens.for_client(viewer(), now=moment)
    return render_template("cabinet/today.html", page=shown, card=shown.card, now=moment)


@bp.get("/days")
@clients_only
def days() -> ResponseReturnValue:
    looking = viewer()
    client = looking.own_client()
    here = screens.local_today(client, now=now())
    until = _date(request.args["until"]) if "until" in request.args else here
    if not my_days.EARLIEST <= until <= here:
        abort(404)
    shown = my_days.for_client(client, until, today=here, by=looking)
    return render_template("cabinet/days.html", page=shown)


@bp.get("/days/<chosen>")
@clients_only
def day(chosen: str) -> ResponseReturnValue:
    return _day_page(_date(chosen))


@bp.post("/days/<chosen>")
@clients_only
def edit_day(chosen: str) -> ResponseReturnValue:
    picked, form, looking = _date(chosen), DayForm.read(request.form), viewer()
    if form.errors:
        return _day_page(picked, form), 422
    client = looking.own_client()
    if picked > screens.local_today(client, now=now()):
        abort(404)
    try:
        editing.type_values(client.id, picked, form.edits, by=looking.user_id, version=form.version)
    except editing.Stale:
        text = _("This day changed while you were typing. Compare, then save again.")
        return _day_page(picked, form, problem=text), 409
    flash(_("Saved. No sync and no import changes what you typed."), "success")
    return go_to(url_for("cabinet.day", chosen=picked.isoformat()))


@bp.get("/integrations")
@clients_only
def integrations() -> ResponseReturnValue:
    looking, moment = viewer(), now()
    client = looking.own_client()
    return render_template(
        "cabinet/integrations.html",
        card=card(client, by=looking) if settings().feature_whoop_integration else None,
        strip=gaps.last_days(client.id, timezone=client.timezone, now=moment),
        now=moment,
    )


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        abort(404)


def _day_page(picked: date, form: DayForm | None = None, problem: str = "") -> str:
    client = viewer().own_client()
    shown = one_day(client, picked)
    return render_template(
        "cabinet/day.html",
        day=shown,
        client=client,
        today=screens.local_today(client, now=now()),
        rule=day_rule(picked, shown.woke_at),
        as_form=form is not None or "all" in request.args,
        form=form or DayForm(),
        typed=request.form,
        problem=problem,
    )
