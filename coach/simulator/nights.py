"""When a member sleeps: the outline of each night, from which everything else follows."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from math import exp
from random import Random

from coach.simulator.members import Member

NO_SLEEP = 0.01
LONGEST_GAP = 60
STRAP_OFF = time(20)
SHIFT_BLOCK = 12
SHIFT_NIGHTS = 4
SHIFT_BED = 8 * 60 + 20


@dataclass(frozen=True, slots=True)
class Night:
    """The start of a cycle. Without `end` there was no sleep to start it with."""

    day: date
    offset: timedelta
    start: datetime
    end: datetime | None
    first_end: datetime | None  # what WHOOP first took for the end, when it spoke too early
    created_at: datetime

    @property
    def settled_at(self) -> datetime:
        """Return when WHOOP has the whole night, the true end included."""
        if self.first_end and self.end:
            return self.created_at + (self.end - self.first_end)
        return self.created_at

    @property
    def up(self) -> datetime:
        """Return from when the member is about."""
        return self.end or self.start + timedelta(hours=7)


@lru_cache(maxsize=20_000)
def night(member: Member, day: date) -> Night | None:
    """Return the night that ends on `day`, or None when the strap lay in a drawer."""
    if not member.wears(day):
        return None
    chance = member.dice(day, "night")
    if day == member.joined or chance.random() < NO_SLEEP:
        return _without_sleep(member, day)
    return _slept(member, day, chance)


def next_night(member: Member, day: date) -> Night:
    """Return the next night with the strap on."""
    for ahead in range(1, LONGEST_GAP):
        following = night(member, day + timedelta(days=ahead))
        if following:
            return following
    raise LookupError(f"{member.name} never puts the strap on again")


def cycle_end(member: Member, outline: Night) -> datetime:
    """Return when the cycle ends: at the next bedtime, or when the strap came off for days."""
    following = next_night(member, outline.day)
    if following.day - outline.day == timedelta(days=1):
        return following.start
    return (datetime.combine(outline.day, STRAP_OFF) - outline.offset).replace(tzinfo=UTC)


def _without_sleep(member: Member, day: date) -> Night:
    midnight = datetime.combine(day, time())
    offset = member.offset(midnight)
    start = (midnight - offset).replace(tzinfo=UTC)
    waits = 9 if day == member.joined else 12
    return Night(day, offset, start, None, None, start + timedelta(hours=waits))


def _slept(member: Member, day: date, chance: Random) -> Night:
    bed = datetime.combine(day, time()) + _bedtime(member, day, chance)
    hours = max(3.2, chance.gauss(_hours(member, day), 0.6))
    in_bed = timedelta(milliseconds=round(hours * 3_600_000))
    offset = member.offset(bed + in_bed)  # the one in force on waking, as in real records
    start = (bed - offset).replace(tzinfo=UTC)
    end, lag = start + in_bed, _lag(chance)
    if chance.random() < member.habits.told_early:
        first_end = end - timedelta(milliseconds=chance.randrange(1_800_000, 6_000_000))
        return Night(day, offset, start, end, first_end, first_end + lag)
    return Night(day, offset, start, end, None, end + lag)


def _bedtime(member: Member, day: date, chance: Random) -> timedelta:
    """Return how far from the midnight before waking, to the millisecond."""
    usual = SHIFT_BED if _after_shift(member, day) else member.habits.bed + _weekend(day)
    wobble = max(-75.0, min(75.0, chance.gauss(0, member.habits.wobble)))
    return timedelta(milliseconds=round((usual + wobble) * 60_000))


def _hours(member: Member, day: date) -> float:
    if _after_shift(member, day):
        return member.habits.hours - 0.9
    return member.habits.hours + _weekend(day) / 60


def _weekend(day: date) -> int:
    return 35 if day.weekday() >= 5 else 0


def _after_shift(member: Member, day: date) -> bool:
    return member.habits.shifts and day.toordinal() % SHIFT_BLOCK < SHIFT_NIGHTS


def _lag(chance: Random) -> timedelta:
    """Return how long WHOOP took after waking: median 8.6 minutes, at most 169."""
    minutes = min(169.0, 8.6 * exp(chance.gauss(0, 0.7)))
    return timedelta(milliseconds=round(minutes * 60_000))
