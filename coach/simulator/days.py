"""One day of a life: the cycle a night began, with everything WHOOP recorded in it.

Each record comes in versions, oldest first; a version is what WHOOP shows from its `updated_at` on.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from coach.simulator.exertion import Exertion
from coach.simulator.ids import cycle_id
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
RESCORED_AFTER = (2.0, 9 * 24.0)  # hours
LATEST_RESCORE = timedelta(hours=RESCORED_AFTER[1])


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
    settled_at: datetime  # from then on nothing changes any more
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
    workouts, rests = tuple(sessions(member, outline)), _rests(member, outline)
    closed_at = next_night(member, day).created_at
    told = [each.updated_at for rest in rests for each in rest.sleeps]
    told += [each.updated_at for each in workouts]
    return Day(
        outline=outline,
        cycle_id=cycle_id(day, member.user_id),
        end=cycle_end(member, outline),
        closed_at=closed_at,
        settled_at=max([closed_at, *told]),
        rests=rests,
        workouts=workouts,
        exertion=Exertion(member, day, workouts),
    )


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
    later = _rescored(member, outline, outline.end)
    if outline.first_end is None:
        return _joined(_pending_first(rest), later)
    early = _night_version(member, outline, outline.first_end, outline.created_at + SCORING)
    return _joined(_pending_first(early), rest, later)


def _rescored(member: Member, outline: Night, end: datetime) -> Rest:
    """Return the night as the member set it right hours or days later, if ever."""
    chance = member.dice(outline.day, "rescored")
    if chance.random() >= member.habits.rescored:
        return Rest((), ())
    since = outline.settled_at + SCORING + timedelta(hours=chance.uniform(*RESCORED_AFTER))
    return _night_version(member, outline, end - timedelta(minutes=chance.randrange(1, 10)), since)


def _joined(*versions: Rest) -> Rest:
    return Rest(
        tuple(sleep for each in versions for sleep in each.sleeps),
        tuple(recovery for each in versions for recovery in each.recoveries),
    )


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
        cycle_id=cycle_id(outline.day, member.user_id),
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
        cycle_id=cycle_id(outline.day, member.user_id),
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
