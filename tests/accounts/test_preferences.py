"""What people prefer really shows, and the database keeps SI."""

import re
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import text

from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.web import units
from coach.web.filters import metric_difference, metric_value, week_column
from coach.web.labels import METRIC_WORDS
from coach.web.metric_help import METRIC_HELP
from coach.web.taste import EnergyUnit, Taste, Theme, Units, follow
from tests.cast import Cast, Somebody
from tests.critic import Critic

CHOSEN = {
    "locale": "",
    "timezone": "Europe/Berlin",
    "units": "metric",
    "energy_unit": "kj",
    "week_start": "1",
    "theme": "",
}
AMERICAN = Taste(units=Units.IMPERIAL, energy=EnergyUnit.KILOCALORIE)
DAY = "/cabinet/days/2026-05-14"


def _choose(browser: Critic, **differing: str) -> None:
    answer = browser.post_form("/account/preferences", {**CHOSEN, **differing})
    assert answer.status_code == 303, answer.text


def _weight(app: Flask, who: Somebody) -> object:
    with app.app_context(), acting_for(who.organisation_id):
        asked = text("SELECT weight_kg FROM daily_logs WHERE client_id = :id AND date = :day")
        found = db.session.scalar(asked, {"id": who.client_id, "day": date(2026, 5, 14)})
        db.session.remove()
    return found


def test_the_language_of_the_pages_is_the_chosen_one(app: Flask, cast: Cast) -> None:
    bea = Critic.of(app).sign_in(cast.bea)
    for language in ("es", "ru"):
        _choose(bea, locale=language)
        assert f'<html lang="{language}"' in bea.get("/cabinet").text
        assert f'<html lang="{language}"' in bea.get("/cabinet/absent").text
    _choose(bea)
    assert '<html lang="en"' in bea.get("/cabinet").text


def test_light_and_dark_follow_the_choice(app: Flask, cast: Cast) -> None:
    bea = Critic.of(app).sign_in(cast.bea)
    assert "data-theme" not in bea.get("/cabinet").text
    _choose(bea, theme=Theme.DARK)
    assert 'data-theme="dark"' in bea.get("/cabinet").text


def test_a_weight_typed_in_pounds_is_kept_in_kilograms(app: Flask, cast: Cast) -> None:
    bea = Critic.of(app).sign_in(cast.bea)
    _choose(bea, units="imperial")
    field = f"{DAY}/fields/weight_kg"
    seen = re.search(r'name="seen" value="([^"]*)"', bea.get(field).text)
    assert seen
    typed = bea.post_form(field, {"value": "165.3", "do": "set", "seen": seen[1]})
    assert typed.status_code == 303
    assert _weight(app, cast.bea) == pytest.approx(74.979, abs=0.001)
    assert "165.3\N{NO-BREAK SPACE}lb" in bea.get(DAY).text
    _choose(bea)
    assert "75.0\N{NO-BREAK SPACE}kg" in bea.get(DAY).text


def test_the_limits_are_told_in_the_chosen_unit(app: Flask, cast: Cast) -> None:
    bea = Critic.of(app).sign_in(cast.bea)
    _choose(bea, units="imperial")
    far = bea.post_form(f"{DAY}/fields/weight_kg", {"value": "30", "do": "set"})
    assert far.status_code == 422
    assert "44.1" in far.text


def test_values_and_differences_are_converted(app: Flask) -> None:
    with app.test_request_context():
        follow(AMERICAN)
        space = "\N{NO-BREAK SPACE}"
        assert metric_value(33.5, "skin_temp_celsius") == f"92.3{space}°F"
        assert metric_difference(0.5, "skin_temp_celsius") == f"0.9{space}°F"
        assert metric_value(8368, "energy_kj") == f"2,000{space}kcal"
        assert metric_value(61, "hrv") == f"61{space}ms"


@pytest.mark.parametrize("name", ["weight_kg", "skin_temp_celsius", "energy_kj"])
def test_what_is_typed_comes_back_as_it_was_typed(app: Flask, name: str) -> None:
    with app.test_request_context():
        follow(AMERICAN)
        for tenths in range(700, 3000, 7):
            assert (
                round(units.in_units(units.from_units(tenths / 10, name), name), 1) == tenths / 10
            )


def test_weeks_begin_where_the_reader_lets_them(app: Flask, cast: Cast) -> None:
    monday = date(2026, 5, 11)
    with app.test_request_context():
        assert week_column(monday) == 1
        follow(Taste(week_start=7))
        assert week_column(monday) == 2
    bea = Critic.of(app).sign_in(cast.bea)
    _choose(bea, week_start="7")
    assert "weeks__first--2" in bea.get("/cabinet/days?until=2026-06-14").text


def test_a_coach_reads_times_on_their_own_clock(app: Flask, cast: Cast) -> None:
    ann = Critic.of(app).sign_in(cast.ann)
    _choose(ann, timezone="America/Lima")
    assert 'value="America/Lima"' in ann.get("/account").text
    wrong = ann.post_form("/account/preferences", {**CHOSEN, "timezone": "Nowhere"})
    assert wrong.status_code == 422


def test_a_client_moves_the_clock_of_their_days(app: Flask, cast: Cast) -> None:
    _choose(Critic.of(app).sign_in(cast.bea), timezone="Asia/Tokyo")
    with app.app_context(), acting_for(cast.bea.organisation_id):
        asked = text("SELECT timezone FROM clients WHERE id = :id")
        assert db.session.scalar(asked, {"id": cast.bea.client_id}) == "Asia/Tokyo"
        db.session.remove()


def test_every_metric_says_what_it_means(app: Flask, cast: Cast) -> None:
    assert set(METRIC_HELP) == set(METRIC_WORDS)
    bea = Critic.of(app).sign_in(cast.bea)
    assert "differs much between people" in bea.get(DAY).text


def test_the_operators_text_is_shown_and_escaped(
    app: Flask, cast: Cast, request: pytest.FixtureRequest
) -> None:
    folder = app.config["SETTINGS"].coach_home / "legal"
    assert "has not written this page yet" in Critic.of(app).get("/privacy").text
    folder.mkdir()
    file = folder / "privacy.txt"
    request.addfinalizer(folder.rmdir)
    request.addfinalizer(file.unlink)
    file.write_text("# Who we are\n\nA <b>gym</b>\nin Berlin.\n\n- first\n- second\n")
    page = Critic.of(app).get("/privacy").text
    assert "<h2>Who we are</h2>" in page
    assert "A &lt;b&gt;gym&lt;/b&gt; in Berlin." in page
    assert page.count("prose__item") == 2
    assert "has not written this page yet" in Critic.of(app).sign_in(cast.bea).get("/terms").text
