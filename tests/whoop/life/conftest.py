"""Lives to begin, and a postbox to look into."""

import pytest
from flask import Flask
from sqlalchemy import delete

from coach import mail
from coach.extensions import db
from coach.whoop.grant.models import AppStanding, TokenCall
from coach.whoop.models import WhoopLink
from tests.cast import Somebody
from tests.whoop.conftest import Linker
from tests.whoop.life.living import Begin, Life, Post


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    made = Post()
    monkeypatch.setattr(mail, "send", made)
    return made


@pytest.fixture(autouse=True)
def _nothing_was_tried(linked_app: Flask) -> None:
    """What other tests tried with this app, and linked, is no business of ours."""
    with linked_app.app_context():
        for table in (TokenCall, AppStanding, WhoopLink):
            db.session.execute(delete(table))
        db.session.commit()
        db.session.remove()


@pytest.fixture
def life(linker: Linker) -> Begin:
    def begun(who: Somebody, member: str) -> Life:
        linker.link(who, member)
        made = Life(linker, who)
        made.work()
        return made

    return begun
