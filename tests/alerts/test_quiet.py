"""Why nothing arrives, and whether somebody is asked: the pure part."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from coach.alerts.quiet import Arrivals, QuietState, is_to_be_nudged, quiet_state
from coach.whoop.models import Integration, Status
from tests.insights.lives import NOON, TODAY, ago


def link(
    status: Status = Status.ACTIVE, *, synced: datetime = NOON, through: int = 0
) -> Integration:
    return Integration(status=status, last_sync=synced, data_through=NOON - timedelta(days=through))


LINKED = Arrivals(link(), valued=TODAY, told=TODAY, joined=ago(100))


def state(known: Arrivals) -> QuietState | None:
    return quiet_state(known, here=TODAY, now=NOON)


def test_who_has_a_night_of_today_or_yesterday_is_not_quiet() -> None:
    assert state(LINKED) is None
    assert state(replace(LINKED, valued=ago(1))) is None
    assert state(replace(LINKED, link=None)) is None


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (Arrivals(None, None, None, ago(5)), QuietState.NEVER_LINKED),
        (Arrivals(None, None, None, ago(1)), None),
        (replace(LINKED, link=link(Status.RECONNECT_NEEDED)), QuietState.RECONNECT),
        (Arrivals(link(Status.DISCONNECTED), ago(9), ago(9), ago(99)), None),
        (Arrivals(link(through=4), ago(4), ago(4), ago(99)), QuietState.QUIET),
        (Arrivals(link(), ago(4), TODAY, ago(99)), QuietState.UNSCORABLE),
        (Arrivals(link(Status.ERROR), ago(4), ago(4), ago(99)), QuietState.LATE),
        (
            Arrivals(link(synced=NOON - timedelta(days=2)), ago(4), ago(4), ago(99)),
            QuietState.LATE,
        ),
    ],
)
def test_each_silence_has_its_own_reason(known: Arrivals, expected: QuietState | None) -> None:
    assert state(known) is expected


def test_a_client_is_asked_once_a_gap_at_their_own_pace_and_not_when_tags_explain_it() -> None:
    gap = Arrivals(link(through=4), ago(4), ago(4), ago(99))

    def asked(known: Arrivals = gap, **but: object) -> bool:
        usual = {"after_days": 3, "nudged_on": None, "explained": False}
        return is_to_be_nudged(known, here=TODAY, **{**usual, **but})  # type: ignore[arg-type]

    assert asked()
    assert not asked(after_days=5)
    assert not asked(after_days=0)
    assert not asked(explained=True)
    assert not asked(nudged_on=ago(1))
    # A day that arrived late from inside the gap ends no gap; data after the message does.
    assert not asked(replace(gap, valued=ago(3)), nudged_on=ago(1))
    assert asked(replace(gap, valued=ago(4)), nudged_on=ago(20))
