"""Two periods side by side."""

from flask import Flask

from coach.accounts.models import FieldGroup
from coach.work import clock
from tests.cast import Cast
from tests.critic import Critic
from tests.dashboard.mornings import ALL, LOW_HRV, lives
from tests.dashboard.test_roster import MOST_STATEMENTS, counted
from tests.insights.lives import NOON

WEEKS = "from=2026-06-24&to=2026-06-30&with_from=2026-03-01&with_to=2026-04-09"


def page(app: Flask, cast: Cast, asked: str = WEEKS) -> str:
    with clock.stopped_at(NOON):
        coach = Critic.of(app).sign_in(cast.ann)
        return coach.get(f"/dashboard/clients/{cast.bea.client_id}/comparison?{asked}").text


def test_any_two_periods_stand_side_by_side_with_days_and_gaps(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, LOW_HRV, *ALL)
    text = page(app, cast)
    assert "45\N{NO-BREAK SPACE}ms" in text
    assert "7 days" in text
    assert "0 of 7 days without data" in text
    assert "22 of 40 days without data" in text  # its first 100 days begin on 23 March
    assert "\N{MINUS SIGN}17\N{NO-BREAK SPACE}ms" in text


def test_nonsense_falls_back_to_the_days_before(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, LOW_HRV, *ALL)
    text = page(app, cast, "from=x&to=&with_from=2026-13-01&with_to=y")
    assert 'value="2026-06-30"' in text


def test_what_is_not_shared_is_not_compared(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, LOW_HRV, FieldGroup.SLEEP)
    text = page(app, cast)
    assert "45\N{NO-BREAK SPACE}ms" not in text
    assert "Not shared with you:" in text


def test_statements_stay_few(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, LOW_HRV, *ALL)
    coach = Critic.of(app).sign_in(cast.ann)
    with counted(app) as sent:
        coach.get(f"/dashboard/clients/{cast.bea.client_id}/comparison")
    assert len(sent) <= MOST_STATEMENTS + 3, sent  # two periods are read, one after the other
