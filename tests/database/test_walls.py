"""The second wall: whatever the code forgets, PostgreSQL holds."""

from uuid import UUID

import pytest
from sqlalchemy import create_engine, func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from coach.accounts.models import Client, Consent, Membership, Organisation
from coach.database.base import Base
from coach.database.roles import RoleTooStrong, refuse_strong_role
from coach.database.tenancy import acting_for
from coach.database.walls import APPEND_ONLY, GLOBAL_TABLES
from coach.extensions import db
from coach.ids import new_id
from coach.work.asking import Kind, ask
from coach.work.leases import claim, holding, unit_of_work
from coach.work.models import Queue
from config import Settings
from tests.cast import Cast

TENANT_TABLES = sorted(Base.metadata.tables.keys() - GLOBAL_TABLES)


@pytest.fixture(autouse=True)
def _inside(context: None) -> None:
    """Every test here works in the application, acting for nobody."""


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_every_other_table_is_walled_in(table: str) -> None:
    enabled, forced, policies = db.session.execute(
        text(
            "SELECT relrowsecurity, relforcerowsecurity,"
            " (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid)"
            " FROM pg_class c WHERE oid = CAST(:table AS regclass)"
        ),
        {"table": table},
    ).one()
    assert (enabled, forced) == (True, True)
    assert policies >= 1


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_the_organisation_comes_first_in_every_key(table: str) -> None:
    if table == "organisations":
        return
    model = Base.metadata.tables[table]
    assert next(iter(model.primary_key.columns)).name == "organisation_id"
    for key in model.foreign_keys:
        if key.column.table.name not in {*GLOBAL_TABLES, "organisations"}:
            constraint = key.constraint
            assert constraint is not None
            assert next(iter(constraint.column_keys)) == "organisation_id"


def test_no_table_is_unknown_to_the_models() -> None:
    there = set(
        db.session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
    )
    assert there - {"alembic_version"} == set(Base.metadata.tables)


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize("table", TENANT_TABLES)
def test_without_an_organisation_nothing_is_seen(table: str) -> None:
    assert db.session.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one() == 0


def test_the_role_owns_nothing_and_may_not_truncate() -> None:
    with pytest.raises(DBAPIError):
        db.session.execute(text("TRUNCATE clients"))


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
def test_what_is_written_once_cannot_be_changed(table: str) -> None:
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError):
            db.session.execute(text(statement))
        db.session.rollback()


def test_the_orm_sees_one_organisation_only(cast: Cast) -> None:
    with acting_for(cast.zoe.organisation_id):
        seen = set(db.session.scalars(select(Client.id)))
    assert seen == {cast.xenia.client_id}


def test_core_and_raw_sql_see_one_organisation_only(cast: Cast) -> None:
    with acting_for(cast.zoe.organisation_id), db.engine.connect() as connection:
        assert set(connection.scalars(text("SELECT id FROM clients"))) == {cast.xenia.client_id}
        assert connection.scalar(select(func.count()).select_from(Membership)) == 3


def test_a_row_cannot_be_written_for_another_organisation(cast: Cast) -> None:
    with (
        acting_for(cast.zoe.organisation_id),
        pytest.raises(DBAPIError, match="row-level security"),
    ):
        db.session.execute(
            insert(Client).values(
                id=new_id(), organisation_id=cast.ann.organisation_id, name="X", timezone="UTC"
            )
        )


def test_a_row_cannot_refer_to_another_organisations_row(cast: Cast) -> None:
    with acting_for(cast.zoe.organisation_id), pytest.raises(IntegrityError):
        db.session.execute(
            insert(Consent).values(
                id=new_id(),
                organisation_id=cast.zoe.organisation_id,
                client_id=cast.bea.client_id,
                field_group="sleep",
                text_version="1",
            )
        )


def test_a_job_sees_the_organisation_of_its_work_only(cast: Cast) -> None:
    seen: set[UUID] = set()
    kind = Kind("look", Queue.UPKEEP)
    work_id = ask(kind, organisation_id=cast.zoe.organisation_id, subject_id=new_id())
    db.session.commit()
    piece = claim(work_id)
    assert piece
    with holding(piece), unit_of_work():
        seen = set(db.session.scalars(select(Client.id)))
    assert seen == {cast.xenia.client_id}


def test_a_pooled_connection_forgets_for_whom_it_acted(cast: Cast) -> None:
    for organisation in [cast.ann.organisation_id, None, cast.zoe.organisation_id, None] * 50:
        with acting_for(organisation), db.engine.connect() as connection:
            seen = set(connection.scalars(select(Client.organisation_id)))
        assert seen == ({organisation} if organisation else set())


def test_a_person_finds_their_own_organisations_and_no_other(cast: Cast) -> None:
    with acting_for(None, user_id=cast.bea.user_id):
        assert set(db.session.scalars(select(Organisation.id))) == {cast.bea.organisation_id}
        assert set(db.session.scalars(select(Membership.user_id))) == {cast.bea.user_id}


def test_a_role_that_could_pass_the_walls_is_refused(settings: Settings) -> None:
    engine = create_engine(str(settings.migration_database_url))
    refuse_strong_role(engine)
    with pytest.raises(RoleTooStrong, match="BYPASSRLS"):
        engine.connect()
    engine.dispose()
