"""What WHOOP is asked after each kind of announcement, and at the slots of the day."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from coach.extensions import db
from coach.simulator.changes import Change
from coach.whoop.models import QuotaLedger, WebhookEvent, WhoopApp
from coach.whoop.sync.cursors import REVIEWED_AT, moments_of
from coach.whoop.sync.planning import REVIEWED
from tests.cast import Cast
from tests.critic import Critic
from tests.whoop.announcing import body, post
from tests.whoop.conftest import NOW, Linker
from tests.whoop.week import Week

CYCLES, SLEEPS, RECOVERIES, WORKOUTS = (
    "/cycle",
    "/activity/sleep",
    "/recovery",
    "/activity/workout",
)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def week(linker: Linker, cast: Cast) -> Week:
    """A client who was linked at noon, and whose lists are all read."""
    made = Week(linker, cast.bea, NOW)
    made.link("mara")
    with made.at(NOW):  # of somebody else: it shows that WHOOP reaches us
        assert post(linker.app, body(user_id=424_242)).status_code == 204
    return made


def asked_after(week: Week, *said: tuple[str, str]) -> list[str]:
    """Announce some things and give the paths of the calls they lead to."""
    before = len(week.calls())
    with week.at(week.now + HOUR):
        for what, subject in said:
            week.announce(Change(week.now, week.member(), what, UUID(subject)))
    week.follow()
    return week.calls()[before:]


@contextmanager
def full_app(week: Week, *, per_day: int) -> Iterator[None]:
    """Let the app have heard and used nothing yet, and no more calls than so many a day."""
    with week.inside():
        for gone in (WebhookEvent, QuotaLedger):
            db.session.execute(db.delete(gone))
        db.session.execute(db.update(WhoopApp).values(per_day=per_day))
        db.session.commit()
    yield
    with week.inside():
        db.session.execute(db.update(WhoopApp).values(per_day=None))
        db.session.commit()


def known(week: Week, kind: str, back: int = 0) -> str:
    """Name a stored record, the newest or so many before it."""
    rows = [raw for (each, _), raw in week.records().items() if each == kind]
    starts = sorted(rows, key=lambda raw: str(raw["start"]), reverse=True)
    return str(starts[back]["id"])


def forget(week: Week, *records: tuple[str, str]) -> None:
    """Leave things as they were before WHOOP had them."""
    with week.linker.app.app_context():
        for kind, provider_id in records:
            statement = "DELETE FROM whoop_records WHERE kind = :kind AND provider_id = :id"
            gone = {"kind": kind, "id": provider_id, "organisation": str(week.who.organisation_id)}
            db.session.execute(
                db.text("SELECT set_config('app.organisation_id', :organisation, true)"), gone
            )
            db.session.execute(db.text(statement), gone)
        db.session.commit()


def test_a_new_night_costs_three_lists(week: Week) -> None:
    night, cycle = known(week, "sleep"), known(week, "cycle")
    forget(week, ("sleep", night), ("recovery", night), ("cycle", cycle))
    calls = asked_after(week, ("sleep.updated", night), ("recovery.updated", night))
    assert sorted(calls) == sorted([SLEEPS, RECOVERIES, CYCLES])
    assert {("sleep", night), ("recovery", night), ("cycle", cycle)} <= week.records().keys()


@pytest.mark.parametrize("what", ["sleep.updated", "recovery.updated"])
def test_either_half_of_a_nights_announcements_brings_all_of_it(week: Week, what: str) -> None:
    night, cycle = known(week, "sleep"), known(week, "cycle")
    forget(week, ("sleep", night), ("recovery", night), ("cycle", cycle))
    assert len(asked_after(week, (what, night))) == 3
    assert {("sleep", night), ("recovery", night), ("cycle", cycle)} <= week.records().keys()


def test_a_night_that_is_scored_again_costs_two_lists(week: Week) -> None:
    night = known(week, "sleep")
    calls = asked_after(week, ("sleep.updated", night), ("recovery.updated", night))
    assert calls == [SLEEPS, RECOVERIES]
    assert asked_after(week, ("recovery.updated", night)) == [RECOVERIES]


def test_a_workout_costs_one_list(week: Week) -> None:
    workout = known(week, "workout")
    forget(week, ("workout", workout))
    assert asked_after(week, ("workout.updated", workout)) == [WORKOUTS]
    assert ("workout", workout) in week.records()


def test_what_lies_further_back_than_the_list_is_asked_for_by_its_id(week: Week) -> None:
    night = known(week, "sleep", 27)
    calls = asked_after(week, ("sleep.updated", night), ("recovery.updated", night))
    assert calls[0] == f"{SLEEPS}/{night}"
    assert [call.split("/")[-1] for call in calls[1:2]] == ["recovery"]
    assert len(calls) == 3


def test_an_old_thing_that_we_never_had_is_found_by_its_id(week: Week) -> None:
    night = known(week, "sleep", 27)
    forget(week, ("sleep", night), ("recovery", night))
    calls = asked_after(week, ("recovery.updated", night))
    assert f"{SLEEPS}/{night}" in calls
    assert {("sleep", night), ("recovery", night)} <= week.records().keys()


def test_what_nobody_finds_costs_one_look_more_and_no_harm(week: Week) -> None:
    before, nowhere = week.records(), str(uuid4())
    assert asked_after(week, ("workout.updated", nowhere)) == [WORKOUTS, f"{WORKOUTS}/{nowhere}"]
    assert week.records() == before


def test_a_workout_that_is_gone_without_a_word_is_found_missing(week: Week) -> None:
    lost, other = known(week, "workout", 2), known(week, "workout")
    week.linker.whoop.app.extensions["simulator"].deleted.add(UUID(lost))
    assert asked_after(week, ("workout.updated", other)) == [WORKOUTS, f"{WORKOUTS}/{lost}"]
    assert ("workout", lost) not in week.records()


def test_a_request_joins_the_sync_that_is_open_and_keeps_what_that_was_for(week: Week) -> None:
    workout = known(week, "workout")
    before = len(week.calls())
    with week.at(week.now + HOUR):
        week.announce(Change(week.now, week.member(), "workout.updated", UUID(workout)))
    week.follow("whoop_event")
    with week.at(week.now + HOUR):
        Critic.of(week.linker.app).sign_in(week.who).post_form("/cabinet/whoop/sync")
        week.work()
    assert sorted(week.calls()[before:]) == sorted([CYCLES, SLEEPS, RECOVERIES, WORKOUTS])
    assert week.triggers() == {"link": 1, "webhook": 1}


def test_a_run_says_what_came_of_each_list(week: Week) -> None:
    workout = known(week, "workout")
    forget(week, ("workout", workout))
    asked_after(week, ("workout.updated", workout))
    counted = {"stored": 25, "changed": 1, "pending": 0, "missed": 0}
    assert week.runs()[-1].counts == {"workout": counted}
    assert (week.runs()[-1].trigger, week.runs()[-1].calls) == ("webhook", 1)


def test_slots_ask_for_nothing_while_announcements_bring_it(week: Week) -> None:
    week.run(NOW + 3 * DAY)
    assert week.triggers()["schedule"] == 0
    assert week.triggers()["webhook"] > 3


def test_without_announcements_every_slot_reads_every_list(week: Week) -> None:
    week.is_told = lambda _: False
    with week.inside():
        db.session.execute(db.delete(WebhookEvent))
        db.session.commit()
    before = len(week.calls())
    week.run(NOW + 2 * DAY)
    assert 3 <= week.triggers()["schedule"] <= 4
    assert len(week.calls()) - before == 4 * week.triggers()["schedule"]


def test_a_full_app_that_hears_nothing_reads_each_list_once_a_day(week: Week) -> None:
    week.is_told = lambda _: False
    before = len(week.calls())
    with full_app(week, per_day=7):
        week.run(NOW + 4 * DAY)
    asked = Counter(week.calls()[before:])
    assert set(asked) == {CYCLES, SLEEPS, RECOVERIES, WORKOUTS}
    assert max(asked.values()) <= 5
    newest = max(str(raw["end"]) for (kind, _), raw in week.records().items() if kind == "sleep")
    assert newest > f"{NOW + 3 * DAY:%Y-%m-%d}"


def test_a_downtime_of_days_is_caught_up_by_one_sync(week: Week) -> None:
    with week.at(NOW + 3 * DAY):
        for _ in range(3):
            week.schedule()
        week.work()
    assert week.triggers() == {"link": 1, "schedule": 1}
    planned = week.integration().next_sync
    assert planned
    assert NOW + 3 * DAY < planned <= NOW + 3.5 * DAY


def test_a_client_who_is_archived_is_left_alone(week: Week) -> None:
    with week.inside():
        archive = "UPDATE clients SET archived_at = now() WHERE id = :id"
        db.session.execute(db.text(archive), {"id": week.who.client_id})
        db.session.commit()
    before = len(week.calls())
    week.is_told = lambda _: False
    week.run(NOW + 2 * DAY)
    assert len(week.calls()) == before
    planned = week.integration().next_sync
    assert planned
    assert planned > NOW + 2 * DAY


def test_somebody_who_looks_in_the_evening_sees_the_open_cycle_of_the_evening(week: Week) -> None:
    week.run(NOW + DAY)
    assert week.triggers()["look"] == 0
    week.look(NOW + 1.25 * DAY)
    week.run(NOW + 1.625 * DAY)
    # The client's own slots lie in the afternoon, soon after midnight, or both.
    assert week.triggers()["look"] in {1, 2}


def test_once_a_week_a_list_that_is_read_anyway_is_read_a_page_further(week: Week) -> None:
    week.run(NOW + 9 * DAY)
    reviewed = moments_of(week.integration().cursors, REVIEWED_AT)
    assert min(reviewed[kind] for kind in REVIEWED if kind != "workout") > NOW
