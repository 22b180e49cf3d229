"""Journal answers (only with a consent and a scope of their own) and raw records."""

from datetime import date as Date  # noqa: N812  # the field is called date
from datetime import datetime
from typing import Literal

from pydantic import Field
from sqlalchemy import select

from coach.accounts.models import FieldGroup
from coach.api import clients, paging
from coach.api.choosing import of_dates, theirs
from coach.api.operations import operation
from coach.api.record_days import DAYS
from coach.api.scopes import Scope
from coach.api.shapes import Chosen, Page, Raw, Sparse, at, in_utc
from coach.days.models import JournalEntry
from coach.whoop.models import WhoopRecord
from coach.whoop.payloads import RecordKind

TAG = "Records"
_GROUPS = {
    RecordKind.CYCLE: FieldGroup.STRAIN,
    RecordKind.RECOVERY: FieldGroup.RECOVERY,
    RecordKind.SLEEP: FieldGroup.SLEEP,
    RecordKind.WORKOUT: FieldGroup.WORKOUTS,
    RecordKind.BODY_MEASUREMENT: FieldGroup.CHECK_IN,
}


class JournalAnswer(Sparse):
    """One answered question of one cycle."""

    id: str
    date: Date
    cycle_start_time: datetime
    question: str
    answered_yes: bool | None
    notes: str | None


class JournalPage(Page[JournalAnswer]):
    """Answers, newest cycle first."""


class RawRecord(Sparse):
    """One thing WHOOP told us, as it said it."""

    kind: str
    id: str
    starts_at: datetime | None
    ends_at: datetime | None
    provider_updated_at: datetime | None
    raw: Raw


class RawPage(Page[RawRecord]):
    """Raw records, by their ids."""


class OfKind(Chosen):
    """Which kind of record, and of which dates."""

    kind: Literal["cycle", "recovery", "sleep", "workout", "body_measurement"] = Field(
        "cycle", description="what WHOOP calls it"
    )


@operation("/clients/<client_id>/journal", Scope.READ_JOURNAL, JournalPage, tag=TAG)
def list_journal(client_id: str, query: Chosen) -> JournalPage:
    """List journal answers; none when the journal is not shared."""
    looked = clients.look(client_id, "journal")
    if not looked.sees(FieldGroup.JOURNAL):
        return JournalPage(items=[], next_cursor=None)
    chosen = select(JournalEntry).where(
        *theirs(JournalEntry, looked.client),
        *of_dates(JournalEntry.date, query),
    )
    order = [JournalEntry.cycle_started_at, JournalEntry.key]
    found, cursor = paging.rows(chosen, order, query)
    return JournalPage(items=[_answer(row) for row in found], next_cursor=cursor)


@operation("/clients/<client_id>/raw-records", Scope.READ_DAYS, RawPage, tag=TAG)
def list_raw_records(client_id: str, query: OfKind) -> RawPage:
    """List what WHOOP said of one kind, untouched; none when its group is not shared."""
    looked, kind = clients.look(client_id, "raw records"), RecordKind(query.kind)
    if not looked.sees(_GROUPS[kind]):
        return RawPage(items=[], next_cursor=None)
    chosen = select(WhoopRecord).where(
        *theirs(WhoopRecord, looked.client),
        WhoopRecord.kind == kind,
        WhoopRecord.deleted_at.is_(None),
        *of_dates(DAYS[kind], query),
    )
    found, cursor = paging.rows(chosen, [WhoopRecord.provider_id], query)
    return RawPage(items=[_raw(row) for row in found], next_cursor=cursor)


def _answer(row: JournalEntry) -> JournalAnswer:
    return JournalAnswer(
        id=row.key,
        date=row.date,
        cycle_start_time=at(row.cycle_started_at),
        question=row.question,
        answered_yes=row.answered_yes,
        notes=row.notes,
    )


def _raw(row: WhoopRecord) -> RawRecord:
    return RawRecord(
        kind=row.kind,
        id=row.provider_id,
        starts_at=in_utc(row.starts_at),
        ends_at=in_utc(row.ends_at),
        provider_updated_at=in_utc(row.provider_updated_at),
        raw=row.raw,
    )
