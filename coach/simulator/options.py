"""What a simulated WHOOP can be told to do otherwise."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    per_minute: int = 100
    per_day: int = 10_000
    nap_recoveries: bool = True  # v2 sends recoveries for naps too
    nulls: bool = True  # what is absent is sent as null, as live; False leaves it out
    reuse_revokes_family: bool = True  # False: a spent refresh token is refused, nothing more
    today: date | None = None  # the day the members' histories count back from; None = the clock's
    webhook_url: str | None = None  # where the app wants to be told
    state_file: Path | None = None  # keeps `today` and the grants over a restart


DEFAULTS = Options()
