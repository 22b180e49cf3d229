"""`/metrics`: who may read it, and what stands there when all is well and when parts are away."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import event

from coach.app import create_app
from coach.extensions import db
from coach.ids import new_id
from coach.observability import counters
from coach.whoop.apps import installation_app
from coach.whoop.models import WebhookEvent
from coach.work.models import Lane, Queue, Work
from config import Settings
from tests.conftest import close
from tests.critic import Critic
from tests.observability.conftest import TOKEN

AWAY = {
    "database_url": "postgresql+psycopg://coach_app:x@127.0.0.1:9/coach",
    "redis_url": "redis://127.0.0.1:9/0",
}


@pytest.fixture
def orphan(settings: Settings) -> Iterator[Flask]:
    alone = {**AWAY, "metrics_token": SecretStr(TOKEN)}
    made = create_app(settings.model_copy(update=alone))
    yield made
    close(made)


def scrape(app: Flask) -> dict[tuple[str, ...], float]:
    answer = Critic.of(app).get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return {
        (sample.name, *dict(sorted(sample.labels.items())).values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_without_the_setting_there_is_nothing(app: Flask) -> None:
    for given in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer None"}):
        assert Critic.of(app).get("/metrics", headers=given).status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", TOKEN, "Bearer ü"])
def test_without_the_token_nobody_reads_it(watched: Flask, given: str) -> None:
    answer = Critic.of(watched).get("/metrics", headers={"Authorization": given})
    assert answer.status_code == 401
    assert b"coach_" not in answer.data


@pytest.mark.usefixtures("context")
def test_the_gauges_tell_how_the_work_stands(watched: Flask) -> None:
    before = scrape(watched)
    late = datetime.now(UTC) - timedelta(hours=2)
    values = {"queue": Queue.INSIGHTS, "lane": Lane.BACKFILL, "organisation_id": new_id()}
    for state in ("waiting", "failed", "done"):
        work = Work(kind="watched", subject_id=new_id(), state=state, due_at=late, **values)
        db.session.add(work)
    later = Work(kind="watched", subject_id=new_id(), due_at=late + timedelta(days=9), **values)
    db.session.add(later)
    db.session.commit()
    after = scrape(watched)
    for name, labels in (
        ("coach_work_waiting", ("backfill", "insights")),
        ("coach_work_failed", ("insights",)),
    ):
        assert after[name, *labels] == before[name, *labels] + 1
    assert after["coach_work_oldest_waiting_seconds", "backfill", "insights"] >= 7200
    db.session.execute(db.delete(Work).where(Work.kind == "watched"))
    db.session.commit()


@pytest.mark.usefixtures("context")
def test_an_announcement_is_unprocessed_while_its_work_is_open_and_parked_after(
    watched: Flask,
) -> None:
    db.session.execute(db.delete(WebhookEvent))
    integration = new_id()
    for state, pending in (("waiting", [integration]), ("unmatched", [])):
        made = WebhookEvent(
            whoop_app_id=installation_app(),
            trace_id=str(new_id()),
            external_user_id="1",
            type="sleep.updated",
            object_id="1",
            body=b"{}",
            state=state,
            pending=pending,
            received_at=datetime.now(UTC) - timedelta(minutes=20),
        )
        db.session.add(made)
    work = Work(kind="whoop_event", queue=Queue.SYNC, subject_id=integration)
    db.session.add(work)
    db.session.commit()
    found = scrape(watched)
    assert found["coach_webhooks_oldest_unprocessed_seconds",] >= 1200
    assert (found["coach_webhooks_parked",], found["coach_webhooks_unmatched",]) == (0, 1)
    db.session.delete(work)
    db.session.commit()
    found = scrape(watched)
    assert found["coach_webhooks_oldest_unprocessed_seconds",] == 0
    assert found["coach_webhooks_parked",] == 1
    db.session.execute(db.delete(WebhookEvent))
    db.session.commit()


@pytest.mark.usefixtures("context")
def test_a_scrape_asks_the_database_the_same_few_things_however_much_there_is(
    watched: Flask,
) -> None:
    asked: list[str] = []
    with watched.app_context():
        engine = db.engine

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    scrape(watched)
    event.remove(engine, "before_cursor_execute", note)
    assert len(asked) == 7


def test_nobody_works_here_and_both_parts_are_up(watched: Flask) -> None:
    found = scrape(watched)
    assert found["coach_database_up",] == found["coach_redis_up",] == 1
    assert {key[1] for key in found if key[0] == "coach_workers_alive"} == {*Queue}


def test_when_parts_are_away_the_counters_stay_and_it_says_so(orphan: Flask) -> None:
    counters.refreshes.labels(outcome="fresh").inc()
    found = scrape(orphan)
    assert found["coach_database_up",] == found["coach_redis_up",] == 0
    assert found["coach_token_refreshes_total", "fresh"] >= 1
    assert not [key for key in found if key[0] == "coach_work_waiting"]


def test_every_name_says_its_unit_and_every_help_says_something() -> None:
    for metric in counters.REGISTRY.collect():
        assert metric.name.startswith("coach_")
        assert metric.documentation.endswith(".")
        assert metric.type == "counter" or metric.name.endswith("_seconds")
