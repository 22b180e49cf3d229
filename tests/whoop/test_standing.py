"""How a link stands, in one word: the quiet states are told apart."""

from datetime import UTC, datetime, timedelta

import pytest

from coach.whoop.models import Integration
from coach.whoop.payloads import RecordKind
from coach.whoop.screens.standing import Limits, Standing, Underway, calls_left, progress, standing
from coach.whoop.sync.gaps import DayState
from coach.whoop.sync.history import MORE, History, Reach
from coach.work.models import Work

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
A_DAY = timedelta(days=1)
RUNNING = Work(state="running")
PUT_OFF = Work(state="waiting", error="SlowDown", due_at=NOW)
TURN = Work(state="waiting", error=MORE, due_at=NOW)


def link(status: str = "active", *, quiet: int = 0, synced: bool = True) -> Integration:
    return Integration(
        status=status,
        last_sync=NOW if synced else None,
        data_through=NOW - quiet * A_DAY if synced else None,
    )


@pytest.mark.parametrize(
    ("integration", "work", "newest", "says"),
    [
        (None, Underway(), None, Standing.NOT_LINKED),
        (link("disconnected"), Underway(), None, Standing.DISCONNECTED),
        (link("reconnect_needed", quiet=9), Underway(), None, Standing.RECONNECT),
        (link("error"), Underway(), None, Standing.ERROR),
        (link("error"), Underway(sync=RUNNING), None, Standing.SYNCING),
        (link(synced=False), Underway(sync=RUNNING), None, Standing.SYNCING),
        (link(), Underway(sync=PUT_OFF), None, Standing.WAITING),
        (link(quiet=5), Underway(), DayState.SCORED, Standing.QUIET),
        (link(quiet=5), Underway(), DayState.PENDING, Standing.QUIET),
        (link(), Underway(), DayState.PENDING, Standing.PENDING),
        (link(), Underway(), DayState.UNSCORABLE, Standing.UNSCORABLE),
        (link(), Underway(history=TURN), DayState.SCORED, Standing.HISTORY),
        (link(), Underway(), DayState.SCORED, Standing.LINKED),
        (link(), Underway(), None, Standing.LINKED),
    ],
)
def test_a_link_stands_in_one_of_these_ways(
    integration: Integration | None, work: Underway, newest: DayState | None, says: Standing
) -> None:
    assert standing(integration, work, newest=newest) is says


def test_taking_turns_is_no_waiting_for_limits() -> None:
    assert not Underway(history=TURN).history_waits
    assert not Underway(history=RUNNING).history_waits
    assert Underway(history=PUT_OFF).history_waits


def _history(settled_days_ago: int, *, pages: int = 0) -> History:
    reach = Reach(NOW - 30 * A_DAY, NOW - 30 * A_DAY, pages=pages)
    return History(
        generation=1,
        seen_at=NOW,
        begun=NOW - 30 * A_DAY,
        limit=NOW - 730 * A_DAY,
        settled=NOW - settled_days_ago * A_DAY,
        lists=dict.fromkeys(RecordKind, reach),
    )


def test_the_first_weeks_count_as_progress_and_only_the_end_is_a_hundred() -> None:
    assert progress(_history(30)).percent == 4
    assert progress(_history(730)).percent == 100
    almost = progress(_history(729))
    assert (almost.percent, almost.done) == (99, False)
    assert almost.back_to.isoformat() == "2024-11-21"


@pytest.mark.parametrize(
    ("histories", "takes"),
    [
        (1, None),  # 124 calls at 50 a minute: not worth a word
        (20, timedelta(minutes=49)),
        (1000, timedelta(days=16.4)),  # three quarters of a day are for histories
    ],
)
def test_the_estimate_counts_everybody_who_reads_a_history(
    histories: int, takes: timedelta | None
) -> None:
    told = progress(_history(30), Limits(100, 10_000, histories)).takes
    if takes is None:
        assert told is None
    else:
        assert told
        assert abs(told - takes) < takes / 20


def test_after_a_while_the_guess_follows_what_a_member_really_costs() -> None:
    assert round(calls_left(_history(30))) == 123
    heavy = _history(130, pages=10)  # 50 pages for 100 days
    assert round(calls_left(heavy)) == 300


def test_a_new_grant_drops_marks_and_reads_what_was_refused_before() -> None:
    read = Reach(NOW - 90 * A_DAY, NOW, token="x", read=True)
    refused = Reach(NOW - 30 * A_DAY, NOW, read=True, granted=False)
    known = _history(730)
    known = known.having(RecordKind.CYCLE, read).having(RecordKind.WORKOUT, refused)
    again = known.under(2)
    assert again.lists[RecordKind.CYCLE].token is None
    assert again.lists[RecordKind.CYCLE].read
    assert not again.lists[RecordKind.WORKOUT].read
    assert not again.done
    assert known.under(1) is known
