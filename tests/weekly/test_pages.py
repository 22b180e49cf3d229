"""The weekly pages with a real database: what each reader sees, says and is refused."""

from datetime import timedelta

import pytest
from flask import Flask

from coach.accounts.models import FieldGroup, Membership, Role, User
from coach.accounts.people import add_member, assign, client_of_user
from coach.check_ins.models import CheckIn, DayTag, TagKind
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.ids import new_id
from coach.weekly.models import WeeklyPlan
from coach.work import clock
from tests.cast import Cast, Somebody
from tests.critic import Critic
from tests.dashboard.mornings import ALL, lives, says
from tests.dashboard.test_roster import counted
from tests.insights.lives import NOON, Made
from tests.weekly.weeks import OVER, run

LOW = Made({"hrv": run("hrv", *[45.0] * 7)})
GAPS = Made(
    {
        name: run(name, *[values] * 1, None, None, *[values] * 4)
        for name, values in {
            "hrv": 62.0,
            "resting_heart_rate": 50.0,
            "sleep_hours": 7.7,
            "strain": 11.0,
        }.items()
    }
)
GROUP = f"/dashboard/weeks/{OVER}"


@pytest.fixture(autouse=True)
def _noon() -> object:
    with clock.stopped_at(NOON):
        yield


def week_of(who: Somebody) -> str:
    return f"/dashboard/clients/{who.client_id}/weeks/{OVER}"


def test_the_week_is_held_against_the_own_range(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, LOW, *ALL)
    page = Critic.of(app).sign_in(cast.ann).get(week_of(cast.bea)).text
    assert "Week 26" in page
    assert "HRV, mean of the week: 45\N{NO-BREAK SPACE}ms, below own range" in page
    assert "7 of 7" in page
    assert "own range 61 to 63 ms" in page


def test_two_coaches_plans_outlive_their_accounts(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, LOW, *ALL)
    with app.app_context(), acting_for(cast.bea.organisation_id):
        for who in (cast.ann, cast.carla):
            db.session.add(
                WeeklyPlan(
                    organisation_id=who.organisation_id,
                    coach_id=who.membership_id,
                    client_id=cast.bea.client_id,
                    monday=OVER.monday,
                    text=f"plan of {who.email}",
                )
            )
        db.session.flush()
        gone = [cast.ann.membership_id, cast.carla.membership_id]
        db.session.execute(db.delete(Membership).where(Membership.id.in_(gone)))
        db.session.commit()
    page = Critic.of(app).sign_in(cast.bea).get(f"/cabinet/weeks/{OVER}").text
    assert page.count("plan of") == 2
    assert page.count("a coach who has left") == 2


def test_gaps_are_said_with_their_days(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, GAPS, *ALL)
    page = Critic.of(app).sign_in(cast.ann).get(week_of(cast.bea)).text
    assert "No data on Tue, Wed: WHOOP is not linked" in page
    assert "5 of 7" in page


def test_only_what_is_shared_is_shown_and_the_rest_said_so(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, LOW, FieldGroup.SLEEP)
    says(app, cast.bea, DayTag(kind=TagKind.ILL, first_date=OVER.monday, last_date=OVER.monday))
    coach = Critic.of(app).sign_in(cast.ann)
    page, row = coach.get(week_of(cast.bea)).text, coach.get(GROUP).text
    assert "Sleep a night" in page
    for hidden in ("below own range", "Ill", "Hooper", "45"):
        assert f">{hidden}<" not in page
    assert "Not shared with you:" in page
    assert "not shared" in row
    assert "Ill" not in row


def test_who_shares_nothing_is_not_said_to_have_gaps(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, LOW)
    page = Critic.of(app).sign_in(cast.ann).get(week_of(cast.bea)).text
    assert "shares nothing with you yet" in page
    assert "no data on" not in page.lower()


def test_a_calm_week_says_so(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, Made(), *ALL)
    coach = Critic.of(app).sign_in(cast.ann)
    assert "Nothing stood out" in coach.get(week_of(cast.bea)).text
    assert "Nothing to say" in coach.get(GROUP).text


def test_the_client_reads_what_is_to_be_watched(app: Flask, cast: Cast) -> None:
    coach = Critic.of(app).sign_in(cast.ann)
    text = "Easy runs only <b>\r\nand sleep"
    assert coach.post_form(f"{week_of(cast.bea)}/plan", {"text": text}).status_code == 303
    coach.post_form(f"{GROUP}/plan", {"text": "Drink enough"})
    bea, carl = (Critic.of(app).sign_in(who) for who in (cast.bea, cast.carl))
    own = bea.get(f"/cabinet/weeks/{OVER}").text
    assert "Easy runs only &lt;b&gt;" in own
    assert "Drink enough" in own
    others = carl.get(f"/cabinet/weeks/{OVER}").text
    assert "Easy runs" not in others
    assert "Drink enough" in others
    coach.post_form(f"{week_of(cast.bea)}/plan", {"text": " "})
    assert "Easy runs" not in bea.get(f"/cabinet/weeks/{OVER}").text


def test_an_owner_who_coaches_nobody_reads_and_does_not_write(app: Flask, cast: Cast) -> None:
    owner = Critic.of(app).sign_in(cast.olga)
    assert "<textarea" not in owner.get(week_of(cast.bea)).text
    assert owner.post_form(f"{week_of(cast.bea)}/plan", {"text": "x"}).status_code == 404


def test_a_week_too_far_ahead_or_no_week_is_not_there(app: Flask, cast: Cast) -> None:
    coach = Critic.of(app).sign_in(cast.ann)
    assert coach.get("/dashboard/weeks/2026-W28").status_code == 200
    assert "has not begun" in coach.get(week_of(cast.bea).replace(str(OVER), "2026-W28")).text
    for week in ("2026-W29", "2026-W00", "x", "mail"):
        assert coach.get(f"/dashboard/weeks/{week}").status_code == 404
    assert coach.get(GROUP + "?group=x").status_code == 404
    assert "No clients here" in coach.get(GROUP + f"?group={new_id()}").text


def test_check_ins_mood_and_tags_are_part_of_the_week(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, Made(), *ALL)
    for step in range(4):
        day = OVER.monday + timedelta(days=step)
        says(app, cast.bea, CheckIn(date=day, sleep=2, stress=2, fatigue=3, soreness=2))
    says(app, cast.bea, DayTag(kind=TagKind.TRAVELLING, first_date=OVER.last))
    page = Critic.of(app).sign_in(cast.bea).get(f"/cabinet/weeks/{OVER}").text
    assert "9.0 of 28" in page
    assert "Travelling" in page


def test_the_same_number_of_statements_for_two_and_for_fifty(app: Flask, cast: Cast) -> None:
    coach = Critic.of(app).sign_in(cast.ann)
    coach.get(GROUP)
    with counted(app) as few:
        coach.get(GROUP)
    crowd(app, cast, 50)
    with counted(app) as many:
        assert "Client 49" in coach.get(GROUP).text
    assert len(many) == len(few) <= 16, many
    with counted(app) as one:
        coach.get(week_of(cast.bea))
    assert len(one) <= 14, one


def crowd(app: Flask, cast: Cast, people: int) -> None:
    with app.app_context(), acting_for(cast.ann.organisation_id):
        for number in range(people):
            user = User(id=new_id(), email=f"week-{number}-{cast.ann.user_id}@example.org")
            db.session.add(user)
            db.session.flush()
            add_member(user, name=f"Client {number:02}", role=Role.CLIENT)
            client = client_of_user(user.id)
            assert client
            assign(client_id=client.id, coach_id=cast.ann.membership_id, by=None)
        db.session.commit()
        db.session.remove()
