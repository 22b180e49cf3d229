"""Rotation while everybody works: no failed read, resumable, nothing left behind."""

import threading
from collections.abc import Iterator
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, Engine, text

from coach import migrating
from coach.__main__ import coach
from coach.app import create_app
from coach.keys import known, resealing
from coach.keys.columns import SEALED, rows_of
from coach.keys.resealing import reseal, uses
from coach.runtime.errors import CannotStart
from coach.sealing import LocalKey, Sealer, new_key, parse_key
from config import Settings
from tests.conftest import close
from tests.spare import environment_of, spare_database

OLD_TEXT, NEW_TEXT = new_key(), new_key()
OLD, NEW = (LocalKey(parse_key(each)) for each in (OLD_TEXT, NEW_TEXT))
LINKS = 1200  # more than two pages


@pytest.fixture(scope="module")
def spare(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with spare_database(settings, tmp_path_factory.mktemp("home")) as own:
        own.__dict__.pop("sealer", None)
        made = own.model_copy(update={"encryption_keys": OLD_TEXT})
        migrating.upgrade(made)
        yield made


@pytest.fixture
def engine(spare: Settings) -> Engine:
    """Give a database with many links, sealed with the old key."""
    engine = migrating.owner(spare)
    with engine.begin() as connection:
        for table in ("organisations", "users", "sealing_keys", "whoop_apps"):
            connection.execute(text(f"DELETE FROM {table}"))
        _fill(connection, Sealer([OLD]))
    return engine


def _fill(connection: Connection, sealer: Sealer) -> None:
    whose, user = uuid4(), uuid4()
    links = [uuid4() for _ in range(LINKS)]

    def tell(statement: str, **values: object) -> None:
        connection.execute(text(statement), values)

    tell("INSERT INTO organisations (id, name, slug) VALUES (:id, 'x', 'x')", id=whose)
    tell(
        "INSERT INTO clients (organisation_id, id, name, timezone)"
        " SELECT :whose, id, 'x', 'UTC' FROM unnest(CAST(:ids AS uuid[])) AS id",
        whose=whose,
        ids=links,
    )
    tell(
        "INSERT INTO integrations (organisation_id, id, client_id, status)"
        " SELECT :whose, id, id, 'active' FROM unnest(CAST(:ids AS uuid[])) AS id",
        whose=whose,
        ids=links,
    )
    tell(
        "INSERT INTO integration_tokens"
        " (organisation_id, integration_id, access_token, refresh_token, token_expires_at)"
        " SELECT :whose, id, access, refresh, now() FROM unnest(CAST(:ids AS uuid[]),"
        " CAST(:access AS text[]), CAST(:refresh AS text[])) AS told(id, access, refresh)",
        whose=whose,
        ids=links,
        access=[_sealed(sealer, whose, each, "access_token") for each in links],
        refresh=[_sealed(sealer, whose, each, "refresh_token") for each in links],
    )
    tell("INSERT INTO users (id, email, password_hash) VALUES (:id, 'a@b.c', 'x')", id=user)
    secret = sealer.seal("otp", place=f"mfa/{user}/secret")
    tell("INSERT INTO mfa (user_id, secret) VALUES (:id, :it)", id=user, it=secret)


def _sealed(sealer: Sealer, whose: UUID, link: UUID, name: str) -> str:
    return sealer.seal(f"{name} of {link}", place=f"{whose}/{link}/{name}")


def readable(engine: Engine, sealer: Sealer) -> int:
    """Open everything; how many values there were. Raises DoesNotOpen."""
    count = 0
    with engine.connect() as connection:
        for column in SEALED:
            for row in (each for page in rows_of(connection, column) for each in page):
                for value in column.values_in(row["stored"]):
                    sealer.open(value, place=column.place_of(row))
                    count += 1
    return count


def test_everything_ends_under_the_newest_key(engine: Engine) -> None:
    told = reseal(engine, Sealer([NEW, OLD]))
    assert (told.resealed, told.busy, told.unreadable) == (2 * LINKS + 1, 0, [])
    assert set(uses(engine)) == {NEW.id}
    assert readable(engine, Sealer([NEW])) == 2 * LINKS + 1


def test_a_second_rotation_finds_nothing_to_do(engine: Engine) -> None:
    reseal(engine, Sealer([NEW, OLD]))
    assert reseal(engine, Sealer([NEW, OLD])).resealed == 0


def test_one_that_was_killed_goes_on_where_it_was(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reseal(engine, Sealer([NEW, OLD]), watch=die)
    assert set(uses(engine)) == {NEW.id, OLD.id}
    assert readable(engine, Sealer([NEW, OLD])) == 2 * LINKS + 1
    monkeypatch.undo()
    reseal(engine, Sealer([NEW, OLD]))
    assert set(uses(engine)) == {NEW.id}


def test_nobody_who_reads_meanwhile_finds_a_value_that_does_not_open(engine: Engine) -> None:
    ended, counts = threading.Event(), []

    def read() -> None:
        while not ended.is_set():
            counts.append(readable(engine, Sealer([NEW, OLD])))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    reseal(engine, Sealer([NEW, OLD]))
    ended.set()
    for reader in readers:
        reader.join()
    assert counts
    assert set(counts) == {2 * LINKS + 1}


def test_a_token_that_is_being_renewed_is_passed_over_and_never_overwritten(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = engine.connect()
    whose, link = held.execute(
        text(
            "SELECT organisation_id, integration_id FROM integration_tokens LIMIT 1 FOR NO KEY UPDATE"
        )
    ).one()

    def renew(_seconds: float) -> None:
        """Save what WHOOP answered, between two rounds."""
        fresh = Sealer([OLD]).seal("renewed", place=f"{whose}/{link}/access_token")
        held.execute(
            text("UPDATE integration_tokens SET access_token = :it WHERE integration_id = :link"),
            {"it": fresh, "link": link},
        )
        held.commit()

    # Its own clock alone: other threads of this process sleep too.
    monkeypatch.setattr("coach.keys.resealing.time", SimpleNamespace(sleep=renew))
    told = reseal(engine, Sealer([NEW, OLD]))
    assert told.busy == 0
    found = held.execute(
        text("SELECT access_token FROM integration_tokens WHERE integration_id = :link"),
        {"link": link},
    ).scalar_one()
    held.close()
    assert Sealer([NEW]).open(found, place=f"{whose}/{link}/access_token") == "renewed"


def test_a_value_that_changed_after_it_was_read_is_left_to_the_next_round(engine: Engine) -> None:
    column = SEALED[0]
    with engine.connect() as connection:
        row = next(rows_of(connection, column))[0]
        stale = {**row, "stored": "v1.00000000.changed"}
        assert resealing._write(connection, column, [(stale, "new")]) == 0  # noqa: SLF001
        assert resealing._write(connection, column, [(row, row["stored"])]) == 1  # noqa: SLF001


def test_a_row_that_does_not_open_is_named_and_stays(engine: Engine) -> None:
    stranger = Sealer([LocalKey(parse_key(new_key()))])
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE mfa SET secret = :it"), {"it": stranger.seal("x", place="elsewhere")}
        )
    told = reseal(engine, Sealer([NEW, OLD]))
    assert [each.partition(" ")[0] for each in told.unreadable] == ["mfa.secret"]
    assert set(uses(engine)) == {NEW.id, stranger.newest}


def test_the_command_says_when_the_old_key_may_go(
    engine: Engine, spare: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment_of(spare).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ENCRYPTION_KEYS", f"{NEW_TEXT},{OLD_TEXT}")
    said = CliRunner().invoke(coach, ["rotate-keys"], catch_exceptions=False)
    assert said.exit_code == 0, said.output
    assert f"newest={NEW.id}" in said.output
    assert "needed=\n" in said.output
    with engine.connect() as connection:
        assert list(connection.scalars(text("SELECT key_id FROM sealing_keys"))) == [NEW.id]


def test_no_process_starts_without_a_key_that_is_needed(engine: Engine, spare: Settings) -> None:
    for ring, starts in (([OLD], True), ([NEW, OLD], True), ([NEW], False), ([OLD], False)):
        settings = spare.model_copy()
        settings.__dict__["sealer"] = Sealer(ring)
        app = create_app(settings)
        with app.app_context():
            if starts:
                known.check()
            else:
                with pytest.raises(CannotStart, match="keys that are missing"):
                    known.check()
        close(app)
    assert engine
