"""A page that asks again is told of whatever changes what it shows, and of nothing else."""

import re
from collections.abc import Mapping
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from coach.accounts.models import FieldGroup
from coach.database.tenancy import acting_for
from coach.extensions import db
from tests.cast import Cast
from tests.critic import Critic
from tests.dashboard.mornings import ALL, CALM, ask_again, lives, look
from tests.insights.lives import NOON, TODAY, ago

OF_BEA = "organisation_id = :here AND client_id = :bea"
DAY = f"UPDATE daily_logs SET %s WHERE {OF_BEA} AND date = "
INSIGHT = f"UPDATE insights SET %s WHERE {OF_BEA} AND date = :today"
LINK = f"UPDATE integrations SET %s WHERE {OF_BEA}"
WORK = "(SELECT id FROM integrations WHERE organisation_id = :here AND client_id = :bea)"
# One after the other, each seen by the page that was drawn after the one before.
CHANGES = {
    "a value of the day": DAY % "recovery_score = 41" + ":today",
    "a value of the day before": DAY % "strain = 19" + ":yesterday",
    "the first value of the line": DAY % "hrv = 130" + ":oldest",
    "a doubtful value": DAY % """doubtful = '["resting_heart_rate"]'""" + ":today",
    "a cycle that is open": DAY % "state = 'provisional'" + ":yesterday",
    "a device that calibrates": DAY % "calibrating = true" + ":today",
    "a day that is gone": f"DELETE FROM daily_logs WHERE {OF_BEA} AND date = :today",
    "a figure": INSIGHT % "rhr_drift_bpm = 8, sleep_debt_hours = 9",
    "insights that are gone": f"DELETE FROM insights WHERE {OF_BEA}",
    "a check-in": "INSERT INTO check_ins (organisation_id, id, client_id, date, stress)"
    " VALUES (:here, gen_random_uuid(), :bea, :today, 4)",
    "a check-in that is seen": f"UPDATE check_ins SET seen_at = now() WHERE {OF_BEA}",
    "a check-in of another day": f"UPDATE check_ins SET date = :yesterday WHERE {OF_BEA}",
    "a tag": "INSERT INTO day_tags (organisation_id, id, client_id, kind, first_date)"
    " VALUES (:here, gen_random_uuid(), :bea, 'ill', :oldest)",
    "a tag of another kind": f"UPDATE day_tags SET kind = 'holiday' WHERE {OF_BEA}",
    "a tag that is over": f"UPDATE day_tags SET last_date = :yesterday WHERE {OF_BEA}",
    "a rule and its alert": "WITH rule AS ("
    " INSERT INTO alert_rules (organisation_id, id, coach_id, signals, timezone)"
    " VALUES (:here, gen_random_uuid(), :ann, '[]', 'UTC') RETURNING id)"
    " INSERT INTO alerts (organisation_id, id, rule_id, client_id, signal, date, shown_until,"
    " formula_version, evidence) SELECT :here, gen_random_uuid(), id, :bea, 'reconnect', :today,"
    """ :today, 1, '{"since": "2026-06-30"}' FROM rule""",
    "an alert that is seen": f"UPDATE alerts SET state = 'acknowledged' WHERE {OF_BEA}",
    "a link": "INSERT INTO integrations (organisation_id, id, client_id, status)"
    " VALUES (:here, gen_random_uuid(), :bea, 'active')",
    "a sync": LINK % "last_sync = :noon, data_through = :noon",
    "a link that WHOOP ended": LINK % "status = 'reconnect_needed'",
    "a link that works again": LINK % "status = 'active'",
    "work that WHOOP has put off": "INSERT INTO work (id, kind, queue, subject_id, error)"
    f" VALUES (gen_random_uuid(), 'whoop_sync', 'sync', {WORK}, 'limit')",
    "work that is done": f"UPDATE work SET state = 'done' WHERE subject_id = {WORK}",
    "a group that is shared no more": f"UPDATE consents SET ends_at = now() WHERE {OF_BEA}"
    " AND field_group = 'sleep'",
    "a group that is shared": "INSERT INTO consents (organisation_id, id, client_id, field_group,"
    " text_version) VALUES (:here, gen_random_uuid(), :bea, 'sleep', '1')",
    "a name": "UPDATE clients SET name = 'Beatrice' WHERE organisation_id = :here AND id = :bea",
    "a zone": "UPDATE clients SET timezone = 'Pacific/Kiritimati'"
    " WHERE organisation_id = :here AND id = :bea",
    "a client more": "INSERT INTO coach_clients (organisation_id, coach_id, client_id)"
    " SELECT organisation_id, :ann, id FROM clients WHERE name = 'Dora'",
    "a client less": f"DELETE FROM coach_clients WHERE {OF_BEA}",
}


@pytest.fixture
def ann(app: Flask, cast: Cast) -> Critic:
    lives(app, cast.bea, CALM, *ALL)
    change(
        app,
        cast,
        "INSERT INTO clients (organisation_id, id, name, timezone)"
        " VALUES (:here, gen_random_uuid(), 'Dora', 'UTC')",
    )
    return Critic.of(app).sign_in(cast.ann)


def change(app: Flask, cast: Cast, statement: str) -> None:
    told: Mapping[str, object] = {
        "here": cast.ann.organisation_id,
        "ann": cast.ann.membership_id,
        "olga": cast.olga.membership_id,
        "bea": cast.bea.client_id,
        "today": TODAY,
        "yesterday": ago(1),
        "oldest": ago(27),
        "noon": NOON,
    }
    asked = {name: told[name] for name in re.findall(r"(?<!:):([a-z]+)", statement)}
    with app.app_context(), acting_for(cast.ann.organisation_id):
        assert db.session.connection().execute(text(statement), asked).rowcount
        db.session.commit()
        db.session.remove()


def shown(page: str) -> str:
    """Give the rows as they are seen."""
    rows = page[page.index('<section class="stack stack--tight roster') :]
    return re.sub(r"hx-headers='[^']*'|name=\"csrf_token\"\s+value=\"[^\"]+\"", "", rows)


def test_whatever_changes_the_rows_is_news(app: Flask, cast: Cast, ann: Critic) -> None:
    page = look(ann)
    for what, statement in CHANGES.items():
        change(app, cast, statement)
        again = ask_again(ann, page)
        assert again.status_code == 200, what
        assert shown(again.text) not in shown(page), f"{what} does not show"
        assert ask_again(ann, again.text).status_code == 304, what
        page = again.text


def test_midnight_is_news(ann: Critic) -> None:
    page = look(ann)
    assert ask_again(ann, page, at=NOON + timedelta(hours=9)).status_code == 304
    assert ask_again(ann, page, at=NOON + timedelta(hours=12)).status_code == 200


@pytest.mark.usefixtures("ann")
def test_whom_an_owner_coaches_is_news(app: Flask, cast: Cast) -> None:
    olga = Critic.of(app).sign_in(cast.olga)
    page = look(olga)
    assert ask_again(olga, page).status_code == 304
    coaches = "INSERT INTO coach_clients VALUES (:here, :olga, :bea)"
    change(app, cast, coaches)
    assert ask_again(olga, page).status_code == 200


def test_what_is_not_shared_is_no_news(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, CALM, FieldGroup.RECOVERY)
    ann = Critic.of(app).sign_in(cast.ann)
    page = look(ann)
    for what in ("a check-in", "a check-in that is seen", "a value of the day before"):
        change(app, cast, CHANGES[what])
        assert ask_again(ann, page).status_code == 304, what


def test_what_strangers_do_is_no_news(app: Flask, cast: Cast, ann: Critic) -> None:
    page = look(ann)
    lives(app, cast.xenia, CALM, *ALL)
    lives(app, cast.bea, None)
    assert ask_again(ann, page).status_code == 304
