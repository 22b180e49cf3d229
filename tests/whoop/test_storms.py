"""WHOOP refuses for a while: one call at a time finds out whether it is over."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush
from itertools import pairwise
from uuid import UUID

import pytest
import respx

from coach.extensions import db
from coach.ids import new_id
from coach.whoop.client import Limits
from coach.whoop.errors import SlowDown, Unavailable
from coach.whoop.models import QuotaLedger, WhoopApp
from coach.whoop.quota import pace
from coach.whoop.quota.ledger import Ledger
from coach.whoop.sync import calling
from coach.work.models import Lane
from tests.whoop.asking import Tokens

START = datetime(2026, 5, 14, 7, tzinfo=UTC)
STORM_ENDS = START + timedelta(minutes=30)
PIECES, WORKERS = 40, 8
REFUSED, WELL = Limits(0, 1, 1.0), Limits(None, None)
CYCLES = "https://whoop.test/developer/v2/cycle"


@pytest.fixture
def app_id(context: None) -> UUID:  # noqa: ARG001  # a fixture for what it does
    made = WhoopApp(id=new_id(), slug=new_id().hex, client_id="x", per_minute=100, per_day=10_000)
    db.session.add(made)
    db.session.commit()
    return made.id


def call(app_id: UUID, now: datetime) -> float:
    """Make one call if the ledger lets us; gives the seconds to wait, 0 when WHOOP answered."""
    try:
        pace.grant(app_id, Lane.FRESH, now=now)
    except SlowDown as refusal:
        return refusal.wait
    pace.heed(app_id, REFUSED if now < STORM_ENDS else WELL, now=now)
    return 1.0 if now < STORM_ENDS else 0.0


def test_a_storm_of_half_an_hour_costs_at_most_thirty_calls(app_id: UUID) -> None:
    for _ in range(WORKERS):  # they were all under way when it began
        pace.grant(app_id, Lane.FRESH, now=START)
    for _ in range(WORKERS):
        pace.heed(app_id, REFUSED, now=START)
    due = [(START + timedelta(seconds=1), number) for number in range(PIECES)]
    heapify(due)
    stormy, drained = WORKERS, []
    while due:
        now, number = heappop(due)
        before = _counted(app_id)
        wait = call(app_id, now)
        stormy += now < STORM_ENDS and _counted(app_id) != before
        if wait:
            heappush(due, (now + timedelta(seconds=wait), number))
        else:
            drained.append(now)
    assert WORKERS < stormy <= 30
    assert len(drained) == PIECES
    assert drained[-1] < STORM_ENDS + timedelta(minutes=10)


def _counted(app_id: UUID) -> object:
    row = db.session.get_one(QuotaLedger, app_id, populate_existing=True)
    found = (row.minutes, row.seconds)
    db.session.rollback()
    return found


def book_after(*refusals: float) -> Ledger:
    """Give a ledger that was refused at each end of a hold, so many seconds each time."""
    book, now = Ledger(100, 10_000, {}, {}), START
    for seconds in refusals:
        book.heed(Limits(None, None, seconds), now)
        assert book.held_until
        now = book.held_until
    return book


def held_for(book: Ledger, since: datetime) -> float:
    assert book.held_until
    return (book.held_until - since).total_seconds()


def wait_of(take: Callable[[], object]) -> float:
    try:
        take()
    except SlowDown as refusal:
        return refusal.wait
    return 0.0


def test_each_refusal_in_a_row_holds_longer_up_to_five_minutes() -> None:
    total = [held_for(book_after(*[17.0] * n), START) for n in range(1, 8)]
    steps = [after - before for before, after in zip([0.0, *total], total, strict=False)]
    assert steps == [17, 30, 60, 120, 240, 300, 300]


def test_whoops_own_word_may_hold_longer_than_ours() -> None:
    assert held_for(book_after(1.0, 3600.0), START) == 3601


def test_refusals_of_calls_that_were_under_way_count_once() -> None:
    book = Ledger(100, 10_000, {}, {})
    for _ in range(8):
        book.heed(Limits(None, None, 1.0), START)
    assert (book.refusals, held_for(book, START)) == (1, 1)


def test_after_a_hold_one_call_goes_and_the_others_wait_for_its_outcome() -> None:
    book, then = book_after(17.0), START + timedelta(seconds=17)
    assert book.take(Lane.FRESH, then).probes
    assert wait_of(lambda: book.take(Lane.FRESH, then)) == 5
    book.heed(WELL, then + timedelta(seconds=1))
    assert not book.take(Lane.FRESH, then + timedelta(seconds=1)).probes
    assert wait_of(lambda: book.take(Lane.FRESH, then + timedelta(seconds=1))) == 0


def test_a_probe_that_never_reports_makes_room_for_the_next() -> None:
    book, then = book_after(17.0), START + timedelta(seconds=17)
    book.take(Lane.FRESH, then)
    assert wait_of(lambda: book.take(Lane.FRESH, then + timedelta(seconds=44))) == 1
    assert book.take(Lane.FRESH, then + timedelta(seconds=45)).probes


def test_a_late_good_answer_does_not_end_a_hold() -> None:
    book = book_after(17.0)
    book.heed(WELL, START + timedelta(seconds=2))
    assert wait_of(lambda: book.take(Lane.FRESH, START + timedelta(seconds=2))) == 15


def test_those_who_wait_come_back_one_after_the_other(app_id: UUID) -> None:
    pace.heed(app_id, Limits(None, None, 17.0), now=START)
    waits = [wait_of(lambda: pace.grant(app_id, Lane.FRESH, now=START)) for _ in range(50)]
    assert waits[0] == 17
    gaps = [after - before for before, after in pairwise(waits)]
    assert all(0.59 < gap < 0.61 for gap in gaps)


def test_a_probe_by_the_real_client_ends_the_hold(
    app_id: UUID, respx_mock: respx.MockRouter
) -> None:
    row = QuotaLedger(whoop_app_id=app_id, refusals=3, held_until=START)
    db.session.add(row)
    db.session.commit()
    respx_mock.get(CYCLES).respond(200, json={"records": [], "next_token": None})
    calling.connect(Tokens(), app_id=app_id).cycles()
    db.session.refresh(row)
    assert (row.refusals, row.probed_until) == (0, None)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Retry-After": "12"},
        {"Retry-After": "Wed, 14 May 2031 07:00:00 GMT"},
        {"Retry-After": "soon"},
        {"Retry-After": "-3"},
        {"Retry-After": "1000000000"},
        {"X-RateLimit-Reset": "99999999999999999999"},
        {"X-RateLimit-Reset": "-17", "Retry-After": "never"},
        {"X-RateLimit-Reset": "٣"},
    ],
    ids=str,
)
def test_whatever_a_refusal_says_one_call_is_made_and_the_wait_is_sane(
    app_id: UUID, respx_mock: respx.MockRouter, headers: dict[str, str]
) -> None:
    sent = {name.encode(): value.encode() for name, value in headers.items()}
    route = respx_mock.get(CYCLES).respond(429, headers=sent)
    waits = []
    for _ in range(5):
        with pytest.raises(SlowDown) as refusal:
            calling.connect(Tokens(), app_id=app_id).cycles()
        waits.append(refusal.value.wait)
    assert route.call_count == 1
    assert all(0.5 < wait <= 3600 + 5 for wait in waits)


def test_whoop_being_away_is_no_refusal(app_id: UUID, respx_mock: respx.MockRouter) -> None:
    respx_mock.get(CYCLES).respond(503)
    for _ in range(3):
        with pytest.raises(Unavailable):
            calling.connect(Tokens(), app_id=app_id).cycles()
    assert db.session.get_one(QuotaLedger, app_id).refusals == 0
