"""An organisation in which every kind of text is stored, and a way to replace all of them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

from flask import Flask
from sqlalchemy import Connection, Engine, String, Table, text
from sqlalchemy.exc import DBAPIError

from coach.accounts.models import Consent, FieldGroup, Group, GroupClient, Invitation
from coach.api.models import ApiToken
from coach.check_ins.models import CheckIn, CoachNote, DayTag, TagKind
from coach.csv_import.models import Import
from coach.database.base import Base
from coach.database.tenancy import acting_for
from coach.days import store
from coach.days.merge import Reading
from coach.days.metrics import Source
from coach.days.models import DayChange, JournalEntry, Workout
from coach.extensions import db
from coach.ids import new_id
from coach.insights import refresh
from coach.weekly.models import WeeklyPlan
from coach.whoop.models import Integration, SyncRun
from tests.alerts.made import an_alert
from tests.cast import Cast
from tests.insights.lives import TODAY, Made

NOW = datetime.now(UTC)
# What only programs read or write: keys, hashes, names of zones and languages, our own closed words.
TECHNICAL = {
    *("timezone", "locale", "slug", "key", "sha256", "compared_with", "token_hash", "ending"),
    *("id_hash", "data", "field", "provider", "text_version", "action", "occasion", "kind"),
    *("channel", "address", "row_hash", "chain_hash", "outcome", "theme", "units", "energy_unit"),
}
PLANTED = (
    *("organisations", "clients", "memberships", "groups", "invitations", "notes", "day_tags"),
    *("check_ins", "weekly_plans", "journal_entries", "workouts", "daily_logs", "day_changes"),
    *("imports", "integrations", "sync_runs", "api_tokens"),
)


def furnish(app: Flask, cast: Cast) -> dict[str, str]:
    """Store some of everything for Bea; the ids that addresses name."""
    client_id, home = cast.bea.client_id, cast.bea.organisation_id
    assert client_id
    ids = {name: new_id() for name in ("group_id", "import_id", "integration")}
    with app.app_context(), acting_for(home):
        _live(client_id)
        rows = [*_said(cast, client_id), *_happened(client_id), *_kept(cast, client_id, ids)]
        for row in rows:
            row.organisation_id = home  # type: ignore[attr-defined]  # of every tenant table
        db.session.add_all(rows)
        db.session.flush()
        of_group = {"group_id": ids["group_id"], "client_id": client_id}
        run = {"integration_id": ids["integration"], "trigger": "schedule"}
        db.session.add_all(
            [
                GroupClient(organisation_id=home, **of_group),
                SyncRun(organisation_id=home, id=new_id(), outcome="failed", error="x", **run),
            ]
        )
        refresh.refresh(client_id, now=NOW)
        db.session.commit()
        db.session.remove()
    an_alert(app, cast.ann, cast.bea)
    named = {name: str(each) for name, each in ids.items()}
    return named | {"client_id": str(client_id), "membership_id": str(cast.ann.membership_id)}


def plant(owner: Engine, home: UUID, payload: str) -> list[str]:
    """Replace every stored text of an organisation; the columns in which it stands now."""
    with owner.begin() as connection:
        planted = [
            f"{table.name}.{column}"
            for table in _tables()
            for column in _texts(table)
            if _replace(connection, table, column, home, payload)
        ]
        problems = (
            "UPDATE imports SET refused = CAST(:refused AS jsonb) WHERE organisation_id = :home"
        )
        connection.execute(text(problems), {"refused": "[]", "home": home})
    return planted


def _replace(connection: Connection, table: Table, column: str, home: UUID, payload: str) -> bool:
    key = "id" if table.name == "organisations" else "organisation_id"
    said = f"UPDATE {table.name} SET {column} = CAST(:payload AS text) WHERE {key} = :home"
    if column == "email":
        said = said.replace("CAST(:payload AS text)", "lower(CAST(:payload AS text))")
    try:
        with connection.begin_nested():
            done = connection.execute(text(said), {"payload": payload, "home": home})
    except DBAPIError:
        return False  # a closed list or a key holds it
    return bool(done.rowcount)


@cache
def _tables() -> Sequence[Table]:
    return [table for table in Base.metadata.sorted_tables if table.name in PLANTED]


def _texts(table: Table) -> list[str]:
    return [
        column.name
        for column in table.columns
        if isinstance(column.type, String) and column.name not in TECHNICAL
    ]


def _live(client_id: UUID) -> None:
    moved = NOW.date() - TODAY
    made = Made({"recovery_score": [*[70.0] * 39, 20.0], "hrv": [60.0] * 40, "strain": [9.0] * 40})
    days = {day + moved: Reading(Source.WHOOP, values) for day, values in made.days()}
    store.record(client_id, Source.WHOOP, days)


def _said(cast: Cast, client_id: UUID) -> list[Base]:
    of: Mapping[str, object] = {"client_id": client_id}
    today = NOW.date()
    return [
        *(Consent(field_group=each, text_version="1", **of) for each in FieldGroup),
        CheckIn(id=new_id(), date=today, sleep=2, note="x", reply="x", answered_at=NOW, **of),
        DayTag(id=new_id(), kind=TagKind.ILL, first_date=today, note="x", **of),
        CoachNote(id=new_id(), date=today, text="x", author_id=cast.ann.membership_id, **of),
        WeeklyPlan(
            id=new_id(),
            coach_id=cast.ann.membership_id,
            monday=today - timedelta(days=today.weekday()),
            text="x",
            **of,
        ),
    ]


def _happened(client_id: UUID) -> list[Base]:
    of: Mapping[str, object] = {"client_id": client_id, "date": NOW.date()}
    night = NOW - timedelta(hours=12)
    return [
        Workout(key="w", started_at=night, offset_minutes=0, sources={}, activity="x", **of),
        JournalEntry(key="j", cycle_started_at=night, question="x", notes="x", **of),
        DayChange(id=new_id(), field="notes", old="x", new="x", source="manual", **of),
    ]


def _kept(cast: Cast, client_id: UUID, ids: Mapping[str, UUID]) -> list[Base]:
    return [
        Group(id=ids["group_id"], name="x"),
        Invitation(
            id=new_id(),
            email="x@example.org",
            name="x",
            role="client",
            timezone="UTC",
            invited_by=cast.ann.user_id,
            expires_at=NOW + timedelta(days=6),
        ),
        Import(
            id=ids["import_id"],
            client_id=client_id,
            file_name="x",
            size=1,
            sha256="0",
            state="done",
        ),
        Integration(id=ids["integration"], client_id=client_id, status="error", error="x"),
        ApiToken(
            id=new_id(),
            holder="person",
            user_id=cast.ann.user_id,
            name="x",
            token_hash=new_id().hex,
            ending="xxxx",
            scopes=[],
        ),
    ]
