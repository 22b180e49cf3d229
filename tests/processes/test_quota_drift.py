"""Lists that move while they are read, and records that WHOOP scores again: all there in the end."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from coach.days.models import DailyLog
from coach.whoop.models import Integration, WhoopRecord
from coach.whoop.payloads import RecordKind
from coach.whoop.sync import due
from coach.whoop.sync.cursors import LISTS, READ_AT, REVIEWED_AT
from coach.work.leases import now
from coach.work.models import DueSlot, WorkState
from tests.cast import Cast
from tests.processes import truth
from tests.processes.clients import Linked, bring, bring_synced
from tests.processes.looking import seen_by
from tests.processes.stage import wait_until
from tests.processes.whoop_side import WhoopSide, fault

pytestmark = pytest.mark.usefixtures("inside", "anew")

MEMBER = "mara"
MOST_PAGES = 200
SOON_SEEN = 60.0
Scores = dict[date, float | None]


def drifting(how: str) -> dict[str, object]:
    return fault("drift", {"kind": "pages", "how": how})


def test_r59_records_that_come_in_while_paging_are_neither_lost_nor_doubled(
    whoop: WhoopSide, people: Cast
) -> None:
    with whoop.following(drifting("added")):
        bea = bring_synced(whoop, people.bea, MEMBER)
        assert whoop.fell("drift") > 2
    truth.check(bea, whoop)


@pytest.mark.slow
def test_r59_what_slipped_through_between_two_pages_comes_with_the_weekly_review(
    whoop: WhoopSide, people: Cast
) -> None:
    with whoop.following(drifting("removed")):
        bea = bring_synced(whoop, people.bea, MEMBER)
    told = truth.lists_of(whoop, MEMBER, truth.now_at(whoop) - timedelta(days=28))["sleep"]
    assert {("sleep", str(each["id"])) for each in told} - bea.records.keys()
    let_days_pass(bea, timedelta(days=8))
    due.sync_due(now=now())
    bea.wait()
    truth.check(bea, whoop)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["loop", "repeated"])
def test_r59_a_list_that_leads_in_a_circle_ends_the_sync_and_not_the_worker(
    whoop: WhoopSide, people: Cast, how: str
) -> None:
    with whoop.following(drifting(how)):
        bea = bring(whoop, people.bea, MEMBER)
        bea.wait_hurrying(WorkState.FAILED)
        assert (bea.row.status, bea.row.error) == ("error", "UnexpectedPayload")
        assert len(whoop.api_calls(MEMBER)) <= MOST_PAGES
    bea.sync()
    assert bea.row.status == "active"
    truth.check(bea, whoop)


@pytest.mark.slow
def test_r63_a_night_that_is_scored_again_is_announced_to_all_links_and_followed(
    whoop: WhoopSide, people: Cast
) -> None:
    bea, xenia = (bring_synced(whoop, who, MEMBER) for who in (people.bea, people.xenia))
    night, before = night_of(bea, days_ago=4), recovery_scores(bea)
    whoop.rescore(night, MEMBER)
    for each in (bea, xenia):
        wait_until(lambda one=each: recovery_scores(one) != before, SOON_SEEN, "the new score")  # type: ignore[misc]
        each.wait()
    assert len(differing(before, recovery_scores(bea))) == 1
    for each in (bea, xenia):
        truth.check(each, whoop)


@pytest.mark.parametrize("days_ago", [5, pytest.param(26, marks=pytest.mark.slow)])
def test_r63_a_night_that_is_scored_again_unannounced_comes_with_the_next_sweep(
    whoop: WhoopSide, people: Cast, days_ago: int
) -> None:
    bea = bring_synced(whoop, people.bea, MEMBER)
    night, before = night_of(bea, days_ago=days_ago), recovery_scores(bea)
    whoop.announce_nothing()
    try:
        whoop.rescore(night, MEMBER)
        let_days_pass(bea, timedelta(days=8 if days_ago > 7 else 1.3))
        due.sync_due(now=now())
        bea.wait()
    finally:
        whoop.announce_all()
    assert len(differing(before, recovery_scores(bea))) == 1
    truth.check(bea, whoop)


def night_of(client: Linked, *, days_ago: int) -> str:
    """Name the main sleep that has a recovery and ended so long ago."""
    mine = (
        WhoopRecord.client_id == client.who.client_id,
        WhoopRecord.kind == RecordKind.SLEEP,
        WhoopRecord.raw["nap"].astext == "false",
        WhoopRecord.raw["score_state"].astext == "SCORED",
        WhoopRecord.ends_at < func.now() - timedelta(days=days_ago),
    )
    newest = select(WhoopRecord.provider_id).where(*mine).order_by(WhoopRecord.ends_at.desc())
    return seen_by(client.who, newest)[0]


def recovery_scores(client: Linked) -> Scores:
    mine = select(DailyLog).where(DailyLog.client_id == client.who.client_id)
    return {each.date: each.recovery_score for each in seen_by(client.who, mine)}


def differing(one: Scores, other: Scores) -> set[date]:
    """List the days of `one` that are another in `other`, but for its oldest, which are half told."""
    return {day for day in sorted(one)[2:] if one[day] != other.get(day)}


def let_days_pass(client: Linked, by: timedelta) -> None:
    """Let the last sync be so long ago, and the next one due."""
    cursors = dict(client.row.cursors)
    for name in (READ_AT, REVIEWED_AT):
        told = cursors.get(name)
        assert isinstance(told, dict)
        cursors[name] = {kind: _earlier(told[kind], by) for kind in LISTS}
    mine = Integration.organisation_id == client.who.organisation_id, Integration.id == client.id
    client.put(update(Integration).where(*mine).values(cursors=cursors))
    slot = DueSlot.subject_id == client.id
    client.put(update(DueSlot).where(slot).values(due_at=func.now()))


def _earlier(moment: str, by: timedelta) -> str:
    return (datetime.fromisoformat(moment) - by).isoformat()
