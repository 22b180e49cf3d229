"""PgBouncer in transaction mode: walls hold, whoever's connection a transaction is given."""

import os
import pwd
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.pool import NullPool

from coach.accounts.models import Client
from coach.app import create_app
from coach.database.tenancy import acting_for
from coach.extensions import db
from config import Settings
from tests.cast import Cast
from tests.conftest import close
from tests.critic import Critic
from tests.processes.stage import free_port, wait_until

PGBOUNCER = shutil.which("pgbouncer") or ""
CONFIGURATION = Path(__file__).parents[2] / "docs" / "deploy" / "pgbouncer" / "pgbouncer.ini"
ROUNDS, THREADS = 60, 8

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PGBOUNCER, reason="pgbouncer is not installed"),
]


@pytest.fixture(scope="module")
def pooler(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run our own configuration before the database of the tests, with two connections for all."""
    folder, port = tmp_path_factory.mktemp("pooler"), free_port()
    url = make_url(str(settings.database_url))
    (folder / "userlist.txt").write_text(f'"{url.username}" "{url.password}"\n')
    said = CONFIGURATION.read_text()
    for before, after in {
        "host=127.0.0.1 port=5432 dbname=coach": f"host={place(settings)} dbname={url.database}",
        "coach = ": f"{url.database} = ",
        "listen_port = 6432": f"listen_port = {port}\nunix_socket_dir =",
        "/etc/pgbouncer/userlist.txt": str(folder / "userlist.txt"),
        "default_pool_size = 20": "default_pool_size = 2",
    }.items():
        assert before in said
        said = said.replace(before, after)
    (folder / "pgbouncer.ini").write_text(said)
    server = subprocess.Popen(  # type: ignore[call-overload]  # noqa: S603  # the words are our own
        [PGBOUNCER, "-q", str(folder / "pgbouncer.ini")], **unprivileged(folder)
    )
    yield port
    server.terminate()
    server.wait(10)


def place(settings: Settings) -> str:
    url = make_url(str(settings.database_url))
    return f"{url.query.get('host') or url.host} port={url.port or url.query.get('port') or 5432}"


def unprivileged(folder: Path) -> dict[str, object]:
    """PgBouncer does not run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("postgres")
    for path in (folder, *folder.iterdir()):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    for parent in list(folder.parents)[:2]:
        parent.chmod(0o755)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@pytest.fixture(scope="module")
def pooled(settings: Settings, pooler: int) -> Iterator[Flask]:
    url = make_url(str(settings.database_url))
    through = url.set(host="127.0.0.1", port=pooler, query={}).render_as_string(hide_password=False)
    made = create_app(
        settings.model_copy(update={"database_url": through, "database_pooler": True})
    )
    made.testing = False
    wait_until(lambda: Critic.of(made).get("/readyz").status_code == 200, what="the pooler")
    yield made
    close(made)


def test_two_connections_serve_many_transactions_and_nobody_sees_anothers(
    pooled: Flask, cast: Cast
) -> None:
    seen: dict[UUID, set[UUID]] = {who.organisation_id: set() for who in (cast.ann, cast.zoe)}
    backends: set[int] = set()

    def look(number: int) -> None:
        with pooled.app_context():
            for turn in range(ROUNDS):
                organisation = list(seen)[(number + turn) % 2]
                with acting_for(organisation):
                    seen[organisation] |= set(db.session.scalars(select(Client.organisation_id)))
                    backends.add(db.session.scalar(text("SELECT pg_backend_pid()")) or 0)
                    db.session.commit()
            db.session.remove()

    threads = [threading.Thread(target=look, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {organisation: {organisation} for organisation in seen}
    assert len(backends) <= 2


def test_who_acts_for_nobody_sees_nothing_after_others_were_served(
    pooled: Flask, cast: Cast
) -> None:
    with pooled.app_context():
        for organisation in (cast.ann.organisation_id, cast.zoe.organisation_id) * 5:
            with acting_for(organisation):
                assert db.session.scalars(select(Client.id)).all()
                db.session.commit()
            assert db.session.scalars(select(Client.id)).all() == []
            db.session.commit()
        db.session.remove()


def test_pages_work_and_no_statement_is_prepared(pooled: Flask, cast: Cast) -> None:
    browser = Critic.of(pooled).sign_in(cast.ann)
    for _ in range(15):  # the driver prepares what it has sent five times
        assert browser.get("/dashboard").status_code == 200
    with pooled.app_context():
        prepared = db.session.scalar(text("SELECT count(*) FROM pg_prepared_statements"))
        db.session.remove()
    assert prepared == 0


def test_a_rolled_back_transaction_leaves_nobody_behind(pooled: Flask, cast: Cast) -> None:
    with pooled.app_context():
        with acting_for(cast.ann.organisation_id):
            db.session.scalars(select(Client.id)).all()
            db.session.rollback()
        assert db.session.scalar(text("SELECT current_setting('app.organisation_id', true)")) in {
            "",
            None,
        }
        db.session.remove()


def test_the_owner_goes_past_the_pooler(settings: Settings) -> None:
    engine = create_engine(str(settings.migration_database_url), poolclass=NullPool)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM clients")) is not None
