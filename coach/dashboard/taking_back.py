"""A coach takes back what they themselves said of a client: a note or a tag."""

from uuid import UUID

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from coach.accounts.access import coaches_only, viewer
from coach.check_ins import saying
from coach.check_ins.models import CoachNote, DayTag
from coach.extensions import db
from coach.web.htmx import go_to

bp = Blueprint("taking_back", __name__, url_prefix="/dashboard/clients/<uuid:client_id>")


@bp.post("/notes/<uuid:note_id>/removal")
@coaches_only
def note(client_id: UUID, note_id: UUID) -> ResponseReturnValue:
    looking = viewer()
    client = looking.coached_or_404(client_id)
    own = select(CoachNote).where(
        CoachNote.organisation_id == looking.organisation_id,
        CoachNote.client_id == client.id,
        CoachNote.author_id == looking.membership_id,
        CoachNote.id == note_id,
    )
    saying.remove_note(db.first_or_404(own), by=looking)
    flash(_("The note is removed."), "success")
    return go_to(url_for("client.diary", client_id=client.id, _anchor="notes"))


@bp.post("/tags/<uuid:tag_id>/removal")
@coaches_only
def tag(client_id: UUID, tag_id: UUID) -> ResponseReturnValue:
    looking = viewer()
    client = looking.coached_or_404(client_id)
    own = select(DayTag).where(
        DayTag.organisation_id == looking.organisation_id,
        DayTag.client_id == client.id,
        DayTag.said_by == looking.user_id,
        DayTag.id == tag_id,
    )
    saying.remove_tag(db.first_or_404(own), by=looking)
    flash(_("The tag is taken back; these days count again."), "success")
    return go_to(url_for("client.diary", client_id=client.id, _anchor="tags"))
