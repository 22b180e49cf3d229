"""Days of a week of which nothing measured is known, and what that can come from (pure)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from coach.accounts.models import FieldGroup
from coach.accounts.sharing import GROUP_OF
from coach.weekly.week import Week

OF_NIGHTS = ("recovery_score", "hrv", "resting_heart_rate", "sleep_hours")
MEASURED = (*OF_NIGHTS, "strain")


class Cause(StrEnum):
    """What is known of why a day is empty; a strap not worn looks like one that did not send."""

    NOT_LINKED = "not_linked"
    RECONNECT = "reconnect"
    NOT_WORN = "not_worn"
    NO_NIGHT = "no_night"


@dataclass(frozen=True, slots=True)
class Gap:
    """Some dates of a week, oldest first, and what they lack for which reason."""

    cause: Cause
    dates: tuple[date, ...]


def gaps(
    known: Mapping[date, Collection[str]],
    week: Week,
    *,
    here: date,
    shares: frozenset[FieldGroup],
    link: Cause | None,
) -> list[Gap]:
    """List the empty days before `here`, the client's own today, as far as values are shared.

    `known` names what is known of a date; `link` is what is wrong with the link, if anything is.
    """
    shared = [name for name in MEASURED if GROUP_OF[name] in shares]
    if not shared:
        return []
    past = [day for day in week.dates if day < here]
    empty = tuple(day for day in past if not set(shared) & set(known.get(day, ())))
    nights = {name for name in shared if name in OF_NIGHTS}
    awake = tuple(
        day for day in past if nights and day not in empty and not nights & set(known.get(day, ()))
    )
    found = [Gap(link or Cause.NOT_WORN, empty), Gap(Cause.NO_NIGHT, awake)]
    return [gap for gap in found if gap.dates]
