"""The figures below the charts: each from the newest days, none where there are too few."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from coach.check_ins.models import CheckIn, DayTag, TagKind
from coach.database.tenancy import acting_for
from coach.days import store
from coach.days.merge import Reading
from coach.days.metrics import Source
from coach.extensions import db
from tests.cast import Cast, Somebody
from tests.critic import Critic
from tests.dashboard.mornings import ALL, CALM, lives, morning, says
from tests.insights.lives import TODAY, Made, ago


def page_of(app: Flask, cast: Cast) -> str:
    with morning():
        page = Critic.of(app).sign_in(cast.ann).get(f"/dashboard/clients/{cast.bea.client_id}")
    return re.sub(r"\s+", " ", page.text)


def sleeps(app: Flask, who: Somebody, *nights: int) -> None:
    """Let somebody sleep from ten to six UTC, in Berlin from midnight to eight."""
    assert who.client_id
    said = {
        ago(back): Reading(
            Source.WHOOP,
            {
                "sleep_hours": 7.5,
                "sleep_started_at": datetime(2026, 6, 29, 22, tzinfo=UTC) - timedelta(days=back),
                "sleep_ended_at": datetime(2026, 6, 30, 6, tzinfo=UTC) - timedelta(days=back),
                "sleep_offset_minutes": 120,
            },
        )
        for back in nights
    }
    with app.app_context(), acting_for(who.organisation_id):
        store.record(who.client_id, Source.WHOOP, said)
        db.session.commit()
        db.session.remove()


def test_the_spread_of_hrv_and_the_monotony_of_strain_are_told(app: Flask, cast: Cast) -> None:
    # The last seven of each run, by hand: ln of 64, 66, 58, 60, 62, 64, 66 has SD 0.0487 on a mean
    # of 4.1399; strain 14, 11, 8, 12, 10, 14, 11 has a mean of 11.43 and an SD of 2.15.
    lives(app, cast.bea, CALM, *ALL)
    page = page_of(app, cast)
    assert "vary by 1.2% (CV of ln)" in page
    assert "Monotony of the 7 days to 30 Jun: 5.3" in page


def test_too_few_days_have_neither(app: Flask, cast: Cast) -> None:
    runs: dict[str, list[float | None]] = {
        name: [value] * 90 + [None] * 9 + [value]
        for name, value in (("hrv", 60.0), ("strain", 9.0))
    }
    lives(app, cast.bea, Made(runs), *ALL)
    page = page_of(app, cast)
    assert "CV of ln" not in page
    assert "Monotony" not in page


@pytest.mark.parametrize(
    ("run", "said"),
    [
        ([60.0] * 60 + [None] * 14 + [61.0] * 20, "the own range counts from 11 Jun on"),
        ([60.0] * 60 + [None] * 15, "the own range begins anew with the next one"),
        ([60.0] * 60 + [None] * 13 + [61.0] * 20, None),
    ],
)
def test_a_gap_that_restarts_the_own_range_is_told(
    app: Flask, cast: Cast, run: list[float | None], said: str | None
) -> None:
    lives(app, cast.bea, Made({"hrv": run}), *ALL)
    page = page_of(app, cast)
    assert said in page if said else "the own range" not in page


@pytest.mark.parametrize(
    ("nights", "said"),
    [
        (range(15), "Sleep Regularity Index of two weeks: 100 of 100, from 14 pairs"),
        (range(0, 14, 2), "The middle of sleep varies by 0 min over 7 nights."),
    ],
)
def test_how_regular_the_nights_are_is_told_as_well_as_it_is_known(
    app: Flask, cast: Cast, nights: range, said: str
) -> None:
    lives(app, cast.bea, None, *ALL)
    sleeps(app, cast.bea, *nights)
    assert said in page_of(app, cast)


def test_few_nights_have_no_regularity(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, None, *ALL)
    sleeps(app, cast.bea, 0, 1, 2)
    page = page_of(app, cast)
    assert "When asleep" in page
    assert "Regularity" not in page
    assert "middle of sleep" not in page


@pytest.mark.parametrize(("days", "is_told"), [(8, True), (7, False)])
def test_an_item_rated_high_for_more_than_a_week_is_named(
    app: Flask, cast: Cast, days: int, *, is_told: bool
) -> None:
    lives(app, cast.bea, None, *ALL)
    for back in range(1, days + 1):  # today is not answered yet
        says(app, cast.bea, CheckIn(date=ago(back), sleep=2, stress=2, fatigue=3, soreness=6))
    told = "Rated above 5 on each of 8 days: Muscle soreness." in page_of(app, cast)
    assert told is is_told


def test_marks_on_a_chart_are_explained_where_there_are_any(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, CALM, *ALL)
    assert "legend__key--tagged" not in page_of(app, cast)
    says(app, cast.bea, DayTag(kind=TagKind.ILL, first_date=TODAY, last_date=TODAY))
    with morning():
        coach = Critic.of(app).sign_in(cast.ann)
        coach.type_value(f"/dashboard/clients/{cast.bea.client_id}/days/{TODAY}", "hrv", "61")
    page = page_of(app, cast)
    assert "legend__key--tagged" in page
    assert "legend__key--mark" in page
