"""The day rule: a table of lives."""

from datetime import UTC, date, datetime, timedelta

import pytest

from coach.days.calendar import (
    Cycle,
    MainSleep,
    Why,
    local_date,
    parse_offset,
    place,
    today,
)

TimeAndOffset = str


def utc(text: TimeAndOffset) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def offset_of(text: TimeAndOffset) -> int:
    offset = datetime.fromisoformat(text).utcoffset()
    assert offset is not None
    return int(offset.total_seconds() // 60)


def a_cycle(
    start: TimeAndOffset, wake: TimeAndOffset | None, end: TimeAndOffset | None, asleep: float = 7
) -> Cycle:
    """Make a cycle from times as on the wall with their offset; it is its own key's start."""
    sleep = MainSleep(utc(wake), offset_of(wake), asleep) if wake else None
    return Cycle(start, utc(start), utc(end) if end else None, offset_of(start), sleep)


def day_of(cycle: Cycle) -> tuple[str, Why]:
    [placed] = place([cycle])
    assert placed.owns
    return placed.date.isoformat(), placed.why


ALONE = {
    "a plain night": (
        a_cycle("2026-05-13T23:10+02:00", "2026-05-14T07:00+02:00", "2026-05-14T23:00+02:00"),
        ("2026-05-14", Why.WOKE),
    ),
    "asleep after midnight": (
        a_cycle("2026-05-14T01:10+02:00", "2026-05-14T09:00+02:00", "2026-05-15T00:30+02:00"),
        ("2026-05-14", Why.WOKE),
    ),
    "the night Berlin springs forward": (
        a_cycle("2026-03-28T23:30+01:00", "2026-03-29T00:30+02:00", "2026-03-29T23:30+02:00"),
        ("2026-03-29", Why.WOKE),
    ),
    "the night Berlin falls back": (
        a_cycle("2026-10-24T23:30+02:00", "2026-10-25T07:00+01:00", "2026-10-25T23:30+01:00"),
        ("2026-10-25", Why.WOKE),
    ),
    "woken just before midnight by winter time": (
        a_cycle("2026-10-25T17:30+01:00", "2026-10-25T23:50+01:00", "2026-10-26T17:00+01:00"),
        ("2026-10-25", Why.WOKE),
    ),
    "a flight east, woken at the destination": (
        a_cycle("2026-06-01T20:00-04:00", "2026-06-02T06:30+02:00", "2026-06-02T23:00+02:00"),
        ("2026-06-02", Why.WOKE),
    ),
    "a flight west, still yesterday there": (
        a_cycle("2026-06-02T00:30+09:00", "2026-06-01T23:30-07:00", "2026-06-02T22:00-07:00"),
        ("2026-06-01", Why.WOKE),
    ),
    "a shift worker who sleeps by day": (
        a_cycle("2026-05-14T08:00+02:00", "2026-05-14T15:30+02:00", "2026-05-15T08:15+02:00"),
        ("2026-05-14", Why.WOKE),
    ),
    "only a nap, so no main sleep": (
        a_cycle("2026-05-14T00:00+02:00", None, "2026-05-14T23:00+02:00"),
        ("2026-05-14", Why.MIDPOINT),
    ),
    "no sleep, begun in the evening": (
        a_cycle("2026-05-13T22:00+02:00", None, "2026-05-14T22:00+02:00"),
        ("2026-05-14", Why.MIDPOINT),
    ),
    "open, night known": (
        a_cycle("2026-05-13T23:10+02:00", "2026-05-14T07:00+02:00", None),
        ("2026-05-14", Why.WOKE),
    ),
    "open, no night": (
        a_cycle("2026-05-13T23:10+02:00", None, None),
        ("2026-05-14", Why.OPEN),
    ),
    "open since noon, no night": (
        a_cycle("2026-05-13T12:00+02:00", None, None),
        ("2026-05-14", Why.OPEN),
    ),
    "46 hours after one night": (
        a_cycle("2026-05-13T23:00+02:00", "2026-05-14T07:00+02:00", "2026-05-15T21:00+02:00"),
        ("2026-05-14", Why.WOKE),
    ),
    "46 hours without a night": (
        a_cycle("2026-05-13T23:00+02:00", None, "2026-05-15T21:00+02:00"),
        ("2026-05-14", Why.MIDPOINT),
    ),
    "a first sleep that ends before midnight": (
        a_cycle("2026-05-13T19:00+02:00", "2026-05-13T23:40+02:00", "2026-05-14T22:00+02:00"),
        ("2026-05-13", Why.WOKE),
    ),
    "over the day that Apia never had": (
        a_cycle("2011-12-29T22:00-10:00", "2011-12-31T06:00+14:00", "2011-12-31T22:00+14:00"),
        ("2011-12-31", Why.WOKE),
    ),
}


@pytest.mark.parametrize(("cycle", "expected"), ALONE.values(), ids=ALONE.keys())
def test_a_cycle_alone_lands_where_the_person_woke(cycle: Cycle, expected: tuple[str, Why]) -> None:
    assert day_of(cycle) == expected


NORMAL = a_cycle("2026-05-13T23:00+02:00", "2026-05-14T07:00+02:00", "2026-05-14T19:00+02:00", 7)
EARLY = a_cycle("2026-05-14T19:00+02:00", "2026-05-14T23:40+02:00", "2026-05-15T22:00+02:00", 4.5)
NEXT = a_cycle("2026-05-15T22:00+02:00", "2026-05-16T06:00+02:00", "2026-05-16T22:00+02:00")
SHORT = a_cycle("2026-05-14T19:00+02:00", "2026-05-14T21:00+02:00", "2026-05-15T02:00+02:00", 2)


def told(cycles: list[Cycle]) -> list[tuple[str, bool, Why]]:
    return [(placed.date.isoformat(), placed.owns, placed.why) for placed in place(cycles)]


def test_of_two_on_one_date_the_one_with_a_free_middle_moves() -> None:
    assert told([NORMAL, EARLY, NEXT]) == [
        ("2026-05-14", True, Why.WOKE),
        ("2026-05-15", True, Why.MOVED),
        ("2026-05-16", True, Why.WOKE),
    ]


def test_a_middle_that_somebody_woke_on_is_not_free() -> None:
    slept_in = a_cycle("2026-05-15T05:00+02:00", "2026-05-15T13:00+02:00", None)
    assert told([NORMAL, EARLY, slept_in]) == [
        ("2026-05-14", True, Why.WOKE),
        ("2026-05-14", False, Why.WOKE),
        ("2026-05-15", True, Why.WOKE),
    ]


def test_the_longer_sleep_owns_a_date_that_stays_double() -> None:
    longer = a_cycle("2026-05-14T19:00+02:00", "2026-05-14T21:00+02:00", SHORT.key, 9)
    assert [owns for _, owns, _ in told([NORMAL, SHORT])] == [True, False]
    assert [owns for _, owns, _ in told([NORMAL, longer])] == [False, True]


def test_of_equal_sleeps_the_earlier_start_owns_the_date() -> None:
    equal = a_cycle("2026-05-14T19:00+02:00", "2026-05-14T21:00+02:00", "2026-05-15T02:00+02:00", 7)
    assert [owns for _, owns, _ in told([equal, NORMAL])] == [True, False]


def test_a_night_owns_the_date_before_a_cycle_without_sleep() -> None:
    sleepless = a_cycle("2026-05-14T00:00+02:00", None, "2026-05-14T05:00+02:00")
    assert told([sleepless, NORMAL]) == [
        ("2026-05-14", True, Why.WOKE),
        ("2026-05-14", False, Why.MIDPOINT),
    ]


def test_one_stays_when_all_could_move() -> None:
    before = a_cycle("2026-05-13T19:00+02:00", "2026-05-14T01:00+02:00", "2026-05-14T03:00+02:00")
    assert [on for on, _, _ in told([before, EARLY])] == ["2026-05-13", "2026-05-14"]


def test_two_members_with_one_free_middle_do_not_both_take_it() -> None:
    twin = a_cycle("2026-05-14T19:30+02:00", "2026-05-14T23:50+02:00", "2026-05-15T22:00+02:00")
    assert [on for on, _, _ in told([NORMAL, EARLY, twin])] == [
        "2026-05-14",
        "2026-05-15",
        "2026-05-14",
    ]


def test_a_free_date_that_two_dates_could_move_to_goes_to_neither() -> None:
    back = a_cycle("2026-05-15T20:00+02:00", "2026-05-16T01:00+02:00", "2026-05-16T02:00+02:00")
    assert [on for on, _, _ in told([NORMAL, EARLY, back, NEXT])] == [
        "2026-05-14",
        "2026-05-14",
        "2026-05-16",
        "2026-05-16",
    ]


def test_nobody_moves_further_than_next_door() -> None:
    far = a_cycle("2026-05-14T19:00+02:00", "2026-05-14T21:00+02:00", "2026-05-17T23:00+02:00", 2)
    assert told([NORMAL, far])[1] == ("2026-05-14", False, Why.WOKE)


def test_a_chain_of_double_days_does_not_carry_a_change_along() -> None:
    def double(day: int) -> list[Cycle]:
        shift = timedelta(days=day)
        pair = [
            a_cycle("2026-05-13T20:00+00:00", "2026-05-14T01:00+00:00", "2026-05-14T03:00+00:00"),
            a_cycle("2026-05-14T18:00+00:00", "2026-05-14T23:00+00:00", "2026-05-15T18:00+00:00"),
        ]
        return [moved(cycle, shift) for cycle in pair]

    chain = [cycle for day in range(0, 12, 2) for cycle in double(day)]
    first = a_cycle("2026-05-12T23:00+00:00", "2026-05-13T07:00+00:00", "2026-05-13T20:00+00:00")
    assert place([first, *chain])[5:] == place(chain)[4:]


def moved(cycle: Cycle, shift: timedelta) -> Cycle:
    assert cycle.main_sleep is not None
    assert cycle.ended_at is not None
    woke = MainSleep(cycle.main_sleep.ended_at + shift, 0, cycle.main_sleep.asleep_hours)
    start, end = cycle.started_at + shift, cycle.ended_at + shift
    return Cycle(start.isoformat(), start, end, 0, woke)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("Z", 0), ("+00:00", 0), ("-00:00", 0), ("+02:00", 120), ("-05:00", -300),
        ("+05:30", 330), ("-09:30", -570), ("+14:00", 840), ("-12:00", -720),
    ],
)  # fmt: skip
def test_an_offset_is_read_as_minutes(text: str, minutes: int) -> None:
    assert parse_offset(text) == minutes


@pytest.mark.parametrize(
    "text",
    ["", "z", "+0200", "02:00", "+2:00", "+02:60", "+02:00 ", "+02:00\n", "UTC", "UTC+02:00",
     "+\u0660\u0662:\u0660\u0660", "Europe/Berlin", "++2:00"],
)  # fmt: skip
def test_anything_else_is_no_offset(text: str) -> None:
    with pytest.raises(ValueError, match="not an offset"):
        parse_offset(text)


@pytest.mark.parametrize("text", ["+14:01", "-12:01", "+99:00"])
def test_an_offset_no_place_has_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no place on earth"):
        parse_offset(text)


def test_the_local_date_follows_the_offset_not_the_zone_of_the_value() -> None:
    berlin = datetime.fromisoformat("2026-05-14T00:30+02:00")
    assert local_date(berlin, 0) == date(2026, 5, 13)
    assert local_date(berlin, 120) == local_date(berlin.astimezone(UTC), 120) == date(2026, 5, 14)


@pytest.mark.parametrize(
    ("now", "zone", "expected"),
    [
        ("2026-03-28T23:30+00:00", "Europe/Berlin", "2026-03-29"),
        ("2026-10-25T22:30+00:00", "Europe/Berlin", "2026-10-25"),
        ("2026-10-25T23:00+00:00", "Europe/Berlin", "2026-10-26"),
        ("2026-05-14T03:00+00:00", "America/New_York", "2026-05-13"),
        ("2011-12-30T09:59+00:00", "Pacific/Apia", "2011-12-29"),
        ("2011-12-30T10:00+00:00", "Pacific/Apia", "2011-12-31"),
    ],
)
def test_today_is_the_clients_own(now: str, zone: str, expected: str) -> None:
    assert today(utc(now), zone).isoformat() == expected
