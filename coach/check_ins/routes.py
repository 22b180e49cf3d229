"""The client's check-in and tags."""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from coach.accounts import preferences
from coach.accounts.access import clients_only, viewer
from coach.check_ins import reading, saying
from coach.check_ins.forms import CheckInForm, TagForm
from coach.check_ins.models import DayTag
from coach.check_ins.saying import Tagging
from coach.days.calendar import today
from coach.extensions import db
from coach.web.htmx import go_to
from coach.work.leases import now

bp = Blueprint("check_ins", __name__, url_prefix="/cabinet", template_folder="templates")
HOURS = {str(hour): hour for hour in range(24)}
TAGS_SHOWN = timedelta(days=365)


@bp.get("/check-in")
@clients_only
def check_in() -> ResponseReturnValue:
    return _check_in_page(CheckInForm())


@bp.post("/check-in")
@clients_only
def answer() -> ResponseReturnValue:
    looking, form = viewer(), CheckInForm.read(request.form)
    if form.errors:
        return _check_in_page(form), 422
    client = looking.own_client()
    here = today(now(), client.timezone)
    # The page showed the mood there was: without it, it was taken back.
    if form.answers.mood is None and reading.mood_of(client.id, here) is not None:
        saying.take_mood_back(client.id, here, by=looking)
    saying.answer(client.id, here, form.answers, by=looking)
    flash(_("Saved. You see here when your coach has seen it."), "success")
    return go_to(url_for("check_ins.check_in"))


@bp.post("/check-in/reminder")
@clients_only
def remind() -> ResponseReturnValue:
    hour = HOURS.get(request.form.get("hour", ""))
    preferences.keep(viewer(), reminder_hour=hour)
    flash(_("Saved."), "success")
    return go_to(url_for("check_ins.check_in"))


@bp.get("/tags")
@clients_only
def tags() -> ResponseReturnValue:
    return _tags_page(TagForm())


@bp.post("/tags")
@clients_only
def add_tag() -> ResponseReturnValue:
    looking = viewer()
    client = looking.own_client()
    form = TagForm.read(request.form, today=today(now(), client.timezone))
    if form.errors or form.kind is None or form.first is None:
        return _tags_page(form), 422
    said = Tagging(form.kind, form.first, form.last, form.note)
    standing = reading.tags([client.id], first=form.first, last=form.first)
    same = next((each for each in standing if each.kind == form.kind), None)
    if same is None:
        saying.tag(client.id, said, by=looking)
    else:  # a second tap says nothing new, a later end does
        saying.go_on(same, said)
    flash(_("Saved. These days are left out of your usual ranges."), "success")
    return _back()


@bp.post("/tags/<uuid:tag_id>/<any(end,removal):deed>")
@clients_only
def end_tag(tag_id: UUID, deed: str) -> ResponseReturnValue:
    looking = viewer()
    client = looking.own_client()
    found = db.first_or_404(
        db.select(DayTag).where(
            DayTag.organisation_id == looking.organisation_id,
            DayTag.client_id == client.id,
            DayTag.id == tag_id,
        )
    )
    before_it_began = found.first_date - timedelta(days=1)
    here = today(now(), client.timezone)
    saying.end_tag(found, here if deed == "end" else before_it_began)
    flash(_("Saved."), "success")
    return _back()


def _back() -> ResponseReturnValue:
    """Return to the page whose form it was."""
    today_page = request.form.get("back") == "today"
    return go_to(url_for("cabinet.today" if today_page else "check_ins.tags"))


def _check_in_page(form: CheckInForm) -> str:
    client = viewer().own_client()
    here = today(now(), client.timezone)
    return render_template(
        "check_ins/check_in.html",
        today=here,
        given=reading.check_in_of(client.id, here),
        mood=reading.mood_of(client.id, here),
        typed=request.form,
        form=form,
        reminder_hour=preferences.of(viewer()).reminder_hour,
    )


def _tags_page(form: TagForm) -> str:
    client = viewer().own_client()
    here = today(now(), client.timezone)
    shown = reading.tags([client.id], first=here - TAGS_SHOWN, last=here + TAGS_SHOWN)
    return render_template(
        "check_ins/tags.html", tags=shown, today=here, typed=request.form, form=form
    )
