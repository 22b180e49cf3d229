"""How far an upload is for the person who waits, told from its state and the work asked for it."""

from enum import StrEnum

from sqlalchemy import exists, select

from coach.csv_import.jobs import APPLY, IMPORT
from coach.csv_import.models import OPEN, UNREAD, Import, ImportState
from coach.extensions import db
from coach.work.asking import open_work
from coach.work.models import Work, WorkState


class Step(StrEnum):
    """Where an upload stands; STUCK and NOT_APPLIED mean that our work failed and ended."""

    READING = "reading"
    STUCK = "stuck"
    PREVIEW = "preview"
    APPLYING = "applying"
    NOT_APPLIED = "not_applied"
    REFUSED = "refused"
    DONE = "done"
    UNDONE = "undone"
    DISCARDED = "discarded"


TO_APPLY = (Step.PREVIEW, Step.NOT_APPLIED)
TO_DISCARD = (Step.STUCK, *TO_APPLY)
UNDER_WAY = (Step.READING, Step.APPLYING)


def step_of(upload: Import) -> Step:
    """Say how far an upload is."""
    if upload.state in OPEN:
        reading = upload.state in UNREAD
        if open_work(IMPORT if reading else APPLY, upload.id):
            return Step.READING if reading else Step.APPLYING
        db.session.refresh(upload)  # it may have ended between the two looks
    if upload.state in UNREAD:
        return Step.STUCK
    if upload.state == ImportState.PREVIEW:
        return Step.NOT_APPLIED if _failed(upload) else Step.PREVIEW
    if upload.state == ImportState.UNDONE and upload.finished_at is None:
        return Step.DISCARDED
    return Step(upload.state)


def _failed(upload: Import) -> bool:
    """Tell whether applying was tried and given up."""
    work = select(Work.id).where(
        Work.kind == APPLY.name,
        Work.queue == APPLY.queue,
        Work.state == WorkState.FAILED,
        Work.subject_id == upload.id,
    )
    return bool(db.session.scalar(select(exists(work))))
