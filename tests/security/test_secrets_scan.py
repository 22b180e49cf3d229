"""Marked secrets and marked words of a client's day: looked for wherever they must not be.

Secrets are in no log (DEBUG of every library included), no queue, no dump of the database and no
error page, in plain text. What a client says stands behind a wall in the dump, and nowhere else.
"""

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from coach.database.base import Base
from coach.database.tenancy import acting_for
from coach.database.walls import GLOBAL_TABLES
from coach.extensions import db, sealer, settings
from coach.whoop.models import IntegrationTokens
from coach.work import dispatch
from tests.accounts.test_second_factor import switch_on
from tests.api.test_token_page import made_by
from tests.cast import PASSWORD, Cast
from tests.critic import Critic
from tests.security.conftest import Invite, invite
from tests.whoop.conftest import Linker, SimulatedWhoop, linked_app, linker, whoop
from tests.whoop.walk import allow_at

__all__ = ["invite", "linked_app", "linker", "whoop"]  # fixtures

SAID = "I slept badly, said the marked canary"
Figures = Callable[[str, object], None]


@dataclass
class Planted:
    """What was planted: secrets, by what they are, and what a client said."""

    secrets: dict[str, str] = field(default_factory=dict)
    said: str = SAID


@pytest.fixture
def everything_is_heard(linker: Linker, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Let every library talk as much as it can; of the database, every statement."""
    caplog.set_level(logging.DEBUG)
    for name in ("authlib", "rq.worker", "urllib3", "httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, logger=name)
    with linker.app.app_context():
        engine = db.engine
    engine.echo = True
    yield
    engine.echo = False


@pytest.fixture
def planted(linker: Linker, whoop: SimulatedWhoop, cast: Cast, invite: Invite) -> Planted:
    """Link, sync, type, invite and make tokens, and gather every secret on the way."""
    app, found = linker.app, Planted()
    bea = Critic.of(app).sign_in(cast.bea)
    leaving = bea.post_form("/cabinet/whoop/connect", {"agree": "yes"})
    back = allow_at(whoop.origin, leaving.text, "mara")
    asked = parse_qs(urlsplit(back).query)
    found.secrets |= {"code": asked["code"][0], "state": asked["state"][0]}
    bea.get(back)
    bea.post_form("/cabinet/check-in", {"sleep": "2", "note": SAID, "version": "0"})
    bea.post_form(
        "/cabinet/days/2026-05-14/fields/notes", {"do": "set", "value": SAID, "seen": "0"}
    )
    linker.work(cast.bea.organisation_id)
    _phone, codes = switch_on(bea)
    link = invite(f"guest-{cast.ann.user_id}@example.org")
    found.secrets |= _of_whoop(app, cast) | _of_installation(app)
    found.secrets |= {
        "API token": made_by(Critic.of(app).sign_in(cast.carl)),
        "recovery code": codes[0],
        "invitation": link.rpartition("/")[2],
        "password": PASSWORD,
        "session": _session(bea),
    }
    return found


@pytest.mark.usefixtures("everything_is_heard")
def test_no_secret_and_nothing_said_is_found_where_it_must_not_be(
    linker: Linker,
    planted: Planted,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    record_property: Figures,
) -> None:
    pages = _error_pages(linker.app, planted)
    places = {
        "logs": capsys.readouterr().out + "\n".join(map(logging.Formatter().format, _ours(caplog))),
        "error pages": pages,
        "queue": _queue(linker.app),
        "dump": _dump(linker.app, sorted(Base.metadata.tables)),
    }
    said_nowhere = {**places, "dump": _dump(linker.app, sorted(GLOBAL_TABLES))}
    found = [
        f"{what} in {place}"
        for what, secret in planted.secrets.items()
        for place, text_there in places.items()
        if secret in text_there
    ]
    found += [f"what was said in {place}" for place, it in said_nowhere.items() if SAID in it]
    record_property("hostile", {"canaries": len(planted.secrets) + 1, "canaries found": len(found)})
    assert found == []
    assert all(len(it) > 100 for it in places.values()), "nothing was looked through"
    assert SAID in _dump(linker.app, ["check_ins"])  # or it was never planted


def _of_whoop(app: Flask, cast: Cast) -> dict[str, str]:
    with app.app_context(), acting_for(cast.bea.organisation_id):
        row = db.session.scalars(db.select(IntegrationTokens)).one()
        place = f"{row.organisation_id}/{row.integration_id}"
        found = {
            name: sealer().open(getattr(row, name) or "", place=f"{place}/{name}")
            for name in ("access_token", "refresh_token")
        }
        db.session.remove()
    return found


def _of_installation(app: Flask) -> dict[str, str]:
    with app.app_context():
        known = settings()
        return {
            "WHOOP client secret": str(known.whoop_client_secret.get_secret_value()),
            "SECRET_KEY": known.required_secret_key,
        }


def _session(browser: Critic) -> str:
    cookie = browser.get_cookie("coach")
    assert cookie
    return cookie.value


def _ours(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """Leave out the simulated WHOOP and the test's own browser, which know these secrets rightly."""
    return [
        each
        for each in caplog.records
        if not each.name.startswith(("werkzeug", "httpx", "httpcore"))
    ]


def _error_pages(app: Flask, planted: Planted) -> str:
    """Ask with everything that was planted for pages that are not there, or refuse."""
    browser, seen = Critic.of(app), ""
    for secret in (*planted.secrets.values(), planted.said):
        for path in ("/absent", "/reset/absent", "/invitations/absent", "/sign-in"):
            seen += browser.get(path, query_string={"x": secret}).text
        seen += browser.post("/sign-in", data={"email": secret, "password": secret}).text
        wrong = {"Authorization": f"Bearer {secret}x"}
        seen += browser.get("/api/v1/clients", headers=wrong).text
    return re.sub(r'value="[^"]*"', "", seen)


def _queue(app: Flask) -> str:
    """Read all that the queue holds, once what is due was put into it."""
    redis = app.extensions["redis"]
    with app.app_context():
        dispatch.dispatch(redis)
        db.session.remove()
    return "".join(_value(redis, key) for key in redis.scan_iter())


def _value(redis: object, key: bytes) -> str:
    return f"{key!r} {redis.dump(key)!r}\n"  # type: ignore[attr-defined]


def _dump(app: Flask, tables: list[str]) -> str:
    engine = create_engine(str(app.config["SETTINGS"].migration_database_url))
    with engine.connect() as connection:
        rows = [
            row
            for table in tables
            for row in connection.scalars(text(f"SELECT CAST(t AS text) FROM {table} t"))
        ]
    engine.dispose()
    return "\n".join(rows)
