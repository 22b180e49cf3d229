"""The register and the file made by it, against the schema and everything that is known."""

import io
import json
import stat
import zipfile
from datetime import timedelta

from flask import Flask

from coach.database.base import Base
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.privacy import making, upkeep
from coach.privacy.models import Export
from coach.privacy.register import REGISTER, LeftOut, Told
from coach.work.leases import now
from tests.cast import Cast
from tests.critic import Critic
from tests.privacy.knowing import live, work


def test_every_column_of_every_table_is_taken_along_or_left_out_for_a_reason() -> None:
    assert set(REGISTER) == set(Base.metadata.tables)
    for name, entry in REGISTER.items():
        if isinstance(entry, LeftOut):
            continue
        there = set(Base.metadata.tables[name].columns.keys())
        assert set(entry.columns) | set(entry.left) == there, name
        assert not set(entry.columns) & set(entry.left), name


def test_what_is_made_holds_every_column_and_row_and_is_only_theirs(app: Flask, cast: Cast) -> None:
    canary = live(app, cast)
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
    for name in ("check_ins", "notes", "whoop_records", "import_rows", "clients", "day_changes"):
        assert canary in archive.read(f"everything/{name}.csv").decode(), name
    assert "client_viewed" in archive.read("everything/audit_log.csv").decode()
    assert "password_hash" in archive.read("everything/README.txt").decode()
    assert "argon2" not in "".join(
        archive.read(it).decode("utf-8", "replace") for it in archive.namelist()
    )
    for somebody in (cast.carl, cast.ann, cast.xenia):
        assert Critic.of(app).sign_in(somebody).get(f"/downloads/{link}").status_code == 404


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
