"""What an owner is shown of used, left and expected calls."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from coach.whoop.apps import AppLimits
from coach.whoop.own_app import figures
from coach.whoop.own_app.figures import Counts, Figures
from coach.whoop.quota.ledger import Ledger
from coach.work.models import Lane

NOON = datetime(2026, 5, 14, 12, tzinfo=UTC)
LIMITS = AppLimits(100, 1_000, 10)
COUNTS = Counts(clients=4, members=7, token_calls=9)


def busy() -> Ledger:
    """Give a ledger of two organisations: 30 calls yesterday evening, 20 at 11:30, 5 just now."""
    book = Ledger(100, 1_000, {}, {})
    for moment, calls in ((NOON - timedelta(hours=16), 30), (NOON - timedelta(minutes=30), 20)):
        for number in range(calls):
            book.take(Lane.FRESH, moment, "mine" if number % 2 else "theirs")
    for _ in range(5):
        book.take(Lane.FRESH, NOON, "theirs")
    return book


def shown(sharer: str | None, book: Ledger | None = None, counts: Counts = COUNTS) -> Figures:
    return figures.figures(book or busy(), LIMITS, counts, sharer, NOON)


def test_of_an_own_app_every_call_is_the_owners() -> None:
    own = shown(None)
    assert (own.used_minute, own.used_day, own.left_minute, own.left_day) == (5, 55, 95, 945)
    assert (own.token_calls, own.clients, own.seats_left) == (9, 4, 3)


def test_of_a_shared_app_only_the_own_calls_show_and_what_is_left_for_all() -> None:
    mine = shown("mine")
    assert (mine.used_minute, mine.used_day) == (None, 25)
    assert (mine.left_minute, mine.left_day) == (95, 945)
    assert shown("a newcomer").used_day == 0


def test_the_rest_of_the_day_is_expected_to_be_like_the_day_before() -> None:
    assert shown(None).forecast == 25 + 28  # today's, and half a day of 55
    assert shown("mine").forecast == 10 + 12


def test_many_clients_of_today_are_expected_to_need_what_the_plan_says() -> None:
    assert shown(None, counts=replace(COUNTS, clients=100)).forecast == 25 + 250


def test_nobody_linked_and_nothing_used_is_nothing_expected() -> None:
    empty = shown(None, Ledger(100, 1_000, {}, {}), Counts(0, 0, 0))
    assert (empty.used_day, empty.forecast, empty.left_day, empty.is_tight) == (0, 0, 1_000, False)


def test_an_owner_is_told_before_the_day_is_used_up() -> None:
    assert not shown(None).is_tight
    assert shown(None, counts=replace(COUNTS, clients=400)).is_tight


def test_a_cap_of_members_is_told_when_it_is_reached_and_not_where_there_is_none() -> None:
    assert not shown(None).is_full
    assert shown(None, counts=replace(COUNTS, members=10)).is_full
    free = figures.figures(busy(), replace(LIMITS, member_cap=0), COUNTS, None, NOON)
    assert (free.seats_left, free.is_full) == (None, False)


def test_a_hold_is_shown_while_it_lasts() -> None:
    book = busy()
    book.held_until = NOON + timedelta(seconds=17)
    assert shown(None, book).held_until == book.held_until
    book.held_until = NOON
    assert shown(None, book).held_until is None
