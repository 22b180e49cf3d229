"""What a coach does about a client without leaving the roster; the answer is the client's row."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from coach.accounts import audit
from coach.accounts.access import Viewer, coaches_only, viewer
from coach.accounts.models import Client, FieldGroup, User
from coach.check_ins import reading, saying
from coach.check_ins.forms import LONGEST_NOTE, TagForm
from coach.check_ins.models import CheckIn
from coach.check_ins.saying import Tagging
from coach.check_ins.words import QUICK_REPLIES
from coach.dashboard import roster, words
from coach.dashboard.roster_wanted import Wanted
from coach.days.calendar import today
from coach.extensions import db
from coach.web.htmx import go_to, page, wants_fragment
from coach.work.leases import now

bp = Blueprint(
    "roster_actions",
    __name__,
    url_prefix="/dashboard/clients/<uuid:client_id>",
    template_folder="templates",
)


@bp.get("/actions")
@coaches_only
def actions(client_id: UUID) -> ResponseReturnValue:
    client = viewer().coached_or_404(client_id)
    shared = viewer().shared([client.id])[client.id]
    audit.viewed("actions", client.id, shared, by=viewer().user_id)
    is_open = "closed" not in request.args
    return _row(client, _day(client, request.args.get("date", "")), is_open=is_open)


@bp.post("/check-ins/<day>/receipt")
@coaches_only
def see(client_id: UUID, day: str) -> ResponseReturnValue:
    client = viewer().coached_or_404(client_id)
    found = _check_in_or_404(client, day)
    saying.see(client.id, found.date, by=viewer())
    return _done(client, found.date, _("Marked as seen."))


@bp.post("/check-ins/<day>/reply")
@coaches_only
def reply(client_id: UUID, day: str) -> ResponseReturnValue:
    client = viewer().coached_or_404(client_id)
    found, text = _check_in_or_404(client, day), _quick() or _typed()
    if not text:
        return _row(client, found.date, is_open=True, problem="reply"), 422
    saying.reply(client.id, found.date, text, by=viewer())
    return _done(client, found.date, _("Reply sent."))


@bp.post("/notes")
@coaches_only
def note(client_id: UUID) -> ResponseReturnValue:
    client = viewer().coached_or_404(client_id)
    day, text = _day(client, request.form.get("date", "")), _typed()
    if not text:
        return _row(client, day, is_open=True, problem="note"), 422
    saying.note(client.id, day, text, by=viewer())
    return _done(client, day, _("Note kept."))


@bp.post("/tags")
@coaches_only
def tag(client_id: UUID) -> ResponseReturnValue:
    client = viewer().coached_or_404(client_id)
    day = _day(client, request.form.get("date", ""))
    form = TagForm.read(request.form, today=day)
    if form.errors or form.kind is None or form.first is None:
        return _row(client, day, is_open=True, problem="tag", form=form), 422
    saying.tag(client.id, Tagging(form.kind, form.first, form.last), by=viewer())
    audit.record("tag_set", by=viewer().user_id, subject=client.id)
    return _done(client, day, _("Tag kept."))


def _check_in_or_404(client: Client, day: str) -> CheckIn:
    if not _shares_check_ins(viewer(), client):
        abort(404)
    try:
        return reading.check_in_of(client.id, date.fromisoformat(day)) or abort(404)
    except ValueError:
        abort(404)


def _shares_check_ins(looking: Viewer, client: Client) -> bool:
    return FieldGroup.CHECK_IN in looking.shared([client.id])[client.id]


def _day(client: Client, typed: str) -> date:
    """Read which day is looked at; the client's own today, if none is said or it is to come."""
    here = today(now(), client.timezone)
    try:
        return min(date.fromisoformat(typed), here)
    except ValueError:
        return here


def _typed() -> str:
    return request.form.get("text", "").replace("\0", "").strip()[:LONGEST_NOTE]


def _quick() -> str:
    return str(QUICK_REPLIES.get(request.form.get("quick", ""), ""))


def _done(client: Client, day: date, words: str) -> ResponseReturnValue:
    if wants_fragment():
        return _row(client, day, done=words)
    flash(words, "success")
    if request.form.get("back") == "diary":
        return go_to(url_for("client.diary", client_id=client.id))
    asked: dict[str, Any] = {**Wanted.read(request.args).args}
    return go_to(url_for("dashboard.roster_page", **asked))


def _row(client: Client, day: date, *, is_open: bool = False, **more: object) -> str:
    looking, moment = viewer(), now()
    shared = is_open and _shares_check_ins(looking, client)
    return page(
        "dashboard/actions.html",
        "row",
        wanted=Wanted.read(request.args),
        row=roster.of_client(looking, client, day, now=moment),
        now=moment,
        label=words.labels(),
        is_open=is_open,
        check_in=reading.check_in_of(client.id, day) if shared else None,
        email=_email(client) if is_open else None,
        typed=request.form,
        **more,
    )


def _email(client: Client) -> str | None:
    return db.session.scalar(select(User.email).where(User.id == client.user_id))
