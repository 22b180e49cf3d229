"""The client's pages."""

from dataclasses import replace
from datetime import date
from hashlib import sha256

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from coach.accounts.access import clients_only, viewer
from coach.cabinet import happened, my_days
from coach.cabinet import today as screens
from coach.cabinet.day_words import day_rule
from coach.days.metrics import METRICS
from coach.days.one_day import one_day
from coach.extensions import settings
from coach.web.htmx import page
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
    looking, picked = viewer(), _date(chosen)
    client = looking.own_client()
    here = screens.local_today(client, now=now())
    if not my_days.EARLIEST <= picked <= here:
        abort(404)
    shown = one_day(client, picked, fields=METRICS)
    return render_template(
        "cabinet/day.html",
        day=replace(shown, fields=[it for it in shown.fields if it.metric.editable]),
        besides=[it for it in shown.fields if my_days.is_told_besides(it)],
        client=client,
        today=here,
        rule=day_rule(picked, shown.woke_at),
        happened=happened.on(picked, client, by=looking),
        field_page="my_day.field",
        of_day={"chosen": chosen},
    )


@bp.get("/integrations")
@clients_only
def integrations() -> ResponseReturnValue:
    looking, moment = viewer(), now()
    client = looking.own_client()
    link = card(client, by=looking) if settings().feature_whoop_integration else None
    strip = gaps.last_days(client.id, timezone=client.timezone, now=moment)
    shown = repr((strip, link is not None and link.moves, get_locale()))
    mark = sha256(shown.encode()).hexdigest()[:24]
    if request.if_none_match.contains(mark):
        return "", 304
    return page("cabinet/integrations.html", "strip", card=link, strip=strip, mark=mark, now=moment)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        abort(404)
