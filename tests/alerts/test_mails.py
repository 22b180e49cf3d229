"""The morning mail and the nudge: once, without numbers, and only when there is something to say."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask

from coach.alerts import digest, due
from coach.alerts.models import Nudge
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.work import clock
from coach.work.models import Work, WorkState
from coach.work.perform import perform
from config import Settings
from tests.alerts.made import a_rule, look
from tests.cast import Cast, Somebody
from tests.critic import Critic
from tests.dashboard.mornings import ALL, LOW_HRV, lives

SEVEN_IN_BERLIN = datetime(2026, 6, 30, 5, 10, tzinfo=UTC)


def do_all(app: Flask, kind: str) -> None:
    """Do all open work of a kind, as the workers would."""
    with app.app_context():
        waiting = db.select(Work.id).where(Work.kind == kind, Work.state == WorkState.WAITING)
        ids = list(db.session.scalars(waiting))
        db.session.remove()
        for work_id in ids:
            perform(str(work_id))


def schedule(app: Flask, now: datetime) -> None:
    """Ask for mails as a scheduler does."""
    with app.app_context():
        due.ask_for_digests(now=now)


def letters_to(settings: Settings, who: Somebody) -> Iterator[str]:
    """Give the text of every mail to somebody."""
    folder: Path = settings.coach_home / "mail"
    for path in sorted(folder.glob("*")) if folder.exists() else ():
        for letter in path.read_text().replace("=\n", "").split("-" * 79):
            if f"To: {who.email}" in letter:
                yield letter


def test_two_schedulers_send_one_mail_without_a_number(
    app: Flask, settings: Settings, cast: Cast
) -> None:
    lives(app, cast.bea, LOW_HRV, *ALL)
    look(app, cast.ann, a_rule(app, cast.ann))
    with clock.stopped_at(SEVEN_IN_BERLIN):
        for _scheduler in range(2):
            schedule(app, SEVEN_IN_BERLIN)
            do_all(app, "alert_digest")
    (letter,) = letters_to(settings, cast.ann)
    assert "- Bea: HRV of single days far below usual; HRV of the week below own range" in letter
    assert "45" not in letter.partition("Hello")[2]
    assert "/dashboard/alerts" in letter


def test_no_mail_before_the_hour_and_none_when_nothing_is_new(
    app: Flask, settings: Settings, cast: Cast
) -> None:
    rule = a_rule(app, cast.ann)
    early = SEVEN_IN_BERLIN - timedelta(hours=1)
    with app.app_context(), acting_for(cast.ann.organisation_id):
        assert (
            digest.claim(rule, now=early) is None
        )  # nothing to say: the day is taken all the same
        db.session.commit()
    with clock.stopped_at(early):
        schedule(app, early)
    with app.app_context(), acting_for(cast.ann.organisation_id):
        mine = db.select(Work).where(Work.kind == "alert_digest", Work.subject_id == rule)
        assert db.session.scalars(mine).all() == []
    assert list(letters_to(settings, cast.ann)) == []


def test_a_mail_goes_to_nobody_about_what_is_not_shared_any_more(
    app: Flask, settings: Settings, cast: Cast
) -> None:
    lives(app, cast.bea, LOW_HRV, *ALL)
    look(app, cast.ann, a_rule(app, cast.ann))
    Critic.of(app).sign_in(cast.bea).post_form("/cabinet/sharing", {"share": []})
    with clock.stopped_at(SEVEN_IN_BERLIN):
        schedule(app, SEVEN_IN_BERLIN)
        do_all(app, "alert_digest")
    assert list(letters_to(settings, cast.ann)) == []


def test_who_goes_quiet_is_asked_once_and_chooses_the_pace(
    app: Flask, settings: Settings, cast: Cast
) -> None:
    later = datetime.now(UTC) + timedelta(days=5)  # the cast joined today
    rule = a_rule(app, cast.ann)
    Critic.of(app).sign_in(cast.carl).post_form("/cabinet/nudges", {"after_days": "0"})
    with clock.stopped_at(later):
        for _again in range(2):
            look(app, cast.ann, rule, now=later)
            do_all(app, "nudge")
        look(app, cast.ann, rule, now=later + timedelta(days=1))
        do_all(app, "nudge")
    (letter,) = letters_to(settings, cast.bea)
    assert "you need do nothing" in letter
    assert list(letters_to(settings, cast.carl)) == []
    with app.app_context(), acting_for(cast.bea.organisation_id):
        kept = db.select(Nudge).where(Nudge.client_id == cast.bea.client_id)
        assert db.session.scalars(kept).one().sent_at is not None
