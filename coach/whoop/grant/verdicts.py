"""What an answer of the token endpoint means, and what may be tried next (pure).

A refresh token may be spent once. So a try whose outcome nobody knows is repeated once at most,
and only when the old access token is of no use any more; one failure condemns no link.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

DEAD_GRANT = {"invalid_grant", "invalid_scope"}
WRONG_APP = {"invalid_client", "unauthorized_client"}

# Tokens are renewed so long before they end.
EARLY = timedelta(minutes=5)
# A try without an outcome may belong to a process that lives, and is about to save.
UNDER_WAY = timedelta(seconds=30)
# Seen from WHOOP for dead tokens and for odd moments: the second look comes so much later.
SECOND_LOOK = timedelta(minutes=10)
# Of a grant that is dead and may not be called so: WHOOP may mend what it broke.
DEAD_PAUSE = timedelta(hours=1)
# WHOOP refused a token that we got from it a moment ago: another one would be no better.
BETWEEN_RENEWALS = timedelta(minutes=10)
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=10)
# Tries whose outcome is unknown: the first, and the only one that repeats it.
MOST_LOST = 2
# Refused in so many different hours, with nothing synced in between: only the client can help.
MOST_REFUSED_HOURS = 3
# So many grants of one app, and so many in a hundred, do not die by themselves within an hour.
MASS_COUNT, MASS_PERCENT = 10, 5
MASS_WITHIN = timedelta(hours=1)
FREEZE = timedelta(hours=24)
CLOSED_FOR = timedelta(minutes=5)


class Outcome(StrEnum):
    """How a try to renew a grant ended."""

    RENEWED = "renewed"
    LATER = "later"  # WHOOP is not well, or was not reached
    UNKNOWN = "unknown"  # it was sent, and the answer got lost
    DEAD = "dead"  # WHOOP says that the grant is gone
    UNCLEAR = "unclear"  # it may be gone: look again
    OUR_FAULT = "our_fault"  # WHOOP refuses our app
    STALE = "stale"  # refused, but somebody else had renewed the grant
    REFUSED = "refused"  # no try: the data API refused a fresh token


class Step(StrEnum):
    """What to do when a token is needed."""

    SEND = "send"
    KEEP = "keep"  # the old access token still serves
    WAIT = "wait"
    RECONNECT = "reconnect"


@dataclass(frozen=True, slots=True)
class Try:
    """One try with a refresh token; without an outcome nobody knows how it ended."""

    outcome: Outcome | None
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known before a refresh; `tries` are those with the token we hold, newest first."""

    now: datetime
    lives_until: datetime
    has_refresh: bool = True
    refused: bool = False  # WHOOP does not take the old access token any more
    tries: tuple[Try, ...] = ()
    renewed_at: datetime | None = None
    closed_until: datetime | None = None

    @property
    def usable(self) -> bool:
        """Tell whether the old access token still serves."""
        return not self.refused and self.lives_until > self.now

    @property
    def lost(self) -> int:
        """Count the tries that WHOOP may have heard without our hearing the answer."""
        return sum(each.outcome in {None, Outcome.UNKNOWN} for each in self.tries)

    @property
    def spent(self) -> bool:
        """Tell whether no further try is of use: lost twice, or lost once and then called dead."""
        dead = any(each.outcome is Outcome.DEAD for each in self.tries)
        return self.lost >= MOST_LOST or (self.lost > 0 and dead)


@dataclass(frozen=True, slots=True)
class Decision:
    """The next step; one that has to wait, until when."""

    step: Step
    until: datetime | None = None
    because_refused: bool = False


def decide(facts: Facts) -> Decision:
    """Say what to do with what we know."""
    if not facts.has_refresh or facts.spent:
        return Decision(Step.KEEP if facts.usable else Step.RECONNECT)
    if facts.usable and facts.lost:
        return Decision(Step.KEEP)
    until = _quiet_until(facts)
    if until is None or until <= facts.now:
        return Decision(Step.SEND)
    if facts.usable:
        return Decision(Step.KEEP)
    return Decision(Step.WAIT, until, because_refused=until == _next_renewal(facts))


def sort(status: int, body: bytes) -> Outcome:
    """Sort an answer of the token endpoint that brought no tokens."""
    said = json_object(body)
    error = str(said.get("error"))
    if error in DEAD_GRANT:
        return Outcome.DEAD
    if error in WRONG_APP:
        return Outcome.OUR_FAULT
    if error == "invalid_request":
        return Outcome.UNCLEAR
    # A page in between answers no JSON at all; half of a JSON answer means that tokens got lost.
    lost = status == 200 and (bool(said) or body.lstrip()[:1] in {b"{", b""})
    return Outcome.UNKNOWN if lost else Outcome.LATER


def confirm(outcome: Outcome, facts: Facts) -> Outcome:
    """Take an unclear refusal for a dead grant when it comes a second time, long enough after."""
    before = facts.now - SECOND_LOOK
    unclear = [each for each in facts.tries if each.outcome is Outcome.UNCLEAR]
    again = any(each.started_at <= before for each in unclear)
    return Outcome.DEAD if outcome is Outcome.UNCLEAR and again else outcome


def is_mass_failure(dead: int, linked: int) -> bool:
    """Tell whether so many grants of an app died within an hour that WHOOP is to blame."""
    return dead >= MASS_COUNT and dead * 100 > linked * MASS_PERCENT


def json_object(body: bytes) -> dict[str, object]:
    """Read a JSON object; anything else counts as an empty one."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _quiet_until(facts: Facts) -> datetime | None:
    """Say until when nothing may be sent."""
    moments = [facts.closed_until, _after_last(facts.tries), _next_renewal(facts)]
    return max((each for each in moments if each), default=None)


def _next_renewal(facts: Facts) -> datetime | None:
    return facts.renewed_at + BETWEEN_RENEWALS if facts.refused and facts.renewed_at else None


def _after_last(tries: tuple[Try, ...]) -> datetime | None:
    if not tries:
        return None
    last = tries[0]
    if last.outcome is Outcome.LATER:
        return last.started_at + _pause(tries)
    pauses = {None: UNDER_WAY, Outcome.UNCLEAR: SECOND_LOOK, Outcome.DEAD: DEAD_PAUSE}
    return last.started_at + pauses.get(last.outcome, timedelta())


def _pause(tries: tuple[Try, ...]) -> timedelta:
    """Wait twice as long after each failure in a row."""
    row = next((i for i, each in enumerate(tries) if each.outcome is not Outcome.LATER), len(tries))
    return min(SHORTEST_PAUSE * 2 ** min(row - 1, 10), LONGEST_PAUSE)
