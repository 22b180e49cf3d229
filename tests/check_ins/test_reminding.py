"""One mail at the client's hour, only when asked for and only while the check-in is open."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from coach.check_ins import reminding
from coach.extensions import db
from coach.work.leases import now
from coach.work.models import Work, WorkState
from coach.work.perform import perform
from config import Settings
from tests.cast import Cast, Somebody
from tests.critic import Critic


def _due(app: Flask, who: Somebody, *, at: datetime | None = None) -> list[str]:
    """Let two schedulers ask; the open work of one client."""
    with app.app_context():
        for _ in range(2):
            reminding.ask_where_due(now=at or now())
        mine = (Work.kind == reminding.SEND.name, Work.subject_id == who.client_id)
        found = db.select(Work.id).where(*mine, Work.state == WorkState.WAITING)
        ids = [str(each) for each in db.session.scalars(found)]
        db.session.remove()
    return ids


def _do(app: Flask, work: list[str]) -> None:
    with app.app_context():
        for each in work:
            perform(each)


def _letters_to(settings: Settings, who: Somebody) -> int:
    folder = settings.coach_home / "mail"
    texts = [path.read_text() for path in folder.iterdir()] if folder.exists() else []
    return sum(text.count(f"To: {who.email}") for text in texts)


def _ask_to_be_reminded(app: Flask, who: Somebody) -> Critic:
    client = Critic.of(app).sign_in(who)
    hour = datetime.now(ZoneInfo("Europe/Berlin")).hour
    client.post_form("/cabinet/check-in/reminder", {"hour": str(hour)})
    return client


def test_it_is_one_mail_whatever_the_number_of_schedulers(
    app: Flask, settings: Settings, cast: Cast
) -> None:
    _ask_to_be_reminded(app, cast.bea)
    work = _due(app, cast.bea)
    assert len(work) == 1
    _do(app, [*work, *work])
    assert _letters_to(settings, cast.bea) == 1
    assert _due(app, cast.bea) == [], "reminded today already"
    assert _letters_to(settings, cast.carl) == 0, "off unless asked for"


def test_who_answers_meanwhile_gets_no_mail(app: Flask, settings: Settings, cast: Cast) -> None:
    client = _ask_to_be_reminded(app, cast.bea)
    work = _due(app, cast.bea)
    client.post_form("/cabinet/check-in", {"mood": "7"})
    _do(app, work)
    assert _letters_to(settings, cast.bea) == 0
    assert _due(app, cast.bea) == []


@pytest.mark.parametrize("typed", ["", "24", "-1", "noon"])
def test_no_hour_is_no_reminder(app: Flask, cast: Cast, typed: str) -> None:
    client = _ask_to_be_reminded(app, cast.bea)
    client.post_form("/cabinet/check-in/reminder", {"hour": typed})
    assert _due(app, cast.bea) == []
