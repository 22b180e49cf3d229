"""WHOOP's limits hold in every sliding window, whatever the number of workers."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic
from uuid import UUID

import pytest
import respx
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.ids import new_id
from coach.whoop.apps import installation_app
from coach.whoop.client import Limits
from coach.whoop.errors import SlowDown
from coach.whoop.models import QuotaLedger, SyncRun, WhoopApp
from coach.whoop.quota import ledger as ledgers
from coach.whoop.quota import pace
from coach.whoop.quota.ledger import Ledger
from coach.whoop.quota.windows import DAY, MINUTE, Window
from coach.whoop.sync import calling
from coach.work.models import Lane, Work
from tests.cast import Cast
from tests.whoop.asking import Tokens
from tests.whoop.conftest import Linker

START = datetime(2026, 5, 14, 7, 0, 0, 250_000, tzinfo=UTC)


def ledger(per_minute: int = 100, per_day: int = 10_000) -> Ledger:
    return Ledger(per_minute, per_day, {}, {})


def wait_of(book: Ledger, lane: Lane, now: datetime) -> float:
    """Try one call; 0 when it was granted."""
    try:
        book.take(lane, now)
    except SlowDown as refusal:
        return refusal.wait
    return 0.0


def most_within(moments: list[datetime], seconds: int) -> int:
    return max(
        sum(last - timedelta(seconds=seconds) < each <= last for each in moments)
        for last in moments
    )


@given(
    gaps=st.lists(st.floats(0, 40), min_size=30, max_size=120),
    delays=st.lists(st.floats(0, 1), min_size=120, max_size=120),
)
def test_no_sliding_minute_ever_holds_more_than_the_limit(
    gaps: list[float], delays: list[float]
) -> None:
    book, now, arrived = ledger(per_minute=5), START, []
    for gap, delay in zip(gaps, delays, strict=False):
        now += timedelta(seconds=gap)
        if wait_of(book, Lane.FRESH, now) == 0:
            arrived.append(now + timedelta(seconds=delay))
    assert most_within(arrived, 60) <= 5


@given(gaps=st.lists(st.floats(0, 20_000), min_size=30, max_size=80))
def test_no_sliding_day_ever_holds_more_than_the_limit(gaps: list[float]) -> None:
    book, now, granted = ledger(per_day=7), START, []
    for gap in gaps:
        now += timedelta(seconds=gap)
        if wait_of(book, Lane.FRESH, now) == 0:
            granted.append(now)
    assert most_within(granted, 86_400) <= 7


@pytest.mark.parametrize(("limits", "window"), [((3, 10_000), MINUTE), ((100, 3), DAY)])
def test_after_the_wait_that_is_asked_for_a_call_goes(
    limits: tuple[int, int], window: Window
) -> None:
    book, now = ledger(*limits), START
    for _ in range(3):
        book.take(Lane.FRESH, now)
    wait = wait_of(book, Lane.FRESH, now)
    assert 0 < wait <= window.width * window.buckets
    assert wait_of(book, Lane.FRESH, now + timedelta(seconds=wait - 0.001)) > 0
    assert wait_of(book, Lane.FRESH, now + timedelta(seconds=wait)) == 0


@pytest.mark.parametrize(
    ("lane", "granted"), [(Lane.FRESH, 100), (Lane.RECONCILE, 80), (Lane.BACKFILL, 50)]
)
def test_less_urgent_lanes_leave_a_reserve(lane: Lane, granted: int) -> None:
    book = ledger()
    assert [wait_of(book, lane, START) for _ in range(101)].count(0) == granted
    assert [wait_of(book, Lane.FRESH, START) for _ in range(101)].count(0) == 100 - granted


@pytest.mark.parametrize(
    ("lane", "granted"), [(Lane.FRESH, 100), (Lane.RECONCILE, 95), (Lane.BACKFILL, 75)]
)
def test_less_urgent_lanes_leave_a_reserve_of_the_day_too(lane: Lane, granted: int) -> None:
    book = ledger(per_minute=1000, per_day=100)
    assert [wait_of(book, lane, START) for _ in range(101)].count(0) == granted


def test_when_a_day_is_full_work_comes_back_as_slowly_as_the_day_frees_calls() -> None:
    book = ledger(per_minute=1000, per_day=864)
    for _ in range(864):
        book.take(Lane.FRESH, START)
    wait = wait_of(book, Lane.FRESH, START)
    first, second = (book.park(wait, Lane.FRESH, START, None) for _ in range(2))
    assert [first, second] == pytest.approx([wait, wait + 100])
    assert book.is_busy(START)
    assert not book.is_busy(START + timedelta(days=2))


def test_a_clock_that_goes_back_frees_nothing() -> None:
    book = ledger(per_minute=4)
    moments = [START, START - timedelta(seconds=90), START + timedelta(seconds=1), START]
    assert [wait_of(book, Lane.FRESH, each) for each in moments] == [0, 0, 0, 0]
    assert wait_of(book, Lane.FRESH, START) > 0


def test_a_window_forgets_what_has_left_it() -> None:
    book = ledger()
    for minutes in range(0, 3 * 1440, 10):
        book.take(Lane.FRESH, START + timedelta(minutes=minutes))
    assert len(book.seconds) == 1
    assert len(book.minutes) <= 145


def test_headers_may_only_lower_what_is_left() -> None:
    book = ledger()
    book.take(Lane.FRESH, START)
    book.heed(Limits(5000, 60), START)
    assert [wait_of(book, Lane.FRESH, START) for _ in range(100)].count(0) == 99
    book = ledger()
    book.heed(Limits(2, 30), START)
    book.heed(Limits(50, 30), START)  # an older answer that comes late
    assert [wait_of(book, Lane.FRESH, START) for _ in range(4)] == [0, 0, 30, 30]
    assert wait_of(book, Lane.FRESH, START + timedelta(seconds=30)) == 0


def test_what_whoop_says_is_left_has_a_reserve_too() -> None:
    book = ledger()
    book.heed(Limits(20, 30), START)
    assert wait_of(book, Lane.RECONCILE, START) == 30
    assert wait_of(book, Lane.FRESH, START) == 0


@pytest.mark.parametrize(("reset", "wait"), [(10**9, 3600), (-5, 1), (0, 1), (17, 17)], ids=str)
def test_absurd_headers_are_believed_for_an_hour_at_most(reset: int, wait: float) -> None:
    book = ledger()
    book.heed(Limits(0, reset), START)
    assert wait_of(book, Lane.FRESH, START) == wait


def test_a_refusal_holds_everybody_back_and_a_shorter_one_does_not_end_it() -> None:
    book = ledger()
    book.heed(Limits(None, None, 40.0), START)
    book.heed(Limits(None, None, 2.0), START)
    assert wait_of(book, Lane.FRESH, START + timedelta(seconds=5)) == 35
    assert wait_of(book, Lane.FRESH, START + timedelta(seconds=40)) == 0


@contextmanager
def limited(app: Flask, per_minute: int, per_day: int = 10_000) -> Iterator[None]:
    known = app.config["SETTINGS"]
    limits = {"whoop_rate_limit_per_minute": per_minute, "whoop_rate_limit_per_day": per_day}
    app.config["SETTINGS"] = known.model_copy(update=limits)
    try:
        yield
    finally:
        app.config["SETTINGS"] = known


@pytest.fixture
def app_id(app: Flask) -> UUID:
    with app.app_context():
        made = WhoopApp(id=new_id(), slug=new_id().hex, client_id="x")
        db.session.add(made)
        db.session.commit()
        return made.id


def _try(app: Flask, app_id: UUID, now: datetime | None) -> bool:
    with app.app_context():
        try:
            pace.grant(app_id, Lane.FRESH, now=now)
        except SlowDown:
            return False
        return True


@pytest.mark.parametrize("limits", [(20, 10_000), (1000, 20)])
@pytest.mark.parametrize("now", [START, None], ids=["given", "the database's"])
def test_eight_threads_share_one_limit(
    app: Flask, app_id: UUID, limits: tuple[int, int], now: datetime | None
) -> None:
    with limited(app, *limits), ThreadPoolExecutor(8) as threads:
        granted = list(threads.map(lambda _: _try(app, app_id, now), range(60)))
    assert granted.count(True) == 20
    with app.app_context():
        row = db.session.get_one(QuotaLedger, app_id)
        assert sum(row.seconds.values()) == sum(row.minutes.values()) == 20


def test_eight_threads_that_never_rest_keep_every_sliding_window(
    app: Flask, app_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledgers, "MINUTE", Window.of(1, width=1))
    ends = monotonic() + 3

    def hammer(_thread: int) -> list[tuple[float, float]]:
        """Tell of each grant between which moments it was given."""
        gone = []
        while (before := monotonic()) < ends:
            if _try(app, app_id, None):
                gone.append((before, monotonic()))
        return gone

    with limited(app, 6), ThreadPoolExecutor(8) as threads:
        gone = [span for each in threads.map(hammer, range(8)) for span in each]
    assert len(gone) > 6
    for first, _ in gone:
        surely = [begun for begun, over in gone if begun >= first and over <= first + 1]
        assert len(surely) <= 6


def test_a_grant_waits_for_no_other_app(app: Flask, app_id: UUID, cast: Cast) -> None:
    assert cast
    with limited(app, 1):
        assert _try(app, app_id, None)
        with app.app_context():
            other = installation_app()
            db.session.execute(db.delete(QuotaLedger))
            db.session.commit()
        assert _try(app, other, None)


def test_one_429_stops_the_whole_app_until_whoop_says_go(
    app: Flask, app_id: UUID, respx_mock: respx.MockRouter
) -> None:
    said = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "17"}
    route = respx_mock.get("https://whoop.test/developer/v2/cycle").respond(429, headers=said)
    with app.app_context():
        waits = []
        for lane in (Lane.FRESH, Lane.FRESH, Lane.RECONCILE):
            with pytest.raises(SlowDown) as refusal:
                calling.connect(Tokens(), app_id=app_id, lane=lane).cycles()
            waits.append(refusal.value.wait)
    assert route.call_count == 1
    assert all(16 < wait <= 17 for wait in waits)


def test_a_quiet_answer_costs_no_second_look_at_the_ledger(
    app: Flask, app_id: UUID, respx_mock: respx.MockRouter
) -> None:
    said = {"X-RateLimit-Remaining": "7", "X-RateLimit-Reset": "30"}
    page = respx_mock.get("https://whoop.test/developer/v2/cycle")
    page.respond(200, headers=said, json={"records": [], "next_token": None})
    with app.app_context(), limited(app, 5):
        calling.connect(Tokens(), app_id=app_id).cycles()
        assert db.session.get_one(QuotaLedger, app_id).told_left is None
        db.session.rollback()
    with app.app_context(), limited(app, 50):
        calling.connect(Tokens(), app_id=app_id).cycles()
        assert db.session.get_one(QuotaLedger, app_id).told_left == 7


def test_a_sync_without_quota_is_parked_where_it_was_and_no_try_is_spent(
    linker: Linker, cast: Cast
) -> None:
    linker.link(cast.bea, "mara")
    with linker.app.app_context():
        db.session.execute(db.delete(QuotaLedger))
        db.session.commit()
    before = len(linker.whoop.calls)
    with limited(linker.app, 3):
        linker.work(cast.bea.organisation_id)
    assert len(linker.whoop.calls) - before == 3
    with linker.app.app_context(), acting_for(cast.bea.organisation_id):
        work = db.session.scalars(
            db.select(Work).where(Work.organisation_id == cast.bea.organisation_id)
        ).one()
        assert (work.state, work.attempts, work.error) == ("waiting", 0, "SlowDown")
        waits = (work.due_at - work.updated_at).total_seconds()
        assert 30 < waits < 70
        assert db.session.scalars(db.select(SyncRun.outcome)).one() == "postponed"
        work.due_at = work.created_at
        db.session.commit()
    linker.work(cast.bea.organisation_id)
    with linker.app.app_context(), acting_for(cast.bea.organisation_id):
        assert set(db.session.scalars(db.select(SyncRun.outcome))) == {"postponed", "complete"}
    assert linker.whoop.calls[before:].count("GET /developer/v2/cycle") == 2  # two pages, once


def test_settings_that_allow_more_than_whoop_gives_starve_no_lane() -> None:
    book = ledger(per_minute=1000)
    book.heed(Limits(remaining=60, reset_seconds=30), START)
    assert wait_of(book, Lane.BACKFILL, START) == 0
