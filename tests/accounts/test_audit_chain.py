"""The audit log is sealed into a chain: whoever tampers with it, even as its owner, is found out."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import create_engine, text

from coach.__main__ import coach
from coach.accounts import audit, audit_chain
from coach.accounts.audit_chain import Wrong
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.ids import new_id
from config import Settings
from tests.cast import Cast
from tests.test_cli import environment

ENTRIES = 6


@pytest.fixture
def here(cast: Cast) -> UUID:
    return cast.ann.organisation_id


@pytest.fixture
def entries(app: Flask, here: UUID) -> Iterator[list[UUID]]:
    """Sealed entries, oldest first."""
    with app.app_context(), acting_for(here):
        for number in range(ENTRIES):
            audit.record("looked", by=new_id(), details={"number": number})
        db.session.commit()
        audit_chain.seal(here)
        found = db.session.scalars(text("SELECT entry_id FROM audit_seals ORDER BY number")).all()
        yield list(found)[-ENTRIES:]
        db.session.remove()


def tamper(settings: Settings, *statements: str, **values: object) -> None:
    """Do what only the owner of the tables can."""
    engine = create_engine(str(settings.migration_database_url))
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement), values)
    engine.dispose()


def faults(here: UUID) -> list[tuple[Wrong, UUID | None]]:
    db.session.rollback()
    with acting_for(here):
        return [(fault.wrong, fault.entry_id) for fault in audit_chain.verify(here)]


@pytest.mark.usefixtures("entries")
def test_a_log_that_nobody_touched_is_whole(here: UUID) -> None:
    assert faults(here) == []
    assert audit_chain.seal(here) == 0  # nothing is new


def test_a_changed_entry_is_named(settings: Settings, here: UUID, entries: list[UUID]) -> None:
    change = "UPDATE audit_log SET action = 'slept' WHERE id = :id"
    tamper(settings, change, id=entries[2])
    assert faults(here) == [(Wrong.CHANGED, entries[2])]


def test_a_missing_entry_is_named(settings: Settings, here: UUID, entries: list[UUID]) -> None:
    tamper(settings, "DELETE FROM audit_log WHERE id = :id", id=entries[1])
    assert faults(here) == [(Wrong.MISSING, entries[1])]


def test_a_missing_seal_leaves_a_gap(settings: Settings, here: UUID, entries: list[UUID]) -> None:
    both = (f"DELETE FROM {table} WHERE {key} = :id" for table, key in TABLES)
    tamper(settings, *both, id=entries[3])
    assert faults(here) == [(Wrong.MISSING, None)]


TABLES = (("audit_log", "id"), ("audit_seals", "entry_id"))
SWAP = (
    "UPDATE audit_seals SET number = number + 1000 WHERE entry_id = :one",
    "UPDATE audit_seals SET number = number - 1 WHERE entry_id = :other",
    "UPDATE audit_seals SET number = number - 999 WHERE entry_id = :one",
)


def test_reordered_entries_are_named(settings: Settings, here: UUID, entries: list[UUID]) -> None:
    tamper(settings, *SWAP, one=entries[2], other=entries[3])
    found = faults(here)
    assert (Wrong.REORDERED, entries[2]) in found
    assert (Wrong.REORDERED, entries[3]) in found
    assert entries[1] not in {entry for _, entry in found}


def test_an_entry_slipped_in_long_ago_is_named(here: UUID, entries: list[UUID]) -> None:
    old = UUID(int=entries[0].int - (90_000_000 << 80))  # 25 hours before
    add = (
        "INSERT INTO audit_log (organisation_id, id, action, created_at)"
        " VALUES (:here, :id, 'looked', now() - interval '2 hours')"
    )
    with acting_for(here):
        db.session.rollback()
        db.session.execute(text(add), {"here": here, "id": old})
        db.session.commit()
        assert audit_chain.seal(here) == 0
    assert faults(here) == [(Wrong.UNSEALED, old)]


def test_cutting_off_the_end_is_seen_by_a_seal_kept_elsewhere(
    settings: Settings, here: UUID, entries: list[UUID]
) -> None:
    kept = audit_chain.head(here)
    both = (f"DELETE FROM {table} WHERE {key} = :id" for table, key in TABLES)
    tamper(settings, *both, id=entries[-1])
    assert faults(here) == []
    assert not audit_chain.stands(here, kept)


def test_the_command_says_what_is_wrong_and_ends_with_1(
    app: Flask, settings: Settings, here: UUID, entries: list[UUID]
) -> None:
    with acting_for(here):
        slug = db.session.execute(text("SELECT slug FROM organisations")).scalar_one()
        head = audit_chain.head(here)
        db.session.rollback()
    command = ["audit", "verify", "--organisation", slug]
    anchored = [*command, "--anchor", f"{head.number}:{head.chain_hash}"]
    whole = CliRunner().invoke(coach, anchored, env=environment(app))
    assert (whole.exit_code, "faults=0" in whole.stdout) == (0, True)
    tamper(settings, "DELETE FROM audit_log WHERE id = :id", id=entries[0])
    broken = CliRunner().invoke(coach, command, env=environment(app))
    assert broken.exit_code == 1
    assert f"entry_id={entries[0]}" in broken.stdout
