"""The operator sees how everything stands, nobody else does, and what failed is done again."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import delete, select, update

from coach.accounts.models import AuditEntry, User
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.ids import new_id
from coach.operator.standing import standing
from coach.whoop.apps import installation_app
from coach.whoop.models import Integration, SyncRun, Trigger, WebhookEvent, WhoopLink
from coach.whoop.webhook import EVENT
from coach.work.models import Queue, Work
from tests.cast import Cast, Somebody
from tests.critic import Critic

KIND = "operated"


@pytest.fixture
def operator(app: Flask, cast: Cast) -> Iterator[Critic]:
    """Carla coaches nobody and runs the installation."""
    with app.app_context():
        db.session.execute(
            update(User).where(User.id == cast.carla.user_id).values(is_operator=True)
        )
        db.session.commit()
    yield Critic.of(app).sign_in(cast.carla)
    with app.app_context():
        db.session.execute(delete(Work).where(Work.kind == KIND))
        db.session.execute(delete(WebhookEvent))
        db.session.commit()


def failed_work(app: Flask, whose: Somebody | None, **more: object) -> UUID:
    """Make work that was given up."""
    made = Work(
        id=new_id(),
        kind=KIND,
        queue=Queue.UPKEEP,
        subject_id=more.pop("subject_id", new_id()),
        organisation_id=whose.organisation_id if whose else None,
        state=more.pop("state", "failed"),
        attempts=3,
        error="SomeError",
        finished_at=datetime.now(UTC),
    )
    with app.app_context():
        db.session.add(made)
        db.session.commit()
        return made.id


def announced(app: Flask, whose: Somebody, integration: UUID) -> UUID:
    """Let something have been announced of somebody, and followed."""
    with app.app_context():
        member = {"whoop_app_id": installation_app(), "external_user_id": str(integration)}
        event = WebhookEvent(
            id=new_id(),
            trace_id=str(integration),
            type="sleep.updated",
            object_id="1",
            body=b"{}",
            state="done",
            **member,
        )
        owner = whose.organisation_id
        db.session.add(WhoopLink(integration_id=integration, organisation_id=owner, **member))
        db.session.add(event)
        db.session.commit()
        return event.id


def state_of(app: Flask, work_id: UUID) -> tuple[str, int]:
    with app.app_context():
        row = db.session.execute(select(Work.state, Work.attempts).where(Work.id == work_id)).one()
        return row.state, row.attempts


def log_of(app: Flask, organisation_id: UUID) -> list[str]:
    with app.app_context(), acting_for(organisation_id):
        return list(db.session.scalars(select(AuditEntry.action)))


def test_the_account_of_an_operator_leads_there_and_no_other(
    app: Flask, operator: Critic, cast: Cast
) -> None:
    assert 'href="/operator"' in operator.get("/account").text
    assert "/operator" not in Critic.of(app).sign_in(cast.olga).get("/account").text


def test_failed_work_is_named_and_done_again_once(app: Flask, operator: Critic, cast: Cast) -> None:
    work_id = failed_work(app, cast.bea)
    assert KIND in operator.get("/operator").text
    answer = operator.post_form(f"/operator/failed/{work_id}/replay")
    assert answer.status_code == 303
    assert state_of(app, work_id) == ("waiting", 0)
    operator.post_form(f"/operator/failed/{work_id}/replay")
    assert log_of(app, cast.bea.organisation_id).count("work_replayed") == 1


def test_work_of_nobody_is_replayed_in_the_operators_own_log(
    app: Flask, operator: Critic, cast: Cast
) -> None:
    work_id = failed_work(app, None)
    operator.post_form(f"/operator/failed/{work_id}/replay")
    assert state_of(app, work_id) == ("waiting", 0)
    assert "work_replayed" in log_of(app, cast.carla.organisation_id)


def test_what_is_under_way_already_is_not_done_twice(
    app: Flask, operator: Critic, cast: Cast
) -> None:
    subject = new_id()
    work_id = failed_work(app, cast.bea, subject_id=subject)
    failed_work(app, cast.bea, subject_id=subject, state="waiting")
    operator.post_form(f"/operator/failed/{work_id}/replay")
    assert state_of(app, work_id) == ("failed", 3)


def test_an_announcement_is_followed_again_by_whoever_is_linked(
    app: Flask, operator: Critic, cast: Cast
) -> None:
    integration = new_id()
    event_id = announced(app, cast.bea, integration)
    assert "sleep.updated" in operator.get("/operator/announcements").text
    operator.post_form(f"/operator/announcements/{event_id}/replay")
    with app.app_context():
        mine = (Work.kind == EVENT.name, Work.subject_id == integration)
        assert db.session.scalars(select(Work.state).where(*mine)).all() == ["waiting"]
        db.session.execute(delete(Work).where(*mine))
        db.session.execute(delete(WhoopLink).where(WhoopLink.integration_id == integration))
        db.session.commit()
    assert "announcement_replayed" in log_of(app, cast.bea.organisation_id)


def test_an_announcement_of_nobody_cannot_be_followed(operator: Critic) -> None:
    answer = operator.post_form(f"/operator/announcements/{new_id()}/replay")
    assert answer.status_code == 303


@pytest.mark.parametrize("path", ["", "/announcements", "/syncs", "/organisations/{id}"])
def test_owners_and_coaches_are_not_operators(app: Flask, cast: Cast, path: str) -> None:
    page = "/operator" + path.format(id=cast.olga.organisation_id)
    assert Critic.of(app).sign_in(cast.olga).get(page).status_code == 403


@pytest.mark.parametrize("path", ["", "/announcements", "/syncs", "/organisations/{id}"])
def test_no_page_of_the_operator_names_anybody(
    app: Flask, operator: Critic, cast: Cast, path: str
) -> None:
    failed_work(app, cast.bea)
    page = operator.get("/operator" + path.format(id=cast.zoe.organisation_id))
    assert page.status_code == 200
    shown = page.text.replace(cast.carla.email, "")
    assert "example.org" not in shown
    assert "Zoe" not in shown


def test_an_organisation_that_never_synced_has_a_page_that_says_so(
    operator: Critic, cast: Cast
) -> None:
    page = operator.get(f"/operator/organisations/{cast.zoe.organisation_id}").text
    assert "Nothing so far." in page


def test_the_runs_of_an_organisation_are_shown_and_that_is_written_down(
    app: Flask, operator: Critic, cast: Cast
) -> None:
    there = cast.xenia.organisation_id
    with app.app_context(), acting_for(there):
        link = Integration(
            id=new_id(), organisation_id=there, client_id=cast.xenia.client_id, status="active"
        )
        db.session.add(link)
        db.session.flush()
        run = {"trigger": Trigger.LINK, "outcome": "complete", "calls": 1234}
        db.session.add(SyncRun(id=new_id(), organisation_id=there, integration_id=link.id, **run))
        db.session.commit()
    page = operator.get(f"/operator/organisations/{there}")
    assert "1,234" in page.text
    assert "operator_looked" in log_of(app, there)


def test_a_redis_that_is_away_is_said(
    app: Flask, operator: Critic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "redis", Redis.from_url("redis://127.0.0.1:9/0"))
    assert "Redis does not answer" in operator.get("/operator").text


def test_without_a_scheduler_the_schedule_is_late_and_no_worker_lives(app: Flask) -> None:
    with app.app_context():
        found = standing()
    assert found.schedule_late
    assert [row.workers for row in found.queues] == [0] * len(Queue)


def test_queues_without_workers_and_with_failed_work_stand_out(
    app: Flask, operator: Critic, cast: Cast
) -> None:
    failed_work(app, cast.bea)
    page = operator.get("/operator").text
    assert page.count('"badge badge--bad">no worker') == len(Queue)
    (row,) = (
        each for each in page.split("<tr>") if Queue.UPKEEP.value in each and "no worker" in each
    )
    assert '"badge badge--warn">look' in row.partition("</tr>")[0]


def test_every_badge_has_a_colour_that_the_style_sheet_knows(app: Flask) -> None:
    root = Path(app.root_path)
    styles = (root / "web/static/css/badge.css").read_text()
    words = "".join(page.read_text() for page in root.glob("*/templates/**/*.html"))
    used = set(re.findall(r"""badge\(.*?, ["'](\w+)["']\)""", words))
    assert {"warn", "bad"} <= used
    assert {kind for kind in used if f".badge--{kind}" not in styles} == set()
