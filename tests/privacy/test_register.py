"""The register and the file made by it, against the schema and everything that is known."""

import io
import json
import stat
import zipfile
from datetime import timedelta

from flask import Flask
from sqlalchemy import create_engine, text

from coach.database.base import Base
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.privacy import making, upkeep
from coach.privacy.models import Export
from coach.privacy.register import REGISTER, LeftOut, Told
from coach.work.leases import now
from coach.work.models import Work, WorkState
from config import Settings
from tests.cast import Cast
from tests.critic import Critic
from tests.privacy.knowing import live, work
from tests.privacy.said_of_them import say_more


def test_every_column_of_every_table_is_taken_along_or_left_out_for_a_reason() -> None:
    assert set(REGISTER) == set(Base.metadata.tables)
    for name, entry in REGISTER.items():
        if isinstance(entry, LeftOut):
            continue
        there = set(Base.metadata.tables[name].columns.keys())
        assert set(entry.columns) | set(entry.left) == there, name
        assert not set(entry.columns) & set(entry.left), name


def test_what_is_made_holds_every_column_and_row_and_is_only_theirs(
    app: Flask, cast: Cast, settings: Settings
) -> None:
    canary = live(app, cast)
    say_more(app, cast, canary)
    bea = Critic.of(app).sign_in(cast.bea)
    Critic.of(app).sign_in(cast.ann).get(f"/dashboard/clients/{cast.bea.client_id}")
    assert bea.post_form("/cabinet/data/export").status_code == 303
    assert "Being made" in bea.get("/cabinet/data").text
    assert work(app, cast, "make_export") == ["done"]
    link = bea.get("/cabinet/data").text.split('href="/downloads/')[1].split('"')[0]
    got = bea.get(f"/downloads/{link}")
    assert got.status_code == 200
    archive = zipfile.ZipFile(io.BytesIO(got.data))
    assert {"coach-days.csv", "whoop/sleeps.csv"} <= set(archive.namelist())
    for name, entry in REGISTER.items():
        if isinstance(entry, Told):
            rows = [json.loads(it) for it in archive.read(f"everything/{name}.jsonl").splitlines()]
            assert all(set(row) == set(entry.columns) for row in rows)
            assert len(rows) >= _rows_about(cast, settings, name), name
    for name in ("check_ins", "notes", "whoop_records", "import_rows", "clients", "day_changes"):
        assert canary in archive.read(f"everything/{name}.csv").decode(), name
    assert "client_viewed" in archive.read("everything/audit_log.csv").decode()
    assert "password_hash" in archive.read("everything/README.txt").decode()
    assert "argon2" not in "".join(
        archive.read(it).decode("utf-8", "replace") for it in archive.namelist()
    )
    for somebody in (cast.carl, cast.ann, cast.xenia):
        assert Critic.of(app).sign_in(somebody).get(f"/downloads/{link}").status_code == 404


def _rows_about(cast: Cast, settings: Settings, table: str) -> int:
    """Count the rows that name Bea as a client or as a person, past all walls."""
    there = set(Base.metadata.tables[table].columns.keys())
    names = {"client_id": cast.bea.client_id, "user_id": cast.bea.user_id, "email": cast.bea.email}
    mine = " OR ".join(f"{column} = :{column}" for column in names if column in there)
    if not mine:
        return 0
    engine = create_engine(str(settings.migration_database_url))
    with engine.connect() as connection:
        counted = text(f"SELECT count(*) FROM {table} WHERE {mine}")
        found: int = connection.execute(counted, names).scalar_one()
    engine.dispose()
    return found


def test_the_file_is_private_and_gone_after_a_day(app: Flask, cast: Cast) -> None:
    bea = Critic.of(app).sign_in(cast.bea)
    bea.post_form("/cabinet/data/export")
    work(app, cast, "make_export")
    with app.app_context():
        with acting_for(cast.bea.organisation_id):
            made = db.session.scalars(
                db.select(Export.id).where(Export.client_id == cast.bea.client_id)
            ).one()
            db.session.remove()
        path = making.file_of(made)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        later = now() + timedelta(days=1, minutes=1)
        upkeep.forget_made_files(now=later)
        assert not path.exists()
        db.session.remove()
    assert "/downloads/" not in bea.get("/cabinet/data").text


def test_a_file_that_could_not_be_made_is_said_so_and_asked_for_again(
    app: Flask, cast: Cast
) -> None:
    bea = Critic.of(app).sign_in(cast.bea)
    bea.post_form("/cabinet/data/export")
    with app.app_context():
        set_aside = {"state": WorkState.FAILED, "finished_at": db.func.now()}
        mine = (Work.kind == "make_export", Work.organisation_id == cast.bea.organisation_id)
        db.session.execute(db.update(Work).where(*mine).values(set_aside))
        db.session.commit()
        db.session.remove()
    assert "The file could not be made." in bea.get("/cabinet/data").text
    bea.post_form("/cabinet/data/export")
    assert "Being made" in bea.get("/cabinet/data").text
    assert work(app, cast, "make_export") == ["done"]
    assert "/downloads/" in bea.get("/cabinet/data").text
