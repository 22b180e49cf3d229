"""The coach's client page: what it draws, says, refuses and hides."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from coach.accounts.models import FieldGroup
from coach.check_ins.models import CheckIn, DayTag, TagKind
from coach.database.tenancy import acting_for
from coach.days import store
from coach.days.merge import Reading
from coach.days.metrics import Source
from coach.extensions import db
from coach.ids import new_id
from coach.insights import refresh
from tests.cast import Cast, Somebody
from tests.critic import Critic
from tests.dashboard.test_roster import MOST_STATEMENTS, counted

TODAY = datetime.now(UTC).date()
DAY = timedelta(days=1)
ALL = tuple(FieldGroup)


def lives(
    app: Flask,
    who: Somebody,
    runs: Mapping[str, Sequence[float | None]],
    *,
    share: Sequence[FieldGroup] = ALL,
    check_ins: int = 0,
    until: date = TODAY - DAY,
) -> str:
    """Record runs of values that end on a day, share them, and give the address of the page."""
    assert who.client_id
    said: dict[date, dict[str, float]] = {}
    for name, run in runs.items():
        for back, value in enumerate(reversed(run)):
            if value is not None:
                said.setdefault(until - DAY * back, {})[name] = value
    with app.app_context(), acting_for(who.organisation_id):
        days = {day: Reading(Source.WHOOP, values) for day, values in said.items()}
        store.record(who.client_id, Source.WHOOP, days)
        for back in range(check_ins):
            items = dict.fromkeys(("sleep", "stress", "fatigue", "soreness"), 2)
            key = {"organisation_id": who.organisation_id, "client_id": who.client_id}
            db.session.add(CheckIn(id=new_id(), date=until - DAY * back, **key, **items))
        db.session.flush()
        refresh.refresh(who.client_id, now=datetime.now(UTC))
        db.session.commit()
        db.session.remove()
    groups = [group.value for group in share]
    Critic.of(app).sign_in(who).post_form("/cabinet/sharing", {"share": groups})
    return f"/dashboard/clients/{who.client_id}"


def steady(*, days: int = 120) -> dict[str, list[float | None]]:
    return {
        "recovery_score": [60.0 + day % 5 for day in range(days)],
        "hrv": [60.0 + day % 5 for day in range(days)],
        "resting_heart_rate": [50.0 + day % 3 for day in range(days)],
        "sleep_hours": [7.5 + day % 3 / 10 for day in range(days)],
        "sleep_need_hours": [8.0] * days,
        "strain": [10.0 + day % 4 for day in range(days)],
    }


def test_every_shared_metric_has_a_chart_and_the_same_as_a_table(app: Flask, cast: Cast) -> None:
    page = lives(app, cast.bea, steady())
    text = Critic.of(app).sign_in(cast.ann).get(page).text
    for title in ("Recovery", "Heart rate variability", "Resting heart rate", "Sleep", "Strain"):
        assert f'aria-label="{title} as a table"' in text
    assert "64\N{NO-BREAK SPACE}ms · 7-day mean" in text
    assert "Own range" in text
    assert "a proxy, no forecast" in text
    assert "Not a medical device" in text


def test_a_range_by_its_dates_reads_only_them(app: Flask, cast: Cast) -> None:
    page = lives(app, cast.bea, {"recovery_score": [11, 22, 33, 44, 55]})
    since, to = TODAY - DAY * 3, TODAY - DAY * 2
    text = Critic.of(app).sign_in(cast.ann).get(f"{page}?from={since}&to={to}").text
    assert "2 of 2 days" in text
    assert {value for value in ("22%", "33%", "44%", "55%") if f"{value} · " in text} == {
        "33%",
        "44%",
    }


@pytest.mark.parametrize(
    "asked",
    [
        "from=2026-13-01&to=x",
        "from=0001-01-01&to=9999-12-31",
        "from=9999-12-31",
        "to=0001-01-01",
        "from=2026-02-02&to=2026-01-01",
        "days=-1&from=",
    ],
)
def test_a_range_that_makes_no_sense_still_shows_a_page(app: Flask, cast: Cast, asked: str) -> None:
    page = lives(app, cast.bea, {"hrv": [60.0]})
    assert Critic.of(app).sign_in(cast.ann).get(f"{page}?{asked}").status_code == 200


def test_no_range_takes_more_statements_than_another(app: Flask, cast: Cast) -> None:
    page = lives(app, cast.bea, steady(days=400), check_ins=20)
    for who in (cast.ann, cast.olga):
        coach = Critic.of(app).sign_in(who)
        coach.get(page)
        for asked in ("?days=7", "?days=365", "/diary", f"/diary?from={TODAY - DAY * 364}"):
            with counted(app) as sent:
                assert coach.get(page + asked).status_code == 200
            assert len(sent) <= MOST_STATEMENTS, sent


def test_a_gap_stays_a_gap_and_no_line_runs_over_it(app: Flask, cast: Cast) -> None:
    run: list[float | None] = [60, 61, None, None, None, 62, 63]
    page = lives(app, cast.bea, {"hrv": run})
    text = Critic.of(app).sign_in(cast.ann).get(f"{page}?days=30").text
    assert "4 of 30 days" in text
    assert text.count('class="chart__gap"') == 26
    assert len(re.findall(r'class="chart__line" points', text)) == 2


def test_a_signal_is_explained_by_its_numbers(app: Flask, cast: Cast) -> None:
    runs = steady()
    runs["hrv"] = [*runs["hrv"][:-10], *[40.0] * 10]
    page = lives(app, cast.bea, runs, check_ins=5)
    html = Critic.of(app).sign_in(cast.ann).get(page).text
    text = re.sub(r"\s*(<[^>]+>)\s*", r"\1", html)
    assert "HRV below own range" in text
    assert re.search(r"<dt>Value</dt><dd>40\sms</dd>", text)
    assert re.search(r"<dt>Own range</dt><dd>\d\d\sms to \d\d\sms</dd>", text)
    assert "known days, well founded" in text
    assert "worth a conversation" in text
    assert not re.search(r"(risk|probability of|predict|diagnosed)", text)


def test_strain_lines_refuse_without_answers_and_without_consent(app: Flask, cast: Cast) -> None:
    page = lives(app, cast.bea, steady())
    assert "Not enough data" in Critic.of(app).sign_in(cast.ann).get(page).text
    page = lives(app, cast.carl, steady(), check_ins=5, share=[FieldGroup.RECOVERY])
    text = Critic.of(app).sign_in(cast.ann).get(page).text
    assert "Inside the own range" not in text
    assert "show once these and check-ins are shared" in text


def test_a_signal_about_what_is_not_shared_is_not_told(app: Flask, cast: Cast) -> None:
    runs = steady()
    runs["hrv"] = [*runs["hrv"][:-10], *[40.0] * 10]
    page = lives(app, cast.bea, runs, share=[FieldGroup.SLEEP])
    text = Critic.of(app).sign_in(cast.ann).get(page).text
    assert "HRV below" not in text
    assert "Not shared with you:" in text
    assert "Heart rate variability" not in text.replace("heart rate variability", "")


def test_two_ranges_are_compared_by_means_with_their_days(app: Flask, cast: Cast) -> None:
    page = lives(app, cast.bea, {"sleep_hours": [7.0] * 7 + [8.0] * 7}, until=TODAY)
    text = " ".join(Critic.of(app).sign_in(cast.ann).get(f"{page}?days=7").text.split())
    assert re.search(r"8 h 0 min .{0,40}7 days.{0,50}7 h 0 min .{0,40}7 days", text)
    assert "+1 h 0 min" in text


def test_two_known_days_are_too_few_to_compare(app: Flask, cast: Cast) -> None:
    page = lives(app, cast.bea, {"sleep_hours": [7.0, 8.0]})
    text = " ".join(Critic.of(app).sign_in(cast.ann).get(f"{page}?days=7").text.split())
    assert "7 h 30 min" not in text


def test_tagged_days_are_marked_only_where_tags_are_shared(app: Flask, cast: Cast) -> None:
    page = lives(app, cast.bea, steady(days=20))
    with app.app_context(), acting_for(cast.bea.organisation_id):
        key = {"organisation_id": cast.bea.organisation_id, "client_id": cast.bea.client_id}
        tag = DayTag(id=new_id(), kind=TagKind.ILL, first_date=TODAY - DAY * 4, **key)
        db.session.add(tag)
        db.session.commit()
        db.session.remove()
    coach = Critic.of(app).sign_in(cast.ann)
    text = coach.get(f"{page}?days=7").text
    assert "chart__tagged" in text
    assert "· Ill" in text
    lives(app, cast.bea, {}, share=[FieldGroup.RECOVERY])
    text = coach.get(f"{page}?days=7").text
    assert "chart__tagged" not in text
    assert "· Ill" not in text


@pytest.mark.parametrize("absurd", [0.0, 1.0, 400.0])
def test_absurd_values_break_no_chart(app: Flask, cast: Cast, absurd: float) -> None:
    page = lives(app, cast.bea, {"strain": [0.0] * 40, "hrv": [max(absurd, 1.0)] * 100})
    assert Critic.of(app).sign_in(cast.ann).get(f"{page}?days=90").status_code == 200


def test_without_data_the_page_says_so_and_draws_nothing(app: Flask, cast: Cast) -> None:
    page = lives(app, cast.bea, {})
    text = Critic.of(app).sign_in(cast.ann).get(page).text
    assert "Nothing to see in these days" in text
    assert "chart__plot" not in text


def test_a_week_without_sleep_leaves_the_sleep_charts_out(app: Flask, cast: Cast) -> None:
    runs = steady(days=30)
    runs["sleep_hours"] = [*runs["sleep_hours"][:-8], *[None] * 8]
    runs["sleep_need_hours"] = runs["sleep_hours"]
    page = lives(app, cast.bea, runs)
    text = Critic.of(app).sign_in(cast.ann).get(f"{page}?days=7").text
    assert 'aria-label="Sleep as a table"' not in text
    assert 'aria-label="Recovery as a table"' in text


def test_mood_and_check_ins_are_drawn_where_they_are_shared(app: Flask, cast: Cast) -> None:
    page = lives(app, cast.bea, {"hrv": [60.0], "mood": [7.0, None, 4.0]}, check_ins=3)
    ann = Critic.of(app).sign_in(cast.ann)
    shown = ann.get(page).text
    assert 'aria-label="Mood"' in shown
    assert 'aria-label="Hooper index"' in shown
    assert "3 of 30 days" in shown
    assert "2 of 30 days" in shown
    Critic.of(app).sign_in(cast.bea).post_form("/cabinet/sharing", {"share": ["recovery"]})
    hidden = ann.get(page).text
    assert "Mood" not in hidden
    assert "Hooper" not in hidden
