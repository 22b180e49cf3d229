"""Why nothing arrives from a client, and whether to ask them once (pure)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from coach.insights.morning import QUIET_FROM_DAYS
from coach.whoop.models import Integration
from coach.whoop.screens.standing import Standing, Underway, standing

LOOKED_WITHIN = timedelta(hours=26)  # a link is looked at twice a day


class QuietState(StrEnum):
    """Why there is no new data; whoever can do something about it differs."""

    NEVER_LINKED = "never_linked"
    RECONNECT = "reconnect"
    QUIET = "quiet"
    UNSCORABLE = "unscorable"
    LATE = "late"


# A link that fell has its own mail, and for a late WHOOP a client can do nothing.
NUDGED = frozenset({QuietState.NEVER_LINKED, QuietState.QUIET, QuietState.UNSCORABLE})


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What has arrived of a client: their link, and the newest day with and without values."""

    link: Integration | None
    valued: date | None  # the newest day of which the night is known
    told: date | None  # the newest day of which anything is known
    joined: date

    @property
    def since(self) -> date:
        """Name the last day before the gap."""
        return self.valued or self.joined


def quiet_state(known: Arrivals, *, here: date, now: datetime) -> QuietState | None:
    """Say why nothing new is known for two days or more; None while something is.

    Who took their link away has said so, and is no alert.
    """
    stands = standing(known.link, Underway())
    if stands is Standing.RECONNECT:
        return QuietState.RECONNECT
    if (here - known.since).days < QUIET_FROM_DAYS or stands is Standing.DISCONNECTED:
        return None
    if known.link is None:
        return QuietState.NEVER_LINKED
    if stands is Standing.ERROR or not _was_looked_at(known.link, now):
        return QuietState.LATE
    told_lately = known.told is not None and (here - known.told).days < QUIET_FROM_DAYS
    return QuietState.UNSCORABLE if told_lately else QuietState.QUIET


def is_to_be_nudged(
    known: Arrivals, *, here: date, after_days: int, nudged_on: date | None, explained: bool
) -> bool:
    """Tell whether a client is asked about this gap now: once, at their own pace, and kindly.

    Nobody is who tagged a day of the gap, or has sent nothing since they were last asked.
    """
    long_enough = 0 < after_days <= (here - known.since).days
    asked_before = nudged_on is not None and known.since < nudged_on
    return long_enough and not asked_before and not explained


def _was_looked_at(link: Integration, now: datetime) -> bool:
    return link.last_sync is not None and now - link.last_sync < LOOKED_WITHIN
