"""Alerts in the database: raised once, kept, ended; for those alone who may know."""

from datetime import timedelta

from flask import Flask

from coach.accounts.models import FieldGroup, Role, User
from coach.accounts.people import add_member, assign, client_of_user
from coach.alerts import acting, due, reading
from coach.alerts.models import AlertRule, AlertState
from coach.check_ins.models import DayTag, TagKind
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.ids import new_id
from coach.insights import refresh
from coach.work.models import Work
from coach.work.perform import perform
from tests.alerts.made import a_rule, alerts_of, look
from tests.cast import Cast, Somebody
from tests.check_ins.test_check_ins import viewer_of
from tests.critic import Critic
from tests.dashboard.mornings import ALL, LOW_HRV, lives, says
from tests.dashboard.test_roster import counted
from tests.insights.lives import NOON, TODAY

TOMORROW = NOON + timedelta(days=1)


def signs(app: Flask, coach: Somebody) -> list[tuple[str, str]]:
    return [(each.signal, each.state) for each in alerts_of(app, coach)]


def test_a_low_week_raises_one_alert_however_often_it_is_looked_at(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, LOW_HRV, *ALL)
    rule = a_rule(app, cast.ann)
    look(app, cast.ann, rule)
    first = alerts_of(app, cast.ann)
    look(app, cast.ann, rule)
    assert [each.id for each in first] == [each.id for each in alerts_of(app, cast.ann)]
    week = next(each for each in first if each.signal == "hrv_week")
    assert (week.client_id, week.date, week.field_group) == (cast.bea.client_id, TODAY, "recovery")
    assert week.evidence["dates"]
    assert all(each.state == AlertState.OPEN for each in first)


def test_nobody_is_told_of_what_is_not_shared_and_taking_it_back_hides_it_at_once(
    app: Flask, cast: Cast
) -> None:
    lives(app, cast.bea, LOW_HRV, FieldGroup.SLEEP)
    rule = a_rule(app, cast.ann)
    look(app, cast.ann, rule)
    assert signs(app, cast.ann) == []
    lives(app, cast.bea, None, FieldGroup.RECOVERY)
    look(app, cast.ann, rule)
    assert ("hrv_week", "open") in signs(app, cast.ann)
    coach = Critic.of(app).sign_in(cast.ann)
    assert "HRV below own range" in coach.get("/dashboard/alerts").text
    Critic.of(app).sign_in(cast.bea).post_form("/cabinet/sharing", {"share": ["sleep"]})
    assert "HRV below own range" not in coach.get("/dashboard/alerts").text
    look(app, cast.ann, rule)
    assert {state for _, state in signs(app, cast.ann)} == {"ended"}


def test_a_tagged_day_raises_nothing_and_ends_what_was_raised(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, LOW_HRV, *ALL)
    rule = a_rule(app, cast.ann)
    look(app, cast.ann, rule)
    assert signs(app, cast.ann)
    says(app, cast.bea, DayTag(kind=TagKind.ILL, first_date=TODAY))
    look(app, cast.ann, rule)
    assert {state for _, state in signs(app, cast.ann)} == {"ended"}


def test_what_was_seen_stays_seen_and_what_was_put_off_comes_back(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, LOW_HRV, *ALL)
    rule = a_rule(app, cast.ann, signals=["hrv_week", "hrv_day"])
    look(app, cast.ann, rule)
    ann = viewer_of(cast.ann)
    with app.app_context(), acting_for(cast.ann.organisation_id):
        day, week = alerts_of(app, cast.ann)
        acting.acknowledge(reading.one_or_404(ann, day.id), by=ann)
        acting.snooze(reading.one_or_404(ann, week.id), TODAY + timedelta(days=1), by=ann)
        db.session.commit()
    look(app, cast.ann, rule)
    assert signs(app, cast.ann) == [("hrv_day", "acknowledged"), ("hrv_week", "snoozed")]
    with app.app_context(), acting_for(cast.ann.organisation_id):
        assert cast.bea.client_id
        refresh.refresh(cast.bea.client_id, now=TOMORROW)
        db.session.commit()
    look(app, cast.ann, rule, now=TOMORROW)
    assert ("hrv_week", "open") in signs(app, cast.ann)


def test_work_is_asked_where_something_changed_and_every_coach_has_a_rule(
    app: Flask, cast: Cast
) -> None:
    lives(app, cast.bea, LOW_HRV, *ALL)
    with app.app_context():
        assert due.ask_where_due(now=NOON) > 0
    with app.app_context(), acting_for(cast.ann.organisation_id):
        (rule,) = db.session.scalars(
            db.select(AlertRule.id).where(AlertRule.coach_id == cast.ann.membership_id)
        )
        (work,) = db.session.scalars(
            db.select(Work.id).where(Work.kind == "alerts", Work.subject_id == rule)
        )
        db.session.remove()
        perform(str(work))
    with app.app_context(), acting_for(cast.ann.organisation_id):
        looked = db.select(AlertRule.looked_at).where(AlertRule.id == rule)
        assert db.session.scalars(looked).one() is not None


def test_as_many_statements_for_many_clients_as_for_few(app: Flask, cast: Cast) -> None:
    for who in (cast.bea, cast.carl):
        lives(app, who, LOW_HRV, *ALL)
    rule = a_rule(app, cast.ann)
    with counted(app) as few:
        look(app, cast.ann, rule)
    many_clients(app, cast.ann, 50)
    with counted(app) as many:
        look(app, cast.ann, rule)
    # Going on is one statement in place of one that raises.
    assert len(many) <= len(few) + 1
    assert len(many) <= 16


def many_clients(app: Flask, coach: Somebody, number: int) -> None:
    with app.app_context(), acting_for(coach.organisation_id):
        for one in range(number):
            user = User(id=new_id(), email=f"m-{one}-{coach.user_id}@example.org")
            db.session.add(user)
            db.session.flush()
            add_member(user, name=f"Client {one:02}", role=Role.CLIENT)
            client = client_of_user(user.id)
            assert client
            assign(client_id=client.id, coach_id=coach.membership_id, by=None)
        db.session.commit()
        db.session.remove()
