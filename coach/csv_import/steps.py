"""How far an upload is for the person who waits, told from its state and the work asked for it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, TextClause, select, text

from coach.csv_import.jobs import APPLY, COMPARE, IMPORT, KINDS, UNDO
from coach.csv_import.models import OPEN, Import, ImportState
from coach.extensions import db
from coach.work.models import OPEN_STATES, Queue, Work, WorkState


class Step(StrEnum):
    """Where an upload stands; STUCK, NOT_APPLIED, NOT_UNDONE: our work failed and ended."""

    READING = "reading"
    STUCK = "stuck"
    COMPARING = "comparing"
    PREVIEW = "preview"
    APPLYING = "applying"
    NOT_APPLIED = "not_applied"
    REFUSED = "refused"
    DONE = "done"
    UNDOING = "undoing"
    NOT_UNDONE = "not_undone"
    UNDONE = "undone"
    DISCARDED = "discarded"


TO_APPLY = (Step.PREVIEW, Step.NOT_APPLIED)
TO_DISCARD = (Step.STUCK, *TO_APPLY)
TO_UNDO = (Step.DONE, Step.NOT_UNDONE)
UNDER_WAY = (Step.READING, Step.COMPARING, Step.APPLYING, Step.UNDOING)

_NOTHING: frozenset[str] = frozenset()


def step_of(upload: Import) -> Step:
    """Say how far an upload is."""
    return steps_of([upload])[0]


def steps_of(uploads: Sequence[Import]) -> list[Step]:
    """Say of each upload how far it is."""
    ids = [upload.id for upload in uploads]
    under_way, failed = _open(ids), _failed(ids)
    return [
        _step(upload, under_way.get(upload.id, _NOTHING), failed.get(upload.id, _NOTHING))
        for upload in uploads
    ]


def _step(upload: Import, under_way: Collection[str], failed: Collection[str]) -> Step:
    if upload.state in OPEN and not under_way:
        db.session.refresh(upload)  # it may have ended between the two looks
    match upload.state:
        case ImportState.WAITING | ImportState.READING:
            return Step.READING if IMPORT.name in under_way else Step.STUCK
        case ImportState.PREVIEW:
            return _before(under_way, failed)
        case ImportState.DONE:
            return _after(under_way, failed)
        case ImportState.UNDONE if upload.finished_at is None:
            return Step.DISCARDED
    return Step(upload.state)


def _before(under_way: Collection[str], failed: Collection[str]) -> Step:
    if APPLY.name in under_way:
        return Step.APPLYING
    if {IMPORT.name, COMPARE.name} & set(under_way):
        return Step.COMPARING
    return Step.NOT_APPLIED if APPLY.name in failed else Step.PREVIEW


def _after(under_way: Collection[str], failed: Collection[str]) -> Step:
    if UNDO.name in under_way:
        return Step.UNDOING
    return Step.NOT_UNDONE if UNDO.name in failed else Step.DONE


def _open(ids: Collection[UUID]) -> Mapping[UUID, set[str]]:
    """Name the kinds of work that wait or run, by upload."""
    return _kinds(ids, text(OPEN_STATES))


def _failed(ids: Collection[UUID]) -> Mapping[UUID, set[str]]:
    """Name the kinds of work that were tried and given up, by upload."""
    return _kinds(ids, (Work.state == WorkState.FAILED) & (Work.queue == Queue.IMPORT))


def _kinds(
    ids: Collection[UUID], which: ColumnElement[bool] | TextClause
) -> Mapping[UUID, set[str]]:
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    names = [kind.name for kind in KINDS]
    work = select(Work.subject_id, Work.kind)
    mine = work.where(Work.kind.in_(names), Work.subject_id.in_(ids), which)
    for subject_id, kind in db.session.execute(mine):
        found[subject_id].add(kind)
    return found
