"""Tokens that die with a process or on the wire, and refusals of every sort, through real workers."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from coach.extensions import db
from coach.whoop.grant.models import AppStanding, TokenCall
from coach.whoop.models import Integration
from coach.work.models import WorkState
from tests.cast import Cast
from tests.processes import truth
from tests.processes.clients import Linked, bring, bring_synced, newcomers, wait_for_all
from tests.processes.conftest import base_url
from tests.processes.gate import Gate
from tests.processes.looking import link
from tests.processes.refreshing import refreshers
from tests.processes.stage import Stage, wait_until
from tests.processes.whoop_side import TOKENS, Effect, WhoopSide, fault

pytestmark = pytest.mark.usefixtures("inside", "anew")

A_TRY_IS_OLD = timedelta(seconds=31)
TEN_MINUTES = timedelta(minutes=10, seconds=5)
EVERY_HOUR = timedelta(minutes=61)
INVALID_REQUEST = {
    "kind": "status",
    "status": 400,
    "body": '{"error": "invalid_request"}',
    "headers": {"Content-Type": "application/json"},
}
PASSING: dict[str, Effect] = {
    "ada": {"kind": "status", "status": 500},
    "noah": {"kind": "status", "status": 502, "body": "<html>Bad Gateway</html>"},
    "ines": {"kind": "status", "status": 200, "body": "<html>Please wait</html>"},
    "omar": {"kind": "waf"},
}


@pytest.fixture
def bea(whoop: WhoopSide, people: Cast) -> Iterator[Linked]:
    """Link Bea; nobody is told of what goes on in her life, so that all calls are the test's."""
    whoop.announce_nothing()
    made = bring_synced(whoop, people.bea, "mara")
    whoop.start_anew()
    yield made
    whoop.announce_all()


def test_r35_a_process_that_dies_before_it_sends_costs_nobody_anything(
    running: Stage, whoop: WhoopSide, bea: Linked
) -> None:
    bea.expire()
    with refreshers(running, bea.whose, 1, "--at", "checked", "--fate", "kill") as one:
        one.ask()
        one.wait_until_killed()
    assert not whoop.refreshes()
    bea.let_pass(A_TRY_IS_OLD)
    bea.sync()
    assert bea.outcomes[-2:] == [None, "renewed"]
    assert (bea.row.status, bea.notices) == ("active", [])
    truth.check(bea, whoop)


@pytest.mark.slow
def test_r35_the_next_worker_succeeds_within_a_minute_without_hands(
    running: Stage, whoop: WhoopSide, bea: Linked
) -> None:
    bea.expire()
    with refreshers(running, bea.whose, 1, "--at", "checked", "--fate", "kill") as one:
        one.ask()
        one.wait_until_killed()
    bea.sync()
    assert (len(whoop.refreshes()), whoop.reused(), bea.row.status) == (1, 0, "active")


def lose_the_tokens(running: Stage, whoop: WhoopSide, bea: Linked) -> None:
    """Kill the work horse when WHOOP has spent the token, before its answer arrives."""
    whoop.wait_until_it_falls("slow")
    running.kill_work_horse("sync")
    wait_until(lambda: len(whoop.refreshes()) == 1, what="WHOOP's answer to nobody")
    bea.let_pass(A_TRY_IS_OLD)


def slow_once(seconds: float) -> dict[str, object]:
    return fault("slow", {"kind": "slow", "seconds": seconds}, path=TOKENS, count=1)


@pytest.mark.parametrize("mode", [pytest.param("strict", marks=pytest.mark.slow), "family"])
def test_r36_tokens_that_died_with_a_work_horse_cost_one_retry_and_one_notice(
    running: Stage, whoop: WhoopSide, gate: Gate, bea: Linked, mode: str
) -> None:
    before = bea.records
    bea.expire()
    with whoop.following(slow_once(2), refresh=mode):
        bea.ask()
        lose_the_tokens(running, whoop, bea)
        bea.wait_hurrying()
    assert (bea.row.status, bea.notices) == ("reconnect_needed", ["whoop_reconnect"])
    assert (len(whoop.refreshes("mara")), whoop.reused()) == (2, 1)
    assert bea.records == before

    link(running, gate, bea.who)
    bea.wait()
    whoop.start_anew()
    truth.check(bea, whoop)
    assert bea.row.status == "active"
    assert bea.notices == ["whoop_reconnect", "whoop_recovered"]


@pytest.mark.slow
def test_r36_with_grace_at_whoop_nobody_notices(
    running: Stage, whoop: WhoopSide, bea: Linked
) -> None:
    bea.expire()
    with whoop.following(slow_once(2), refresh="grace"):
        bea.ask()
        lose_the_tokens(running, whoop, bea)
        bea.wait_hurrying()
    assert (len(whoop.refreshes()), bea.outcomes[-2:]) == (2, [None, "renewed"])
    assert (bea.row.status, bea.notices) == ("active", [])


@pytest.mark.slow
def test_r38_an_answer_lost_on_the_wire_is_asked_for_once_more_and_no_oftener(
    whoop: WhoopSide, bea: Linked
) -> None:
    bea.expire()
    lost = fault("lost", {"kind": "lost"}, path=TOKENS)
    with whoop.following(lost, refresh="grace"):
        bea.ask()
        wait_until(lambda: bea.outcomes == ["unknown"], what="the try")
        for _ in range(3):
            bea.let_pass(A_TRY_IS_OLD)
            bea.wait_hurrying()
    assert len(whoop.refreshes()) == 2
    assert bea.row.status == "reconnect_needed"


def test_r40_one_refusal_of_a_token_costs_two_calls_more(whoop: WhoopSide, bea: Linked) -> None:
    refused = fault("refused", {"kind": "status", "status": 401}, count=1)
    bea.sync()
    usual = len(whoop.api_calls("mara"))
    whoop.start_anew()
    with whoop.following(refused):
        bea.sync()
    assert len(whoop.api_calls("mara")) == usual + 1, "the call itself again"
    assert [each.status for each in whoop.refreshes()] == [200]
    assert (bea.row.status, bea.row.error) == ("active", None)
    truth.check(bea, whoop)


@pytest.mark.slow
def test_r41_tokens_that_are_always_refused_are_renewed_once_and_end_after_three_hours(
    whoop: WhoopSide, bea: Linked
) -> None:
    before = bea.records
    mine = Integration.organisation_id == bea.who.organisation_id, Integration.id == bea.id
    yesterday = func.now() - timedelta(days=1)
    bea.put(update(Integration).where(*mine).values(last_sync=yesterday))
    with whoop.following(fault("refused", {"kind": "status", "status": 401})):
        bea.ask()
        for hour in range(3):
            wait_until(lambda at=hour: bea.outcomes.count("refused") > at, what="the refusal")  # type: ignore[misc]
            if hour < 2:
                bea.wait(WorkState.WAITING)
                assert (bea.row.status, bea.row.error) == ("active", "TokenRefused")
                assert len(whoop.refreshes()) == hour + 1
                bea.let_pass(EVERY_HOUR)
                bea.hurry()
        bea.wait()
    assert len(whoop.refreshes()) <= 3
    assert (bea.row.status, bea.notices) == ("reconnect_needed", ["whoop_reconnect"])
    assert bea.records == before
    assert not whoop.reused()


def test_r41_a_token_that_is_taken_again_makes_the_link_well_by_itself(
    whoop: WhoopSide, bea: Linked
) -> None:
    with whoop.following(fault("refused", {"kind": "status", "status": 401})):
        bea.ask()
        wait_until(lambda: "refused" in bea.outcomes, what="the refusal")
        for _ in range(3):  # within ten minutes no other token is asked for
            bea.wait(WorkState.WAITING)
            bea.hurry()
    bea.wait_hurrying()
    assert (bea.row.status, bea.row.error, bea.notices) == ("active", None, [])
    assert len(whoop.refreshes()) == 1


def test_r42_a_member_who_left_at_whoop_is_asked_to_reconnect_and_left_in_peace(
    whoop: WhoopSide, bea: Linked
) -> None:
    before = bea.records, bea.days
    assert whoop.revoke("mara")
    bea.sync()
    assert (bea.row.status, bea.notices) == ("reconnect_needed", ["whoop_reconnect"])
    calls = len(whoop.calls())
    for _ in range(2):
        bea.sync()
    assert len(whoop.calls()) == calls
    assert (bea.records, bea.days) == before
    assert bea.notices == ["whoop_reconnect"]


def test_r43_no_trouble_of_the_token_endpoint_makes_anybody_reconnect(
    running: Stage, whoop: WhoopSide, people: Cast
) -> None:
    assert running
    who = [people.bea, people.carl, people.xenia, *newcomers(people.ann, 1)]
    clients = [bring(whoop, each, name) for each, name in zip(who, PASSING, strict=True)]
    wait_for_all(clients)
    whoop.start_anew()
    faults = [
        fault(
            each.member,
            PASSING[each.member],
            path=TOKENS,
            member=int(str(each.row.external_user_id)),
        )
        for each in clients
    ]
    with whoop.following(*faults):
        for each in clients[1:]:
            each.expire()
            each.ask()
        clients[0].expire(left=timedelta(minutes=2))
        clients[0].sync()  # by what is left of the old token
        for each in clients[1:]:
            wait_until(lambda one=each: one.outcomes == ["later"], what=each.member)  # type: ignore[misc]
            each.hurry()  # the pause of the token outlasts the hurry
            each.wait(WorkState.WAITING)
        assert [each.row.status for each in clients] == ["active"] * len(clients)
        assert len(whoop.refreshes()) == len(clients), "nobody hammers"
    for each in clients:
        each.let_pass(TEN_MINUTES)
    clients[0].ask()
    wait_for_all(clients)
    for each in clients:
        assert (each.outcomes[-1], each.notices) == ("renewed", [])
        each.sync()  # WHOOP may have scored a night while we waited for the others
        truth.check(each, whoop)


@pytest.mark.slow
@pytest.mark.parametrize("confirmed", [True, False])
def test_r43_an_unclear_refusal_counts_only_when_it_comes_again_later(
    whoop: WhoopSide, bea: Linked, *, confirmed: bool
) -> None:
    bea.expire()
    with whoop.following(fault("unclear", INVALID_REQUEST, path=TOKENS)):
        bea.ask()
        wait_until(lambda: bea.outcomes == ["unclear"], what="the refusal")
        bea.wait(WorkState.WAITING)
        assert bea.row.status == "active"
        if confirmed:
            bea.let_pass(TEN_MINUTES)
            bea.wait_hurrying()
    bea.let_pass(TEN_MINUTES)
    bea.wait_hurrying()
    assert bea.row.status == ("reconnect_needed" if confirmed else "active")
    assert len(whoop.refreshes()) == 2


def test_r44_a_wrong_secret_is_the_operators_business_and_heals_by_itself(
    running: Stage, whoop: WhoopSide, people: Cast
) -> None:
    members = {people.bea: "ada", people.carl: "noah", people.xenia: "ines"}
    clients = [bring(whoop, who, member) for who, member in members.items()]
    wait_for_all(clients)
    alerts = running.kept["worker"].said.count("whoop_refuses_our_app")
    whoop.start_anew()
    whoop.register(secret="another-secret", base_url=base_url(running))
    try:
        for each in clients:
            each.expire()
            each.ask()
        wait_until(lambda: tries_that_ended("our_fault") > 0, what="the refusal")
        for each in clients:
            each.hurry()
            each.wait(WorkState.WAITING)
    finally:
        whoop.register(secret="test-client-secret", base_url=base_url(running))
    assert [each.row.status for each in clients] == ["active"] * 3
    assert len(whoop.refreshes()) <= 2, "the circuit is open for the app"
    db.session.execute(db.update(AppStanding).values(closed_until=func.now()))  # five minutes later
    db.session.commit()
    wait_for_all(clients)
    assert [each.row.status for each in clients] == ["active"] * 3
    assert not any(each.notices for each in clients)
    assert running.kept["worker"].said.count("whoop_refuses_our_app") == alerts + 1
    db.session.rollback()
    assert db.session.scalar(select(AppStanding.refused_since)) is None


def tries_that_ended(how: str) -> int:
    db.session.rollback()
    return db.session.execute(select(func.count()).where(TokenCall.outcome == how)).scalar_one()
