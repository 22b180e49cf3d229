"""Scores that come late, or change afterwards, with and without a word from WHOOP."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from coach.simulator.changes import Change
from tests.cast import Cast
from tests.whoop.conftest import NOW, Linker
from tests.whoop.editing import Edits, edited
from tests.whoop.records import Raw
from tests.whoop.test_plan import known
from tests.whoop.week import Week

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PENDING: Raw = {"score_state": "PENDING_SCORE", "score": None}


@pytest.fixture
def edits(linker: Linker) -> Iterator[Edits]:
    with edited(linker.whoop.app, {}) as made:
        yield made


@pytest.fixture
def week(linker: Linker, cast: Cast) -> Week:
    made = Week(linker, cast.bea, NOW)
    made.link("mara")
    return made


def announce(week: Week, what: str, subject: str) -> None:
    with week.at(week.now + HOUR):
        week.announce(Change(week.now, week.member(), what, UUID(subject)))
    week.follow()


def newest_day(week: Week) -> dict[str, object]:
    return week.days()[max(week.days())]  # type: ignore[type-var]  # dates


def test_a_missing_score_is_looked_for_ever_less_often_until_it_is_told(
    week: Week, edits: Edits
) -> None:
    night = known(week, "sleep")
    week.is_told = lambda change: str(change.subject) == night
    edits[("sleep_id", night)] = PENDING
    announce(week, "recovery.updated", night)
    assert (newest_day(week)["recovery_score"], newest_day(week)["state"]) == (None, "provisional")
    before = week.triggers()["score"]
    week.run(NOW + 12 * HOUR)
    looks = week.triggers()["score"] - before
    assert 3 <= looks <= 6
    edits.clear()
    week.run(NOW + DAY + 12 * HOUR)
    assert week.records()["recovery", night]["score_state"] == "SCORED"
    done = week.triggers()["score"]
    week.run(week.now + DAY)
    assert week.triggers()["score"] == done, "then nobody looks any more"


def test_a_score_that_never_comes_is_looked_for_once_a_day(week: Week, edits: Edits) -> None:
    trained = known(week, "workout")
    edits[("id", trained)] = PENDING
    announce(week, "workout.updated", trained)
    week.run(NOW + 4 * DAY)
    before = week.calls().count("/activity/workout")
    week.is_told = lambda change: "workout" not in change.type
    week.run(NOW + 6 * DAY)
    assert 2 <= week.calls().count("/activity/workout") - before <= 4


def test_a_night_scored_again_without_a_word_is_read_with_the_next_night(
    week: Week, edits: Edits
) -> None:
    night = known(week, "sleep", 5)
    week.is_told = lambda change: str(change.subject) != night
    old = week.records()["recovery", night]
    assert isinstance(old["score"], dict)
    edits[("sleep_id", night)] = {"score": {**old["score"], "recovery_score": 7.0}}
    week.run(NOW + DAY)
    assert 7.0 in {log["recovery_score"] for log in week.days().values()}


def test_a_night_scored_again_is_read_at_once_when_whoop_says_so(week: Week, edits: Edits) -> None:
    night = known(week, "sleep", 5)
    old = week.records()["recovery", night]
    assert isinstance(old["score"], dict)
    edits[("sleep_id", night)] = {"score": {**old["score"], "recovery_score": 7.0}}
    announce(week, "recovery.updated", night)
    assert 7.0 in {log["recovery_score"] for log in week.days().values()}
