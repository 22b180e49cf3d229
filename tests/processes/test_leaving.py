"""A link is cut, and made again, in the middle of a sync: the old job writes nothing more."""

import random
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from coach.demo.visitor import Visitor
from coach.whoop.grant.models import Farewell
from coach.whoop.models import IntegrationTokens
from tests.cast import PASSWORD, Cast
from tests.processes import truth
from tests.processes.clients import Linked, bring
from tests.processes.conftest import base_url
from tests.processes.gate import Gate
from tests.processes.looking import MEMBER, seen_by
from tests.processes.stage import Stage, wait_until
from tests.processes.whoop_side import ACCESS, WhoopSide

pytestmark = pytest.mark.usefixtures("inside", "anew")

# A first sync of thirty days calls so often: two pages of each list, sometimes three.
CUTS = [
    pytest.param(boundary, history, marks=[] if boundary == sample else pytest.mark.slow)
    for history, sample in (("keep", 6), ("delete", 0))
    for boundary in range(1, 9)
]
MANY_TIMES = 15
CAPPED_SECONDS = 1.5


class Guest(Visitor):
    """Somebody who can also leave."""

    def disconnect(self, history: str) -> None:
        page = "/cabinet/whoop/disconnect"
        self._send(page, page, {"history": history})


@pytest.fixture
def guest(running: Stage, whoop: WhoopSide, people: Cast) -> Iterator[Guest]:
    with Guest(base_url(running), whoop.origin) as visitor:
        visitor.sign_in(people.bea.email, PASSWORD)
        yield visitor


def tokens_of(bea: Linked) -> int:
    mine = IntegrationTokens.integration_id == bea.id
    return seen_by(bea.who, select(func.count()).select_from(IntegrationTokens).where(mine))[0]


def farewells_of(bea: Linked) -> int:
    mine = Farewell.client_id == bea.who.client_id
    return seen_by(bea.who, select(func.count()).select_from(Farewell).where(mine))[0]


@pytest.mark.parametrize(("boundary", "history"), CUTS)
def test_r84_after_a_disconnect_in_the_middle_of_a_sync_nothing_more_is_written(
    whoop: WhoopSide, gate: Gate, guest: Guest, people: Cast, *, boundary: int, history: str
) -> None:
    gate.hold(boundary)
    bea = bring(whoop, people.bea, MEMBER)
    gate.wait_until_held()
    guest.disconnect(history)
    assert tokens_of(bea) == 0, "erased at once"
    left, called = (bea.records, bea.days), len(whoop.api_calls(MEMBER))
    assert bool(left[0]) == (history == "keep" and boundary > 1)
    gate.open()
    bea.wait()
    wait_until(lambda: farewells_of(bea) == 0, what="WHOOP's knowing of it")
    assert (bea.records, bea.days) == left
    told = whoop.calls(ACCESS)
    assert [(each.method, each.status) for each in told] == [("DELETE", 204)]
    assert len(whoop.api_calls(MEMBER)) - called - len(told) <= 1, "the one that was under way"
    assert whoop.revoke(MEMBER) == 0, "WHOOP has forgotten the grant"
    assert (bea.row.status, whoop.reused(), bea.notices) == ("disconnected", 0, [])


@pytest.mark.parametrize(("boundary", "history"), CUTS)
def test_r85_who_links_again_while_the_old_job_runs_gets_all_and_the_old_job_writes_nothing(
    whoop: WhoopSide, gate: Gate, guest: Guest, people: Cast, *, boundary: int, history: str
) -> None:
    gate.hold(boundary, alone=True)
    bea = bring(whoop, people.bea, MEMBER)
    gate.wait_until_held()
    guest.disconnect(history)
    left = bea.records, bea.days
    guest.link_whoop(MEMBER)
    gate.open()
    gate.hold(1)  # the first call of the new link's sync
    gate.wait_until_held()
    assert (bea.records, bea.days) == left
    gate.open()
    bea.wait()
    assert not whoop.calls(ACCESS), "the farewell would have ended the new grant"
    is_whole(bea, whoop)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_r85_many_times_at_any_moment(whoop: WhoopSide, guest: Guest, people: Cast) -> None:
    chance = random.Random(85)  # noqa: S311  # a test's own dice
    bea = bring(whoop, people.bea, MEMBER)
    for _ in range(MANY_TIMES):
        time.sleep(chance.uniform(0, CAPPED_SECONDS))
        guest.disconnect(chance.choice(["keep", "delete"]))
        time.sleep(chance.choice([0, chance.uniform(0, CAPPED_SECONDS)]))
        guest.link_whoop(MEMBER)
    bea.wait_hurrying()
    is_whole(bea, whoop)


def is_whole(bea: Linked, whoop: WhoopSide) -> None:
    """See that the link is well, and its rows are all that WHOOP tells."""
    assert (bea.row.status, bea.notices) == ("active", [])
    assert len(bea.days) > 25
    truth.check(bea, whoop)
