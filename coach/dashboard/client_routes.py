"""A client's diary, and one day of theirs that a coach enters or corrects."""

from datetime import date
from uuid import UUID

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from coach.accounts import audit
from coach.accounts.access import Viewer, coaches_only, viewer
from coach.accounts.models import Client, FieldGroup
from coach.accounts.sharing import fields_of
from coach.dashboard import client_diary
from coach.dashboard.client_range import Range
from coach.days import day_form, field_history
from coach.days.calendar import today
from coach.days.day_form import EDITABLE, Outcome
from coach.days.one_day import one_day
from coach.web.htmx import go_to, page, wants_fragment
from coach.work.leases import now

bp = Blueprint("client", __name__, url_prefix="/dashboard/clients/<uuid:client_id>")
# How somebody felt and what they wrote is theirs to say.
OWN_WORDS = frozenset({"mood", "notes"})


@bp.get("/diary")
@coaches_only
def diary(client_id: UUID) -> ResponseReturnValue:
    looking = viewer()
    found = looking.client_or_404(client_id)
    shown = Range.read(request.args, newest=today(now(), found.timezone))
    gathered = client_diary.for_viewer(looking, found, shown)
    audit.viewed("diary", found.id, gathered.shares, by=looking.user_id)
    return render_template("dashboard/client_diary.html", page=gathered)


@bp.get("/days/<chosen>")
@coaches_only
def day(client_id: UUID, chosen: str) -> ResponseReturnValue:
    looking = viewer()
    found, picked = _open_day(looking, client_id, chosen)
    shared = looking.shared([found.id])[found.id]
    audit.viewed("day", found.id, shared, by=looking.user_id)
    return _day_page(looking, found, picked)


@bp.get("/days/<chosen>/fields/<name>")
@coaches_only
def field(client_id: UUID, chosen: str, name: str) -> ResponseReturnValue:
    looking = viewer()
    found, picked = _open_field(looking, client_id, chosen, name)
    shared = looking.shared([found.id])[found.id]
    audit.viewed("day", found.id, shared, by=looking.user_id)
    return _field_page(found, picked, name)


@bp.post("/days/<chosen>/fields/<name>")
@coaches_only
def correct_field(client_id: UUID, chosen: str, name: str) -> ResponseReturnValue:
    looking = viewer()
    found, picked = _open_field(looking, client_id, chosen, name)
    outcome = day_form.take(found, picked, name, request.form, by=looking.user_id)
    if outcome.saved:
        typed = {"fields": [name]}
        audit.record("day_corrected", by=looking.user_id, subject=found.id, details=typed)
    if outcome.saved and not wants_fragment():
        text = _("Saved as typed by you. %(name)s sees it and can undo it.", name=found.name)
        flash(text, "success")
        day_page = url_for("client.day", client_id=found.id, chosen=chosen)
        return go_to(f"{day_page}#field-{name}")
    return _field_page(found, picked, name, outcome), outcome.status


def _open_day(looking: Viewer, client_id: UUID, chosen: str) -> tuple[Client, date]:
    """Find a day up to today of a client whom the viewer coaches."""
    found = looking.coached_or_404(client_id)
    try:
        picked = date.fromisoformat(chosen)
    except ValueError:
        abort(404)
    if picked > today(now(), found.timezone):
        abort(404)
    return found, picked


def _open_field(looking: Viewer, client_id: UUID, chosen: str, name: str) -> tuple[Client, date]:
    """Find a field that the client shares with the viewer; any other is not there."""
    found, picked = _open_day(looking, client_id, chosen)
    if name not in _fields(looking.shared([found.id])[found.id]):
        abort(404)
    return found, picked


def _fields(shares: frozenset[FieldGroup]) -> list[str]:
    """Name what a coach may see of a day and type into it."""
    shared = fields_of(shares)
    return [name for name in EDITABLE if name in shared and name not in OWN_WORDS]


def _day_page(looking: Viewer, client: Client, picked: date) -> str:
    shares = looking.shared([client.id])[client.id]
    return render_template(
        "dashboard/client_day.html",
        day=one_day(client, picked, fields=_fields(shares)),
        hidden=[group for group in FieldGroup if group not in shares],
        **_place(client, picked),
    )


def _field_page(client: Client, picked: date, name: str, outcome: Outcome | None = None) -> str:
    day = one_day(client, picked, fields=[name])
    return page(
        "days/field.html",
        "field",
        day=day,
        field=day.fields[0],
        typed="" if outcome and outcome.saved else request.form.get("value", ""),
        changes=None if outcome else field_history.of_field(client, picked, name),
        outcome=outcome,
        day_page="client.day",
        **_place(client, picked),
    )


def _place(client: Client, picked: date) -> dict[str, object]:
    return {
        "client": client,
        "today": today(now(), client.timezone),
        "field_page": "client.field",
        "of_day": {"client_id": client.id, "chosen": picked.isoformat()},
    }
