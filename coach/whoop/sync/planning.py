"""The plan of calls (pure): what to ask WHOOP after an announcement, at a slot, and once a week.

A night costs three lists, a workout one. Everything else is asked so seldom that a client whose
announcements arrive costs less than five calls a day.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from coach.whoop.payloads import RecordKind
from coach.whoop.sync.cursors import LISTS

CYCLE, SLEEP, RECOVERY, WORKOUT = LISTS
A_DAY, A_MINUTE = timedelta(days=1), timedelta(minutes=1)
NIGHTS = (CYCLE, SLEEP, RECOVERY)
# A list that was read so long ago is read at the next slot, although WHOOP announces: each night
# brings the first three, and people wake up a few hours sooner or later. By then WHOOP has also
# ended the cycle of somebody who did not sleep, which nobody announces.
TRUSTED_FOR = dict.fromkeys(NIGHTS, timedelta(hours=30))
WORKOUTS_TRUSTED_FOR = timedelta(days=3)
# After an announcement was missed we believe less for some days.
WARY_FOR, WORKOUTS_TRUSTED_WARILY = timedelta(days=7), timedelta(hours=20)
# An app that has heard nothing for so long hears nothing.
SILENCE = timedelta(hours=36)
# Once a week a list that is read anyway is read so far back. The newest 25 workouts of most people
# reach further than three weeks.
REVIEW_EVERY = timedelta(days=7)
REVIEWED = {kind: timedelta(days=30) for kind in NIGHTS}
REVIEWED[WORKOUT] = timedelta(days=21)
# WHOOP tries for about an hour to tell us something.
ANNOUNCED_WITHIN = timedelta(hours=1)
# A score that is missing is looked for after as long as it has been missing.
SOONEST_LOOK, LATEST_LOOK = timedelta(minutes=30), timedelta(hours=24)
# The open cycle is looked at when somebody looks, if nobody did so for a while.
OPEN_CYCLE_AFTER = timedelta(hours=6)
# While announcements get lost, or there are none and quota is scarce, a client has a slot some time
# after each waking, and one in the evening: for the night, and for the workouts of the day.
AFTER_WAKING, HALF_A_DAY = timedelta(hours=3), timedelta(hours=12)
EVENING, EVENING_OVER = timedelta(hours=10), timedelta(hours=20)
JUST_READ = timedelta(hours=6)
WORKOUTS_LATEST = timedelta(hours=30)  # if no evening has brought them
# Who has had no night for so long does not wear the strap, and is asked about once a day.
NO_NIGHTS_AFTER, NO_NIGHTS_EVERY = timedelta(hours=42), timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask for: whole lists, and things that must be seen in them, as `kind:id`."""

    kinds: frozenset[RecordKind] = frozenset()
    sought: frozenset[str] = frozenset()

    def __or__(self, other: "Request") -> "Request":
        return Request(self.kinds | other.kinds, self.sought | other.sought)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a link at a slot: when its lists were read, and how WHOOP announces."""

    read_at: Mapping[RecordKind, datetime]
    heard: bool  # announcements reach this WHOOP app
    missed_at: datetime | None = None  # when a change was found that nobody had announced
    scarce: bool = False  # nothing is heard, and to read everything at each slot costs too much
    woke_at: datetime | None = None  # the end of the newest night we hold


def updates(announced: Iterable[tuple[str, str]], *, sleeps: Collection[str]) -> Request:
    """Say what (type, object id) announcements of updates ask for; `sleeps` are those we hold.

    The cycles are not among it: the sync reads them when it finds a night without its cycle.
    """
    request = Request()
    for what, object_id in announced:
        request |= _update(what, object_id, known=object_id in sleeps)
    return request


def _update(what: str, object_id: str, *, known: bool) -> Request:
    if what == "workout.updated":
        return Request(frozenset({WORKOUT}), frozenset({f"{WORKOUT}:{object_id}"}))
    if what == "recovery.updated" and known:
        return Request(frozenset({RECOVERY}), frozenset({f"{RECOVERY}:{object_id}"}))
    if what in {"sleep.updated", "recovery.updated"}:  # a recovery is known by its sleep
        return Request(frozenset({SLEEP, RECOVERY}), frozenset({f"{SLEEP}:{object_id}"}))
    return Request()


def due(known: Known, *, period: timedelta, now: datetime) -> list[RecordKind]:
    """List what a slot has to read: what announcements have not brought lately."""
    if known.woke_at and _follows_the_day(known, now):
        trusted = _trusted_awake(now - known.woke_at)
    else:
        trusted = _trusted(known, period, now)
    return [kind for kind in LISTS if _age(known, kind, now) > trusted[kind]]


def _trusted(known: Known, period: timedelta, now: datetime) -> dict[RecordKind, timedelta]:
    if not known.heard:  # then each slot is the only one that brings its part of the day
        return dict.fromkeys(LISTS, period * 0.9)
    workouts = WORKOUTS_TRUSTED_WARILY if _is_wary(known, now) else WORKOUTS_TRUSTED_FOR
    return {**TRUSTED_FOR, WORKOUT: workouts}


def _follows_the_day(known: Known, now: datetime) -> bool:
    """Tell whether slots have to bring each night and each day's workouts, with few calls."""
    return known.scarce or (known.heard and _is_wary(known, now))


def _is_wary(known: Known, now: datetime) -> bool:
    return known.missed_at is not None and now - known.missed_at < WARY_FOR


def _trusted_awake(awake: timedelta) -> dict[RecordKind, timedelta]:
    """Say how long lists are trusted so long after the last waking that we know of."""
    nights = JUST_READ if awake < NO_NIGHTS_AFTER else NO_NIGHTS_EVERY
    if awake < EVENING_OVER:  # the night is here
        nights = timedelta.max
    workouts = JUST_READ if EVENING <= awake < EVENING_OVER else WORKOUTS_LATEST
    return {**dict.fromkeys(NIGHTS, nights), WORKOUT: workouts}


def next_slot(known: Known, *, own: datetime, now: datetime) -> datetime:
    """Place the next slot: at its `own` moment, or sooner when a night is overdue by then.

    It follows the client's own day instead while quota is scarce, or announcements get lost.
    """
    if known.woke_at and _follows_the_day(known, now):
        gone = (now - known.woke_at - AFTER_WAKING) // HALF_A_DAY
        return known.woke_at + AFTER_WAKING + (gone + 1) * HALF_A_DAY
    read_at = [known.read_at[kind] for kind in NIGHTS if kind in known.read_at]
    overdue = min(read_at) + TRUSTED_FOR[CYCLE] + A_MINUTE if read_at else own
    return min(own, overdue) if known.heard and overdue > now else own


def _age(known: Known, kind: RecordKind, now: datetime) -> timedelta:
    read_at = known.read_at.get(kind)
    return now - read_at if read_at else timedelta.max


def wants_open_cycle(known: Known, *, now: datetime) -> bool:
    """Tell whether somebody who looks at the open cycle would see old values."""
    return _age(known, CYCLE, now) > OPEN_CYCLE_AFTER


def review(
    kind: RecordKind, reviewed_at: Mapping[RecordKind, datetime], *, now: datetime
) -> datetime | None:
    """Say how far back a list that is being read is read this time; None: not further than usual."""
    last = reviewed_at.get(kind)
    return now - REVIEWED[kind] if last is None or now - last > REVIEW_EVERY else None


def next_look(pending_since: datetime, *, now: datetime) -> datetime:
    """Say when to look again for a score: at first soon, then ever later, at least once a day."""
    return now + min(max(now - pending_since, SOONEST_LOOK), LATEST_LOOK)
