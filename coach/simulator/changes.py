"""What happens to a member that WHOOP announces, and when: read from the same days as the lists."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from coach.simulator.days import LATEST_RESCORE, Day, Rest
from coach.simulator.life import days_between
from coach.simulator.members import Member
from coach.simulator.records import ScoreState

# A day's records may be told anew until the night of a day with its latest re-score is that old.
REACH = LATEST_RESCORE + timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing became, or is no more. A recovery is known by its sleep."""

    at: datetime
    user_id: int
    type: str
    subject: UUID
    pending: bool = False  # it is there, but waits for its score


def changes(
    member: Member, since: datetime, until: datetime, *, nap_recoveries: bool = True
) -> Iterator[Change]:
    """Return what happens after `since` and not after `until`, in no order."""
    first, last = (moment.astimezone(UTC).date() for moment in (since - REACH, until))
    for day in days_between(member, first, last + timedelta(days=1)):
        if day.settled_at > since:
            for change in _of_day(day, nap_recoveries=nap_recoveries):
                if since < change.at <= until:
                    yield change


def _of_day(day: Day, *, nap_recoveries: bool) -> Iterator[Change]:
    for rest in day.rests:
        yield from _of_rest(rest, recoveries=nap_recoveries or not rest.sleeps[0].nap)
    for each in day.workouts:
        yield Change(each.updated_at, each.user_id, "workout.updated", each.id)


def _of_rest(rest: Rest, *, recoveries: bool) -> Iterator[Change]:
    for sleep in rest.sleeps:
        pending = sleep.score_state is ScoreState.PENDING_SCORE
        yield Change(sleep.updated_at, sleep.user_id, "sleep.updated", sleep.id, pending)
    for each in rest.recoveries if recoveries else ():
        pending = each.score_state is ScoreState.PENDING_SCORE
        yield Change(each.updated_at, each.user_id, "recovery.updated", each.sleep_id, pending)
