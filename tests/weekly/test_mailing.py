"""The Monday e-mail: to whom, when, how often, and what is not in it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask_mailman import EmailMessage
from sqlalchemy import select

from coach.accounts.models import Organisation
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.weekly import mailing
from coach.work import clock
from coach.work.models import Work
from coach.work.perform import perform
from tests.cast import Cast, Somebody
from tests.critic import Critic
from tests.dashboard.mornings import ALL, lives
from tests.insights.lives import NOON, Made
from tests.weekly.test_pages import LOW

MONDAY = datetime(2026, 6, 29, 8, tzinfo=UTC)  # seven has passed everywhere in Europe


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> list[EmailMessage]:
    """Catch every mail."""
    sent: list[EmailMessage] = []
    monkeypatch.setattr("coach.mail.EmailMessage.send", _into(sent))
    return sent


def _into(sent: list[EmailMessage]) -> Callable[[EmailMessage], None]:
    def send(letter: EmailMessage) -> None:
        sent.append(letter)

    return send


def switch_on(app: Flask, who: Somebody, at: datetime = MONDAY - timedelta(days=3)) -> None:
    with clock.stopped_at(at):
        Critic.of(app).sign_in(who).post_form("/dashboard/weeks/mail", {"on": "1"})


def monday(app: Flask, who: Somebody, at: datetime = MONDAY) -> None:
    """Let a scheduler and a worker have their turn."""
    with app.app_context(), clock.stopped_at(at):
        mailing.ask_where_due(now=at)
        mine = select(Work.id).where(Work.subject_id == who.membership_id, Work.state == "waiting")
        ids = list(db.session.scalars(mine))
        db.session.remove()
        for work_id in ids:
            perform(str(work_id))


def test_nobody_gets_a_mail_without_asking(
    app: Flask, cast: Cast, letters: list[EmailMessage]
) -> None:
    lives(app, cast.bea, LOW, *ALL)
    monday(app, cast.ann)
    assert not letters


def test_one_mail_a_week_however_often_schedulers_ask(
    app: Flask, cast: Cast, letters: list[EmailMessage]
) -> None:
    lives(app, cast.bea, LOW, *ALL)
    switch_on(app, cast.ann)
    for _ in range(3):
        monday(app, cast.ann)
    assert len(letters) == 1
    monday(app, cast.ann, MONDAY + timedelta(days=7))
    assert len(letters) == 2


def test_the_mail_holds_counts_and_neither_names_nor_values(
    app: Flask, cast: Cast, letters: list[EmailMessage]
) -> None:
    lives(app, cast.bea, LOW, *ALL)
    switch_on(app, cast.ann)
    monday(app, cast.ann)
    (letter,) = letters
    assert letter.to == [cast.ann.email]
    body = letter.body
    assert "1 client of 2 lies outside their own usual" in body
    assert "http://localhost/dashboard/weeks/2026-W26" in body
    for kept in ("Bea", "45", "HRV", "ms"):
        assert kept not in body.replace("2026-W26", "").replace("terms", "")


def test_a_calm_week_brings_no_mail(app: Flask, cast: Cast, letters: list[EmailMessage]) -> None:
    lives(app, cast.bea, Made(), *ALL)
    switch_on(app, cast.ann)
    monday(app, cast.ann)
    assert not letters


def test_switched_off_before_the_worker_came_there_is_none(
    app: Flask, cast: Cast, letters: list[EmailMessage]
) -> None:
    lives(app, cast.bea, LOW, *ALL)
    switch_on(app, cast.ann)
    with app.app_context():
        mailing.ask_where_due(now=MONDAY)
        db.session.remove()
    with clock.stopped_at(MONDAY):
        Critic.of(app).sign_in(cast.ann).post_form("/dashboard/weeks/mail", {"on": "0"})
    monday(app, cast.ann)
    assert not letters


@pytest.mark.parametrize(("hour", "letters_sent"), [(6, 0), (7, 1)])
def test_it_is_seven_where_the_organisation_is(
    app: Flask, cast: Cast, letters: list[EmailMessage], hour: int, letters_sent: int
) -> None:
    lives(app, cast.bea, LOW, *ALL)
    with app.app_context(), acting_for(cast.ann.organisation_id):
        found = db.session.get(Organisation, cast.ann.organisation_id)
        assert found
        found.timezone = "America/New_York"
        db.session.commit()
        db.session.remove()
    switch_on(app, cast.ann)
    monday(app, cast.ann, datetime(2026, 6, 29, hour + 4, 30, tzinfo=UTC))
    assert len(letters) == letters_sent


def test_switched_on_in_the_middle_of_a_week_the_next_monday_is_the_first(
    app: Flask, cast: Cast, letters: list[EmailMessage]
) -> None:
    lives(app, cast.bea, LOW, *ALL)
    switch_on(app, cast.ann, NOON)
    monday(app, cast.ann, NOON)
    assert not letters
