"""Why nothing new arrives from WHOOP, as a code by which a front end can act."""

import pytest

from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.whoop.apps import installation_app
from coach.whoop.grant import app_health
from coach.whoop.models import Integration
from coach.work.models import Work
from tests.api.conftest import Program, a_token
from tests.cast import Cast
from tests.whoop.conftest import Linker, linked_app, linker, whoop

__all__ = ["linked_app", "linker", "whoop"]


@pytest.fixture
def bea(linker: Linker, cast: Cast) -> Program:
    """Give the program of Bea, who is linked, and whose sync waits."""
    linker.link(cast.bea, "mara")
    made = Program(linker.app.test_client(use_cookies=False), a_token(linker.app, cast.bea))
    assert told(made) == ("syncing", None)
    put_off(linker, cast, "Unavailable")
    return made


def put_off(linker: Linker, cast: Cast, why: str) -> None:
    with linker.app.app_context():
        mine = (Work.organisation_id == cast.bea.organisation_id, Work.kind == "whoop_sync")
        db.session.execute(db.update(Work).where(*mine).values(error=why))
        db.session.commit()
        db.session.remove()


def told(bea: Program) -> tuple[str, str | None]:
    said = bea.get("/clients/me/whoop").json
    assert (said["retry_at"] is not None) == (said["status"] == "waiting")
    return said["status"], said["cause"]


def test_what_passes_by_itself_is_told_from_what_does_not(
    linker: Linker, cast: Cast, bea: Program
) -> None:
    assert told(bea) == ("waiting", "not_reached")
    put_off(linker, cast, "SlowDown")
    assert told(bea) == ("waiting", "limit_reached")
    with linker.app.app_context(), acting_for(cast.bea.organisation_id):
        db.session.execute(db.update(Integration).values(status="reconnect_needed"))
        db.session.commit()
    assert told(bea) == ("reconnect", "grant_ended")


def test_an_installation_that_whoop_refuses_is_named_as_such(linker: Linker, bea: Program) -> None:
    with linker.app.app_context():
        app_health.close(installation_app())
    assert told(bea) == ("waiting", "app_refused")
    with linker.app.app_context():
        app_health.open_again(installation_app())
    assert told(bea) == ("waiting", "not_reached")
