"""One day of a life: the cycle a night began, with everything WHOOP recorded in it.

Each record comes in versions, oldest first; a version is what WHOOP shows from its `updated_at` on.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from coach.simulator.exertion import Exertion
from coach.simulator.members import Member
from coach.simulator.nights import Night, cycle_end, next_night, night
from coach.simulator.offsets import designator
from coach.simulator.records import Recovery, RecoveryScore, ScoreState, Sleep, Workout
from coach.simulator.recovering import nap_recovery_score, recovery_score
from coach.simulator.sleeping import nap_score, nap_times, night_score
from coach.simulator.training import new_id, sessions

UNSCORABLE = 0.006
SCORING = timedelta(seconds=90)
NAP_SEEN_AFTER = timedelta(minutes=9)
CYCLE_COMES_FIRST = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Rest:
    """A sleep or nap and its recovery; versions of both in step. An unscored one has none."""

    sleeps: tuple[Sleep, ...]
    recoveries: tuple[Recovery, ...]


@dataclass(frozen=True, slots=True)
class Day:
    outline: Night
    cycle_id: int
    end: datetime
    closed_at: datetime
    rests: tuple[Rest, ...]  # the night first, then naps
    workouts: tuple[Workout, ...]
    exertion: Exertion

    @property
    def created_at(self) -> datetime:
        return self.outline.created_at - CYCLE_COMES_FIRST


def live(member: Member, day: date) -> Day | None:
    """Live the day through to its end, or not at all without a strap."""
    outline = night(member, day)
    if outline is None:
        return None
    workouts = tuple(sessions(member, outline))
    return Day(
        outline=outline,
        cycle_id=_cycle_id(member, day),
        end=cycle_end(member, outline),
        closed_at=next_night(member, day).created_at,
        rests=_rests(member, outline),
        workouts=workouts,
        exertion=Exertion(member, day, workouts),
    )


def _cycle_id(member: Member, day: date) -> int:
    return day.toordinal() * 1_000 + member.user_id % 1_000


def _rests(member: Member, outline: Night) -> tuple[Rest, ...]:
    main = _main(member, outline)
    nap = _nap(member, outline)
    return tuple(rest for rest in (main, nap) if rest)


def _main(member: Member, outline: Night) -> Rest | None:
    if outline.end is None:
        return None
    if member.dice(outline.day, "unscorable").random() < UNSCORABLE:
        sleep = _sleep(member, outline, outline.end, outline.settled_at)
        return Rest((replace(sleep, score_state=ScoreState.UNSCORABLE),), ())
    rest = _night_version(member, outline, outline.end, outline.settled_at)
    if outline.first_end is None:
        return _pending_first(rest)
    early = _night_version(member, outline, outline.first_end, outline.created_at + SCORING)
    first = _pending_first(early)
    return Rest(first.sleeps + rest.sleeps, first.recoveries + rest.recoveries)


def _night_version(member: Member, outline: Night, end: datetime, since: datetime) -> Rest:
    score = night_score(member, outline, end)
    sleep = replace(_sleep(member, outline, end, since), score_state=ScoreState.SCORED, score=score)
    return Rest((sleep,), (_recovery(sleep, recovery_score(member, outline.day, score)),))


def _nap(member: Member, outline: Night) -> Rest | None:
    times = nap_times(member, outline)
    if times is None:
        return None
    start, end = times
    sleep = Sleep(
        id=new_id(member, outline.day, "nap"),
        cycle_id=_cycle_id(member, outline.day),
        v1_id=None,
        user_id=member.user_id,
        created_at=end + NAP_SEEN_AFTER,
        updated_at=end + NAP_SEEN_AFTER,
        start=start,
        end=end,
        timezone_offset=designator(outline.offset),
        nap=True,
        score_state=ScoreState.SCORED,
        score=nap_score(member, outline.day, end - start),
    )
    return _pending_first(
        Rest((sleep,), (_recovery(sleep, nap_recovery_score(member, outline.day)),))
    )


def _sleep(member: Member, outline: Night, end: datetime, since: datetime) -> Sleep:
    return Sleep(
        id=new_id(member, outline.day, "night"),
        cycle_id=_cycle_id(member, outline.day),
        v1_id=None,
        user_id=member.user_id,
        created_at=outline.created_at,
        updated_at=since,
        start=outline.start,
        end=end,
        timezone_offset=designator(outline.offset),
        nap=False,
        score_state=ScoreState.PENDING_SCORE,
        score=None,
    )


def _recovery(sleep: Sleep, score: RecoveryScore) -> Recovery:
    return Recovery(
        cycle_id=sleep.cycle_id,
        sleep_id=sleep.id,
        user_id=sleep.user_id,
        created_at=sleep.created_at,
        updated_at=sleep.updated_at,
        score_state=ScoreState.SCORED,
        score=score,
    )


def _pending_first(rest: Rest) -> Rest:
    """Put before a scored version the one without score that WHOOP shows while it evaluates."""
    sleep, recovery = rest.sleeps[0], rest.recoveries[0]
    since = sleep.created_at
    scored_at = max(sleep.updated_at, since + SCORING)
    waiting = replace(sleep, updated_at=since, score_state=ScoreState.PENDING_SCORE, score=None)
    unknown = replace(recovery, updated_at=since, score_state=ScoreState.PENDING_SCORE, score=None)
    return Rest(
        (waiting, replace(sleep, updated_at=scored_at)),
        (unknown, replace(recovery, updated_at=scored_at)),
    )
