"""Which day it is for this client (pure).

A cycle belongs to the local date on which its main sleep ended, told by the record's own offset;
without a main sleep to the date of its middle. Of several cycles on one date, one whose middle lies
on a free date next door moves there; of those still left, the one that slept longest owns the date.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from zoneinfo import ZoneInfo

# Where a cycle lands depends on no cycle that lies further off than this. Everything asked is about
# its own date and the dates next door, under 48 hours away; travel can add a day to that.
NEIGHBOURHOOD = timedelta(days=3)
_NEXT_DOOR = timedelta(days=1)
_OPEN_MIDDLE = timedelta(hours=12)
_OFFSET = re.compile(r"([+-])([0-9]{2}):([0-5][0-9])")
_OFFSETS = range(-12 * 60, 14 * 60 + 1)


class Why(StrEnum):
    """What decided the date of a cycle."""

    WOKE = "woke"
    MIDPOINT = "midpoint"
    OPEN = "open"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class MainSleep:
    """The first sleep of a cycle that is no nap; the offset is the sleep's own."""

    ended_at: datetime
    offset_minutes: int
    asleep_hours: float


@dataclass(frozen=True, slots=True)
class Cycle:
    """As much of a cycle as the day rule asks for; no end while it is open."""

    key: str
    started_at: datetime
    ended_at: datetime | None
    offset_minutes: int
    main_sleep: MainSleep | None


@dataclass(frozen=True, slots=True)
class Placed:
    """A cycle on its date; it does not own the date when another one slept longer."""

    key: str
    date: date
    owns: bool
    why: Why


def place(cycles: Iterable[Cycle]) -> list[Placed]:
    """Give every cycle of one client its date, by start ascending; keys are unique."""
    ordered = sorted(cycles, key=_by_start)
    wanted: dict[date, list[Cycle]] = defaultdict(list)
    for cycle in ordered:
        wanted[_first_choice(cycle)].append(cycle)
    free = _free_dates(wanted)
    placed = {key: it for day in wanted for key, it in _settle(day, wanted[day], free[day]).items()}
    return [placed[cycle.key] for cycle in ordered]


def local_date(moment: datetime, offset_minutes: int) -> date:
    """Tell the date on the wall where the offset was in force."""
    return moment.astimezone(timezone(timedelta(minutes=offset_minutes))).date()


def parse_offset(text: str) -> int:
    """Read `+hh:mm`, `-hh:mm` or `Z` as minutes east of UTC."""
    if text == "Z":
        return 0
    found = _OFFSET.fullmatch(text)
    if found is None:
        raise ValueError(f"not an offset from UTC like +02:00, -05:30 or Z: {text!r}")
    sign, hours, minutes = found.groups()
    offset = int(f"{sign}1") * (int(hours) * 60 + int(minutes))
    if offset not in _OFFSETS:
        raise ValueError(f"no place on earth is that far from UTC: {text!r}")
    return offset


def today(now: datetime, timezone: str) -> date:
    """Tell the client's own date; the zone is an IANA name."""
    return now.astimezone(ZoneInfo(timezone)).date()


def _by_start(cycle: Cycle) -> tuple[datetime, str]:
    return cycle.started_at, cycle.key


def _first_choice(cycle: Cycle) -> date:
    sleep = cycle.main_sleep
    return local_date(sleep.ended_at, sleep.offset_minutes) if sleep else _middle(cycle)


def _middle(cycle: Cycle) -> date:
    half = (cycle.ended_at - cycle.started_at) / 2 if cycle.ended_at else _OPEN_MIDDLE
    return local_date(cycle.started_at + half, cycle.offset_minutes)


def _free_dates(wanted: Mapping[date, Sequence[Cycle]]) -> dict[date, set[date]]:
    """Find, per date, the dates next door which only its own members have a claim to.

    A date that two others could move to goes to neither: who comes first would depend on who
    moved there from further off, and so on without end.
    """
    claims: dict[date, set[date]] = defaultdict(set)
    for day, members in wanted.items():
        for cycle in members:
            claims[_middle(cycle)].add(day)
    free: dict[date, set[date]] = {day: set() for day in wanted}
    for middle, days in claims.items():
        if middle in wanted or len(days) > 1:
            continue
        (day,) = days
        if abs(middle - day) == _NEXT_DOOR:
            free[day].add(middle)
    return free


def _settle(day: date, members: Sequence[Cycle], free: set[date]) -> dict[str, Placed]:
    """Move members to free dates, by start ascending, until one is left; then name the owner."""
    placed: dict[str, Placed] = {}
    left = list(members)
    for cycle in members:
        middle = _middle(cycle)
        if len(left) > 1 and middle in free:
            free.remove(middle)
            left.remove(cycle)
            placed[cycle.key] = Placed(cycle.key, middle, owns=True, why=Why.MOVED)
    owner = max(left, key=_asleep_hours)  # of equals the first, so the earlier start
    for cycle in left:
        placed[cycle.key] = Placed(cycle.key, day, owns=cycle is owner, why=_why(cycle))
    return placed


def _asleep_hours(cycle: Cycle) -> float:
    return cycle.main_sleep.asleep_hours if cycle.main_sleep else 0.0


def _why(cycle: Cycle) -> Why:
    if cycle.main_sleep:
        return Why.WOKE
    return Why.MIDPOINT if cycle.ended_at else Why.OPEN
