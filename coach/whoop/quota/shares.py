"""Who has had how much of a WHOOP app that organisations share (pure).

While little is left, an organisation gives way to another that has had fewer calls in the last day
and waits for quota as urgently. So what is left is evened out, and what nobody waits for is used.
"""

from typing import TypeAlias, TypedDict

from coach.whoop.quota.windows import DAY_BY_HOUR, Used
from coach.work.models import Lane

# Less than so much of a limit counts as little.
SCARCE_PERCENT = 20
# So long after its promised moment we still expect work that waited to come back.
GRACE_SECONDS = 30.0
URGENCY = {lane.value: rank for rank, lane in enumerate(Lane)}


class Share(TypedDict):
    """One organisation's calls by hour, and by lane when the last of its waiting work is back."""

    hours: Used
    back: dict[str, float]


Shares: TypeAlias = dict[str, Share]


def tidy(shares: Shares, at: float) -> Shares:
    """Forget calls older than a day, and work that did not come back."""
    kept = {
        organisation: Share(
            hours=DAY_BY_HOUR.sliding(share["hours"], at),
            back={lane: back for lane, back in share["back"].items() if back + GRACE_SECONDS > at},
        )
        for organisation, share in shares.items()
    }
    return {each: share for each, share in kept.items() if share["hours"] or share["back"]}


def counting(shares: Shares, organisation: str, at: float) -> Shares:
    """Count one call of an organisation."""
    mine = _of(shares, organisation)
    counted = Share(hours=DAY_BY_HOUR.counting(mine["hours"], at), back=mine["back"])
    return {**shares, organisation: counted}


def giving_back(shares: Shares, organisation: str, at: float, calls: int) -> Shares:
    """Uncount calls of an organisation that were not made."""
    mine = _of(shares, organisation)
    left = Share(hours=DAY_BY_HOUR.giving_back(mine["hours"], at, calls), back=mine["back"])
    return {**shares, organisation: left}


def waiting(shares: Shares, organisation: str, lane: Lane, back: float) -> Shares:
    """Remember that work of an organisation waits for quota, and when it comes back."""
    mine = _of(shares, organisation)
    later = max(back, mine["back"].get(lane, 0.0))
    return {**shares, organisation: Share(hours=mine["hours"], back={**mine["back"], lane: later})}


def used(shares: Shares, organisation: str) -> int:
    """Count the calls of an organisation in about a day."""
    return sum(_of(shares, organisation)["hours"].values())


def give_way(shares: Shares, organisation: str, lane: Lane, at: float) -> float:
    """Say for how many seconds an organisation gives way to others; 0: it need not."""
    mine = used(shares, organisation)
    backs = [
        back
        for other, share in shares.items()
        if used(shares, other) < mine
        for urgency, back in share["back"].items()
        if URGENCY[urgency] <= URGENCY[lane]
    ]
    return max(min(backs) - at, 0.0) + 1 if backs else 0.0


def _of(shares: Shares, organisation: str) -> Share:
    return shares.get(organisation) or Share(hours={}, back={})
