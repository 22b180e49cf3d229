"""A client of whom every kind of thing is known, each with a canary in it; and the work they cause."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import create_engine, or_, text

from coach.accounts.models import Client, Consent, FieldGroup, Invitation, Membership
from coach.check_ins.models import CheckIn, CoachNote, DayTag, MoodRating
from coach.csv_import.importing import upload_path
from coach.csv_import.models import Import, ImportRow
from coach.database.tenancy import acting_for
from coach.days import editing
from coach.days.models import JournalEntry
from coach.extensions import db
from coach.ids import new_id
from coach.whoop.models import Integration, Status, WhoopRecord
from coach.work.models import Work
from coach.work.perform import perform
from config import Settings
from tests.cast import Cast

DAY = date(2026, 5, 14)
AT = datetime(2026, 5, 14, 6, tzinfo=UTC)


def live(app: Flask, cast: Cast) -> str:
    """Let Bea have a name, words, records and a file that carry a canary of their own: it."""
    bea, canary = cast.bea, f"Zaunkoenig{new_id().hex[-12:]}"
    assert bea.client_id
    own = {"organisation_id": bea.organisation_id, "client_id": bea.client_id}
    with app.app_context(), acting_for(bea.organisation_id):
        db.session.get_one(Client, (bea.organisation_id, bea.client_id)).name = canary
        db.session.get_one(Membership, (bea.organisation_id, bea.membership_id)).name = canary
        db.session.flush()
        upload = Import(
            id=new_id(), **own, file_name=f"{canary}.zip", size=1, sha256="0", state="done"
        )
        db.session.add_all(
            [
                upload,
                MoodRating(id=new_id(), **own, date=DAY, rating=7, rated_by=bea.user_id),
                CheckIn(id=new_id(), **own, date=DAY, note=canary, sleep=3),
                DayTag(id=new_id(), **own, kind="ill", first_date=DAY, note=canary),
                CoachNote(
                    id=new_id(), **own, author_id=cast.ann.membership_id, date=DAY, text=canary
                ),
                Consent(**own, field_group=FieldGroup.SLEEP, text_version="1"),
                Integration(
                    id=new_id(), **own, external_user_id=canary, status=Status.DISCONNECTED
                ),
                WhoopRecord(
                    **own, kind="workout", provider_id=canary, raw={"id": canary}, starts_at=AT
                ),
                JournalEntry(**own, key=canary, date=DAY, cycle_started_at=AT, question=canary),
                Invitation(
                    organisation_id=bea.organisation_id,
                    email=bea.email,
                    name=canary,
                    role="client",
                    timezone="UTC",
                    expires_at=AT,
                ),
            ]
        )
        db.session.flush()
        db.session.add(
            ImportRow(
                **own, kind="journal", key=canary, import_id=upload.id, raw={"a": canary}, parsed={}
            )
        )
        editing.type_values(bea.client_id, DAY, {"notes": canary}, by=bea.user_id, version=0)
        path = upload_path(upload.id)
        path.parent.mkdir(exist_ok=True)
        path.write_text(canary)
        db.session.commit()
        db.session.remove()
    return canary


def work(app: Flask, cast: Cast, kind: str) -> list[str]:
    """Do all open work of one kind in Bea's organisation, for her or for Ann; the states it ends in."""
    people = [cast.bea.user_id, cast.ann.user_id]
    with app.app_context():
        ours = Work.organisation_id == cast.bea.organisation_id
        mine = or_(ours, Work.subject_id.in_(people))
        open_ = (Work.kind == kind, Work.state.in_(["waiting", "queued"]))
        ids = list(db.session.scalars(db.select(Work.id).where(mine, *open_)))
        db.session.commit()
        for work_id in ids:
            perform(str(work_id))
        states = [db.session.get_one(Work, work_id).state for work_id in ids]
        db.session.remove()
        return states


def places_of(canary: str, settings: Settings) -> list[str]:
    """Search every table as text, and every file that is ours; bytes are written in hex there."""
    engine = create_engine(str(settings.migration_database_url))
    with engine.connect() as connection:
        tables = connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ).scalars()
        found = [
            table
            for table in tables.all()
            if connection.scalar(
                text(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE ANY(:them)'),
                {"them": [f"%{each}%" for each in (canary, canary.lower(), canary.encode().hex())]},
            )
        ]
    engine.dispose()
    return found + [str(it) for it in _files(settings) if canary.encode() in it.read_bytes()]


def _files(settings: Settings) -> list[Path]:
    """List every file of the home but those of the servers, which were searched by asking them."""
    ours = [it for it in settings.coach_home.iterdir() if it.name not in {"postgres", "valkey"}]
    within = [each for it in ours for each in (it.rglob("*") if it.is_dir() else [it])]
    return [each for each in within if each.is_file()]


def queued(app: Flask, canary: str) -> list[str]:
    """Search every key and value of the queue."""
    redis = app.extensions["redis"]
    return [
        key
        for key in redis.scan_iter()
        if canary in json.dumps([str(key), str(redis.dump(key))], default=str)
    ]
