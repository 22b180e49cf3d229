"""What happens after an announcement: one sync for many, deletions confirmed, nothing lost."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.serving import make_server

from coach.database.tenancy import acting_for
from coach.days.models import DailyLog
from coach.extensions import db
from coach.simulator.app import create_simulator
from coach.simulator.options import Options
from coach.whoop.models import Integration, WebhookEvent, WhoopLink, WhoopRecord
from coach.work.models import Work
from coach.work.perform import perform
from tests.cast import Cast, Somebody
from tests.critic import Critic
from tests.whoop.announcing import SECRET, body, post
from tests.whoop.conftest import Linker


@pytest.fixture(autouse=True)
def _nobody_is_linked(app: Flask) -> None:
    """No links of other tests, whose members are the same."""
    with app.app_context():
        db.session.execute(db.delete(WebhookEvent))
        db.session.execute(db.delete(WhoopLink))
        db.session.commit()


def integration(linker: Linker, who: Somebody) -> Integration:
    with linker.app.app_context(), acting_for(who.organisation_id):
        mine = db.select(Integration).where(Integration.client_id == who.client_id)
        return db.session.scalars(mine).one()


def member_of(linker: Linker, who: Somebody) -> int:
    return int(integration(linker, who).external_user_id or 0)


def works(linker: Linker, who: Somebody, kind: str) -> list[Work]:
    with linker.app.app_context():
        found = db.select(Work).where(
            Work.organisation_id == who.organisation_id, Work.kind == kind
        )
        return list(db.session.scalars(found.order_by(Work.created_at)))


def events(linker: Linker, member: int) -> list[WebhookEvent]:
    with linker.app.app_context():
        found = db.select(WebhookEvent).where(WebhookEvent.external_user_id == str(member))
        return list(db.session.scalars(found.order_by(WebhookEvent.id)))


def follow(linker: Linker, who: Somebody) -> None:
    """Do the events' work as if their window had passed, then the sync it leads to."""
    for _ in range(2):
        hurry(linker, who)
        _work(linker, who)


def _work(linker: Linker, who: Somebody) -> None:
    """Do what follows announcements; the history has calls of its own."""
    with linker.app.app_context():
        mine = (Work.organisation_id == who.organisation_id, Work.state == "waiting")
        kinds = Work.kind.in_(["whoop_event", "whoop_sync"])
        for work_id in list(db.session.scalars(db.select(Work.id).where(*mine, kinds))):
            perform(str(work_id))


def hurry(linker: Linker, who: Somebody) -> None:
    with linker.app.app_context():
        waiting = (Work.organisation_id == who.organisation_id, Work.state == "waiting")
        db.session.execute(db.update(Work).where(*waiting).values(due_at=db.func.now()))
        db.session.commit()


def linked(linker: Linker, who: Somebody, member: str) -> int:
    """Link and sync; gives the member's number at WHOOP."""
    linker.link(who, member)
    linker.work(who.organisation_id)
    return member_of(linker, who)


def records(linker: Linker, who: Somebody, kind: str) -> list[WhoopRecord]:
    with linker.app.app_context(), acting_for(who.organisation_id):
        found = db.select(WhoopRecord).where(
            WhoopRecord.client_id == who.client_id, WhoopRecord.kind == kind
        )
        return list(db.session.scalars(found.order_by(WhoopRecord.starts_at)))


def gone(linker: Linker, who: Somebody) -> set[tuple[str, str]]:
    kinds = ("sleep", "recovery", "workout")
    return {
        (kind, each.provider_id)
        for kind in kinds
        for each in records(linker, who, kind)
        if each.deleted_at
    }


def night(linker: Linker, who: Somebody, back: int = 3) -> str:
    """Name a main sleep, some nights ago."""
    nights = [each for each in records(linker, who, "sleep") if not each.raw["nap"]]
    return nights[-back].provider_id


def delete_at_whoop(linker: Linker, subject: str) -> None:
    linker.whoop.app.extensions["simulator"].deleted.add(UUID(subject))


def test_the_events_of_a_morning_cost_one_set_of_calls(linker: Linker, cast: Cast) -> None:
    member = linked(linker, cast.bea, "mara")
    before = len(linker.whoop.calls)
    slept, trained = night(linker, cast.bea), records(linker, cast.bea, "workout")[-1].provider_id
    for what in ("sleep.updated", "recovery.updated", "sleep.updated", "workout.updated"):
        subject = trained if what.startswith("workout") else slept
        announced = body(user_id=member, type=what, id=subject)
        assert post(linker.app, announced).status_code == 204
    (work,) = works(linker, cast.bea, "whoop_event")
    assert timedelta(seconds=15) < work.due_at - work.created_at < timedelta(seconds=25)
    _work(linker, cast.bea)
    assert len(linker.whoop.calls) == before  # not yet: more may come
    follow(linker, cast.bea)
    assert len(linker.whoop.calls) - before == 3  # no new night, so the cycles are as they were
    assert {event.state for event in events(linker, member)} == {"done"}
    assert {work.state for work in works(linker, cast.bea, "whoop_event")} == {"done"}


def test_an_unknown_members_event_calls_nobody(linker: Linker, cast: Cast) -> None:
    linked(linker, cast.bea, "mara")
    before = len(linker.whoop.calls)
    assert post(linker.app, body(user_id=424243)).status_code == 204
    follow(linker, cast.bea)
    assert len(linker.whoop.calls) == before


def test_what_came_before_the_link_is_followed_after_it(linker: Linker, cast: Cast) -> None:
    member = linked(linker, cast.bea, "ines")
    Critic.of(linker.app).sign_in(cast.bea).post_form(
        "/cabinet/whoop/disconnect", {"history": "keep"}
    )
    gone_night = night(linker, cast.bea)
    assert (
        post(linker.app, body(user_id=member, type="sleep.deleted", id=gone_night)).status_code
        == 204
    )
    assert [event.state for event in events(linker, member)] == ["unmatched"]
    delete_at_whoop(linker, gone_night)
    linker.link(cast.bea, "ines")
    follow(linker, cast.bea)
    assert [event.state for event in events(linker, member)] == ["done"]
    assert ("sleep", gone_night) in gone(linker, cast.bea)


def test_one_event_reaches_both_organisations(linker: Linker, cast: Cast) -> None:
    member = linked(linker, cast.bea, "june")
    linked(linker, cast.xenia, "june")
    assert post(linker.app, body(user_id=member)).status_code == 204
    subjects = {works(linker, who, "whoop_event")[0].subject_id for who in (cast.bea, cast.xenia)}
    assert subjects == {integration(linker, who).id for who in (cast.bea, cast.xenia)}
    follow(linker, cast.bea)
    (event,) = events(linker, member)
    assert (event.state, event.pending) == ("waiting", [integration(linker, cast.xenia).id])
    follow(linker, cast.xenia)
    assert [(each.state, each.pending) for each in events(linker, member)] == [("done", [])]


@pytest.mark.parametrize("order", [1, -1])
def test_a_deleted_night_goes_with_its_recovery_and_typed_values_stay(
    linker: Linker, cast: Cast, order: int
) -> None:
    member = linked(linker, cast.bea, "tessa")
    sleep_id = night(linker, cast.bea)
    browser: Critic = Critic.of(linker.app).sign_in(cast.bea)
    with linker.app.app_context(), acting_for(cast.bea.organisation_id):
        day = db.session.scalars(
            db.select(DailyLog)
            .where(DailyLog.client_id == cast.bea.client_id, DailyLog.recovery_score.is_not(None))
            .order_by(DailyLog.date.desc())
            .offset(2)
        ).first()
    assert day
    assert browser.type_value(f"/cabinet/days/{day.date}", "hrv", "55").status_code == 303
    delete_at_whoop(linker, sleep_id)
    before = len(linker.whoop.calls)
    for what in ("sleep.deleted", "recovery.deleted", "sleep.updated")[::order]:
        assert post(linker.app, body(user_id=member, type=what, id=sleep_id)).status_code == 204
    follow(linker, cast.bea)
    assert gone(linker, cast.bea) == {("sleep", sleep_id), ("recovery", sleep_id)}
    assert len(linker.whoop.calls) - before == 2  # one look, and the cycles
    with linker.app.app_context(), acting_for(cast.bea.organisation_id):
        mine = (DailyLog.client_id == cast.bea.client_id, DailyLog.date == day.date)
        now = db.session.scalars(db.select(DailyLog).where(*mine)).one()
        assert (now.recovery_score, now.sleep_hours, now.hrv) == (None, None, 55)
        assert now.sources["hrv"] == "manual"


def test_a_deleted_workout_goes_and_a_living_one_stays(linker: Linker, cast: Cast) -> None:
    member = linked(linker, cast.bea, "mara")
    *_, kept, lost = (each.provider_id for each in records(linker, cast.bea, "workout"))
    delete_at_whoop(linker, lost)
    for subject in (kept, lost):
        post(linker.app, body(user_id=member, type="workout.deleted", id=subject))
    follow(linker, cast.bea)
    assert gone(linker, cast.bea) == {("workout", lost)}


def test_a_forged_deletion_of_a_living_night_deletes_nothing(linker: Linker, cast: Cast) -> None:
    member = linked(linker, cast.bea, "noah")
    for what in ("sleep.deleted", "recovery.deleted"):
        post(linker.app, body(user_id=member, type=what, id=night(linker, cast.bea)))
    follow(linker, cast.bea)
    assert gone(linker, cast.bea) == set()
    assert {event.state for event in events(linker, member)} == {"done"}


def test_only_whoop_brings_a_deleted_night_back(linker: Linker, cast: Cast) -> None:
    member = linked(linker, cast.bea, "priya")
    sleep_id = night(linker, cast.bea)
    delete_at_whoop(linker, sleep_id)
    post(linker.app, body(user_id=member, type="sleep.deleted", id=sleep_id))
    follow(linker, cast.bea)
    post(linker.app, body(user_id=member, type="sleep.updated", id=sleep_id))
    follow(linker, cast.bea)
    assert ("sleep", sleep_id) in gone(linker, cast.bea)
    linker.whoop.app.extensions["simulator"].deleted.clear()
    post(linker.app, body(user_id=member, type="sleep.updated", id=sleep_id))
    follow(linker, cast.bea)
    assert gone(linker, cast.bea) == set()


def test_an_event_during_a_sync_waits_for_its_end_and_is_followed_then(
    linker: Linker, cast: Cast
) -> None:
    member = linked(linker, cast.bea, "ada")
    Critic.of(linker.app).sign_in(cast.bea).post_form("/cabinet/whoop/sync")
    _set_sync(linker, cast.bea, "running")
    trained = records(linker, cast.bea, "workout")[-1].provider_id
    post(linker.app, body(user_id=member, type="workout.updated", id=trained))
    hurry(linker, cast.bea)
    _work(linker, cast.bea)
    assert [event.state for event in events(linker, member)] == ["waiting"]
    assert works(linker, cast.bea, "whoop_event")[-1].state == "waiting"
    _set_sync(linker, cast.bea, "done")
    before = len(linker.whoop.calls)
    follow(linker, cast.bea)
    assert len(linker.whoop.calls) - before == 4  # what that sync had left unread, too
    assert [event.state for event in events(linker, member)] == ["done"]


def _set_sync(linker: Linker, who: Somebody, state: str) -> None:
    with linker.app.app_context():
        newest = works(linker, who, "whoop_sync")[-1].id
        db.session.execute(db.update(Work).where(Work.id == newest).values(state=state))
        db.session.commit()


def test_an_event_that_comes_while_others_are_followed_is_not_lost(
    linker: Linker, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = linked(linker, cast.bea, "omar")
    post(linker.app, body(user_id=member, type="sleep.deleted"))
    asked = []

    def then_another(*_doubt: object, **_more: object) -> None:
        answer = threading.Thread(
            target=lambda: asked.append(post(linker.app, body(user_id=member)).status_code)
        )
        answer.start()
        answer.join()

    with monkeypatch.context() as patch:
        patch.setattr("coach.whoop.sync.confirming.settle", then_another)
        hurry(linker, cast.bea)
        linker.work(cast.bea.organisation_id)
    assert asked == [204]
    assert [event.state for event in events(linker, member)] == ["done", "waiting"]
    assert works(linker, cast.bea, "whoop_event")[-1].state == "waiting"
    follow(linker, cast.bea)
    assert {event.state for event in events(linker, member)} == {"done"}


def test_a_parked_sync_reads_again_what_it_read_before_the_event(
    linker: Linker, cast: Cast
) -> None:
    member = linked(linker, cast.bea, "walter")
    with linker.app.app_context(), acting_for(cast.bea.organisation_id):
        db.session.execute(
            db.update(Integration)
            .where(Integration.client_id == cast.bea.client_id)
            .values(cursors={"since": "2026-11-01T00:00:00+00:00", "sleep": "read"})
        )
        db.session.commit()
    before = len(linker.whoop.calls)
    post(linker.app, body(user_id=member))
    follow(linker, cast.bea)
    assert "GET /developer/v2/activity/sleep" in linker.whoop.calls[before:]


def test_whoop_being_away_leaves_the_announcement_to_be_followed(
    linker: Linker, cast: Cast
) -> None:
    member = linked(linker, cast.bea, "mara")
    post(linker.app, body(user_id=member, type="sleep.deleted"))
    known = linker.app.config["SETTINGS"]
    away = {"whoop_api_base_url": "http://127.0.0.1:9/developer"}
    linker.app.config["SETTINGS"] = known.model_copy(update=away)
    hurry(linker, cast.bea)
    linker.work(cast.bea.organisation_id)
    linker.app.config["SETTINGS"] = known
    (work,) = works(linker, cast.bea, "whoop_event")
    assert (work.state, work.attempts, work.error) == ("waiting", 0, "Unavailable")
    follow(linker, cast.bea)
    assert [event.state for event in events(linker, member)] == ["done"]


def test_after_a_disconnect_an_event_calls_nobody(linker: Linker, cast: Cast) -> None:
    member = linked(linker, cast.bea, "noah")
    post(linker.app, body(user_id=member))
    browser: Critic = Critic.of(linker.app).sign_in(cast.bea)
    browser.post_form("/cabinet/whoop/disconnect", {"history": "keep"})
    before = len(linker.whoop.calls)
    follow(linker, cast.bea)
    assert len(linker.whoop.calls) == before
    assert [event.state for event in events(linker, member)] == ["done"]


def test_the_simulated_whoop_announces_what_a_member_did(app: Flask) -> None:
    ours = make_server("127.0.0.1", 0, app, threaded=True)
    simulator = create_simulator(
        client_id="test-client",
        client_secret=SECRET,
        redirect_uris=["http://localhost/cabinet/whoop-callback"],
        environment="test",
        options=Options(webhook_url=f"http://127.0.0.1:{ours.port}/webhooks/whoop"),
    )
    thread = threading.Thread(target=ours.serve_forever)
    thread.start()
    try:
        answer = simulator.test_client().post("/_simulator/announce/10129?copies=2")
    finally:
        ours.shutdown()
        thread.join()
        ours.server_close()
    assert answer.get_json() == {"statuses": [[204, 204]] * 3}
    with app.app_context():
        stored = db.session.scalars(
            db.select(WebhookEvent.type).where(WebhookEvent.external_user_id == "10129")
        )
        assert {"sleep.updated", "recovery.updated", "workout.updated"} <= set(stored)
