"""The event mix: how often things happen to a member of the crowd, a day. Benchmarks read it here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mix:
    """Events a member and day, beside the one night. Figures of DESIGN, section 12."""

    rescores: float = 0.16
    rescored_at_once: float = 0.5  # share of them that come the same morning: the true end of night
    naps: float = 0.15
    workouts: float = 0.8
    history_days: int = 60  # how long everybody has been a member on the first day


USUAL = Mix()
