"""Tokens: spent once by whoever comes first, however many processes ask and wherever one dies."""

from datetime import timedelta

import pytest

from tests.cast import Cast
from tests.processes.clients import Linked, bring_synced
from tests.processes.refreshing import refreshers
from tests.processes.stage import ForgetfulValkey, Stage
from tests.processes.whoop_side import TOKENS, WhoopSide, fault

pytestmark = pytest.mark.usefixtures("inside", "anew")

LONGEST_WAIT = 35.0  # seconds, for the lock of the tokens
SHORT_ROUNDS, MANY_ROUNDS = 10, 1000
WITHIN_THE_MINUTE = timedelta(seconds=31)  # after which a try without an outcome is repeated
TEN_MINUTES = timedelta(minutes=10, seconds=5)


@pytest.fixture
def bea(running: Stage, whoop: WhoopSide, people: Cast) -> Linked:
    """Link Bea, and let WHOOP's journal begin behind her first sync."""
    assert running
    made = bring_synced(whoop, people.bea, "ada")
    whoop.start_anew()
    return made


def is_well(bea: Linked, whoop: WhoopSide) -> bool:
    """Tell whether nobody was asked to link again, and no token was sent a second time."""
    return bea.row.status == "active" and not bea.notices and not whoop.reused()


@pytest.mark.parametrize(
    "rounds",
    [
        SHORT_ROUNDS,
        pytest.param(MANY_ROUNDS, marks=[pytest.mark.slow, pytest.mark.timeout(900)]),
    ],
)
def test_r30_eight_processes_that_refresh_at_once_spend_each_token_once(
    running: Stage, whoop: WhoopSide, bea: Linked, rounds: int
) -> None:
    with refreshers(running, bea.whose, 8) as eight:
        for number in range(rounds):
            bea.expire()
            answers = eight.round()
            assert len(set(answers)) == 1, f"all have the same token in round {number}: {answers}"
            assert len(answers[0]) == 12
    assert len(whoop.refreshes()) == rounds
    assert is_well(bea, whoop)
    bea.sync()
    assert len(whoop.refreshes()) == rounds


@pytest.mark.parametrize(
    "seconds",
    [1.5, pytest.param(15, marks=pytest.mark.slow), pytest.param(40, marks=pytest.mark.slow)],
)
def test_r31_a_slow_token_endpoint_is_called_once_and_who_waits_too_long_gives_up(
    running: Stage, whoop: WhoopSide, bea: Linked, seconds: float
) -> None:
    slow = fault("slow", {"kind": "slow", "seconds": seconds}, path=TOKENS, count=1)
    bea.expire()
    with refreshers(running, bea.whose, 4) as four, whoop.following(slow):
        answers = four.round()
        assert len(whoop.refreshes()) == 1
        # PostgreSQL counts each lock apart, so who was second in the line may wait longer.
        assert ("Unavailable" in answers) == (seconds > LONGEST_WAIT)
        assert len(set(answers) - {"Unavailable"}) == 1
        assert len(set(four.round())) == 1, "afterwards all use what came"
    assert len(whoop.refreshes()) == 1
    assert is_well(bea, whoop)


def test_r32_a_queue_that_dies_during_a_refresh_costs_no_token(
    whoop: WhoopSide, bea: Linked, valkey: ForgetfulValkey
) -> None:
    bea.expire()
    slow = fault("slow", {"kind": "slow", "seconds": 3}, path=TOKENS, count=1)
    with whoop.following(slow):
        bea.ask()
        whoop.wait_until_it_falls("slow")
        valkey.kill()
        valkey.start()
        bea.wait()
    assert len(whoop.refreshes()) == 1
    assert is_well(bea, whoop)


def test_r33_who_lost_the_race_by_a_stale_read_uses_what_its_sibling_got(
    running: Stage, whoop: WhoopSide, bea: Linked
) -> None:
    bea.expire()
    with (
        whoop.following(refresh="strict"),
        refreshers(running, bea.whose, 2, "--stale") as two,
    ):
        two.ask(0)
        assert two.answers(1) == ["read"]
        two.ask(1)
        (won,) = two.answers(1)
        two.ask(0)
        assert two.answers(1) == [won]
        assert bea.outcomes[-2:] == ["renewed", "stale"]
        assert [each.status for each in whoop.refreshes()] == [200, 400]
        bea.sync()
    assert bea.row.status == "active"
    assert not bea.notices


@pytest.mark.parametrize("point", [pytest.param("locked", marks=pytest.mark.slow), "begun"])
@pytest.mark.parametrize(
    "idle", ["2s", pytest.param("60s", marks=[pytest.mark.slow, pytest.mark.timeout(300)])]
)
def test_r34_a_holder_that_slept_until_others_had_refreshed_sends_nothing(
    running: Stage, whoop: WhoopSide, bea: Linked, point: str, idle: str
) -> None:
    bea.expire()
    with refreshers(running, bea.whose, 2, "--at", point, "--fate", "stop", "--idle", idle) as two:
        two.ask(0)
        two.wait_until_stopped()
        bea.let_pass(WITHIN_THE_MINUTE)
        answer = "Unavailable"
        while answer == "Unavailable":  # until the database ends the sleeper's transaction
            two.ask(1)
            (answer,) = two.answers(1)
        two.wake()
        assert two.answers(1) == ["Unavailable"], "the sleeper sends nothing"
        two.ask(0)
        assert two.answers(1) == [answer]
    assert len(whoop.refreshes()) == 1
    assert is_well(bea, whoop)
    bea.sync()


@pytest.mark.slow
def test_r34_a_holder_that_slept_while_whoop_answered_costs_one_retry_and_no_data(
    running: Stage, whoop: WhoopSide, bea: Linked
) -> None:
    bea.expire()
    before = bea.records
    with refreshers(
        running, bea.whose, 2, "--at", "answered", "--fate", "stop", "--idle", "2s"
    ) as two:
        two.ask(0)
        two.wait_until_stopped()
        bea.let_pass(WITHIN_THE_MINUTE)
        two.ask(1)
        assert two.answers(1) == ["MustReconnect"]
        two.wake()
        two.answers(1)
    assert (len(whoop.refreshes()), whoop.reused()) == (2, 1)
    bea.let_pass(TEN_MINUTES)
    bea.ask()
    bea.wait_hurrying()
    assert (bea.row.status, bea.notices) == ("reconnect_needed", ["whoop_reconnect"])
    assert bea.records == before
