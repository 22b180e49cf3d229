"""The plan of calls: what an announcement asks for, and what a slot still has to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from coach.whoop.payloads import RecordKind
from coach.whoop.sync import planning
from coach.whoop.sync.cursors import LISTS, READ, TOP, asked_for, ended, sought_in, unread
from coach.whoop.sync.planning import Known

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
HALF_A_DAY = 12 * HOUR
CYCLE, SLEEP, RECOVERY, WORKOUT = LISTS


def known(
    hours: float, *, heard: bool = True, missed: float | None = None, **other: float
) -> Known:
    """All lists read so many hours ago, some at other times."""
    read_at = {kind: NOW - other.get(kind.value, hours) * HOUR for kind in LISTS}
    return Known(read_at, heard, NOW - missed * HOUR if missed is not None else None)


@pytest.mark.parametrize(
    ("what", "held", "kinds"),
    [
        ("workout.updated", False, {WORKOUT}),
        ("sleep.updated", False, {SLEEP, RECOVERY}),
        ("sleep.updated", True, {SLEEP, RECOVERY}),
        ("recovery.updated", True, {RECOVERY}),
        ("recovery.updated", False, {SLEEP, RECOVERY}),
        ("sleep.deleted", True, set()),
        ("cycle.updated", True, set()),
    ],
)
def test_an_announcement_asks_for_its_lists_alone(
    what: str,
    held: bool,  # noqa: FBT001  pytest passes it by name
    kinds: set[RecordKind],
) -> None:
    request = planning.updates([(what, "x")], sleeps={"x"} if held else set())
    assert request.kinds == kinds
    assert len(request.sought) == bool(kinds)


@pytest.mark.parametrize(
    ("at_slot", "lists"),
    [
        (known(29), set()),
        (known(31), {CYCLE, SLEEP, RECOVERY}),
        (known(10, workout=71), set()),
        (known(10, workout=73), {WORKOUT}),
        (known(10, workout=21, missed=50), {WORKOUT}),
        (known(10, workout=21, missed=200), set()),
        (known(12, heard=False), set(LISTS)),
        (known(10, heard=False), set()),
        (Known({}, heard=True), set(LISTS)),
    ],
)
def test_a_slot_asks_for_what_announcements_have_not_brought(
    at_slot: Known, lists: set[RecordKind]
) -> None:
    assert set(planning.due(at_slot, period=HALF_A_DAY, now=NOW)) == lists


@pytest.mark.parametrize(
    ("awake", "hours", "lists"),
    [
        (26, known(12), {CYCLE, SLEEP, RECOVERY}),  # a morning: there is a new night
        (2, known(2), set()),  # it has been brought already
        (14, known(12, workout=24), {WORKOUT}),  # the evening of a day whose night is here
        (14, known(12, workout=3), set()),
        (38, known(12, workout=12), {CYCLE, SLEEP, RECOVERY}),  # the night was late
        (50, known(12, workout=36), {WORKOUT}),  # the strap is off
        (74, known(24, workout=12), {CYCLE, SLEEP, RECOVERY}),
    ],
)
def test_when_slots_have_to_bring_it_mornings_bring_nights_and_evenings_workouts(
    awake: float, hours: Known, lists: set[RecordKind]
) -> None:
    scarce = replace(hours, heard=False, scarce=True, woke_at=NOW - awake * HOUR)
    assert set(planning.due(scarce, period=HALF_A_DAY, now=NOW)) == lists
    wary = replace(hours, missed_at=NOW - 50 * HOUR, woke_at=NOW - awake * HOUR)
    assert set(planning.due(wary, period=HALF_A_DAY, now=NOW)) == lists


@pytest.mark.parametrize(("awake", "hours"), [(1, 2), (3, 12), (13.5, 1.5), (26, 1), (100, 11)])
def test_while_quota_is_scarce_slots_follow_the_clients_own_waking(
    awake: float, hours: float
) -> None:
    scarce = Known({}, heard=False, scarce=True, woke_at=NOW - awake * HOUR)
    assert planning.next_slot(scarce, own=NOW + 9 * HOUR, now=NOW) == NOW + hours * HOUR


@pytest.mark.parametrize(
    ("at_slot", "hours"),
    [
        (known(12, heard=False), 9),
        (known(5), 9),
        (known(25), 5 + 1 / 60),  # if no night comes until then, there was none
        (known(31), 9),  # the sync that is asked for now reads it
        (Known({}, heard=True), 9),
    ],
)
def test_a_slot_has_its_own_place_unless_a_night_is_overdue_sooner(
    at_slot: Known, hours: float
) -> None:
    assert planning.next_slot(at_slot, own=NOW + 9 * HOUR, now=NOW) == NOW + hours * HOUR


def test_a_list_is_read_far_back_once_a_week() -> None:
    assert planning.review(SLEEP, {SLEEP: NOW - timedelta(days=6)}, now=NOW) is None
    assert planning.review(SLEEP, {}, now=NOW) == NOW - timedelta(days=30)


def test_looks_for_a_score_get_rarer_but_come_every_day() -> None:
    waits = [planning.next_look(NOW - age * HOUR, now=NOW) - NOW for age in (0, 1, 5, 30, 900)]
    assert waits == [HOUR / 2, HOUR, 5 * HOUR, 24 * HOUR, 24 * HOUR]


def test_a_request_joins_what_is_read_half_and_starts_nothing_over() -> None:
    half = {"trigger": "webhook", "sleep": "page 2", "workout": READ, "sought": ["workout:1"]}
    joined = asked_for(half, LISTS, trigger="asked", sought=["workout:2"])
    assert unread(joined) == {CYCLE: TOP, SLEEP: "page 2", RECOVERY: TOP}
    assert (joined["trigger"], sought_in(joined)) == ("webhook", ["workout:1", "workout:2"])


def test_an_announcement_has_a_list_read_again() -> None:
    assert unread(asked_for({"workout": READ}, [WORKOUT], trigger="webhook", again=True)) == {
        WORKOUT: TOP
    }


def test_a_list_that_was_not_read_was_not_read_far_back() -> None:
    kept = ended({"workout": READ}, reviewed=LISTS, now=NOW)
    assert kept["reviewed_at"] == {"workout": NOW.isoformat()}


def test_what_a_sync_was_about_goes_with_it_and_what_it_knows_stays() -> None:
    kept = ended(
        {"sleep": READ, "since": "x", "trigger": "asked", "measured_on": "y", "sought": []},
        reviewed=[],
        now=NOW,
    )
    assert kept == {
        "measured_on": "y",
        "read_at": {"sleep": NOW.isoformat()},
        "reviewed_at": {},
    }
