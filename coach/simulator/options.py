"""What a simulated WHOOP can be told to do otherwise."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from coach.simulator.grants import Reuse
from coach.simulator.manner import PUNCTUAL, Manner
from coach.simulator.mix import USUAL, Mix


@dataclass(frozen=True, slots=True)
class Options:
    per_minute: int = 100
    per_day: int = 10_000
    nap_recoveries: bool = True  # v2 sends recoveries for naps too
    nulls: bool = True  # what is absent is sent as null, as live; False leaves it out
    reuse: Reuse = Reuse.FAMILY  # what a spent refresh token does
    today: date | None = None  # the day the members' histories count back from; None = the clock's
    webhook_url: str | None = None  # where the first app wants to be told
    manner: Manner = PUNCTUAL  # how announcements are carried
    crowd: int = 0  # how many members there are beside the dozen
    mix: Mix = USUAL  # what the crowd's days are made of
    journal_kept: int = 10_000  # calls; the oldest are forgotten first
    state_file: Path | None = None  # keeps `today` and the grants over a restart


DEFAULTS = Options()
