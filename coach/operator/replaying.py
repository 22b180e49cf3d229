"""Let something happen again: failed work, or an announcement. Doing so twice changes nothing."""

from uuid import UUID

from sqlalchemy import func, select, text, update

from coach.accounts import audit
from coach.accounts.access import Viewer
from coach.database.tenancy import act_for
from coach.extensions import db
from coach.whoop.models import EventState, WebhookEvent, WhoopLink
from coach.whoop.webhook import EVENT
from coach.work.asking import Kind, ask, open_work
from coach.work.models import Queue, Work, WorkState


def work_again(work_id: UUID, *, by: Viewer) -> bool:
    """Put failed work back for new tries; False when there is none, or the same is open."""
    aside = db.session.scalar(
        select(Work).where(Work.id == work_id, text("state = 'failed'")).with_for_update()
    )
    if aside is None:
        return False
    if open_work(Kind(aside.kind, Queue(aside.queue)), aside.subject_id) is not None:
        return False
    db.session.execute(
        update(Work)
        .where(Work.id == work_id)
        .values(state=WorkState.WAITING, attempts=0, due_at=func.now(), finished_at=None)
    )
    _note("work_replayed", work_id, aside.organisation_id, by)
    return True


def announcement_again(event_id: UUID, *, by: Viewer) -> bool:
    """Let every link of its member follow an announcement anew; False when there is none."""
    event = db.session.get(WebhookEvent, event_id, with_for_update=True)
    if event is None or event.state == EventState.IGNORED:
        return False
    links = db.session.scalars(
        select(WhoopLink)
        .where(
            WhoopLink.whoop_app_id == event.whoop_app_id,
            WhoopLink.external_user_id == event.external_user_id,
        )
        .order_by(WhoopLink.integration_id)
    ).all()
    if not links:
        return False
    event.state, event.pending = EventState.WAITING, [link.integration_id for link in links]
    for link in links:
        ask(EVENT, organisation_id=link.organisation_id, subject_id=link.integration_id)
        _note("announcement_replayed", event_id, link.organisation_id, by)
    return True


def _note(action: str, subject: UUID, organisation_id: UUID | None, by: Viewer) -> None:
    """Write it into the log of whose it is; what is nobody's, into that of the operator's own."""
    session = db.session()
    act_for(organisation_id or by.organisation_id, user_id=by.user_id, session=session)
    audit.record(action, by=by.user_id, subject=subject)
    act_for(by.organisation_id, user_id=by.user_id, session=session)
