"""Which of several readings we believe (pure)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from coach.days.metrics import Source, Value

State = Literal["provisional", "final"]
_TRUST = {Source.EXPORT: 0, Source.WHOOP: 1, Source.MANUAL: 2}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one source says of one client's day.

    A key present with None is empty on purpose (only people do that); an absent key says nothing.
    `doubtful` names fields the source itself gives reason to distrust.
    """

    source: Source
    values: Mapping[str, Value]
    doubtful: frozenset[str] = frozenset()
    provisional: bool = False
    calibrating: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """What is believed of one client on one date; `sources` names who said each value."""

    values: dict[str, Value] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    doubtful: frozenset[str] = frozenset()
    calibrating: bool = False
    state: State = "final"

    @property
    def source(self) -> Literal["whoop", "manual"]:
        """Tell in one word where the shown values came from."""
        shown = {said for name, said in self.sources.items() if self.values[name] is not None}
        return "whoop" if shown & {Source.WHOOP, Source.EXPORT} else "manual"


def merge(readings: Iterable[Reading]) -> Day:
    """Believe, per field, the most trusted source that says something: manual, WHOOP, export."""
    values: dict[str, Value] = {}
    sources: dict[str, Source] = {}
    doubtful: set[str] = set()
    device: Reading | None = None
    for reading in sorted(readings, key=lambda reading: _TRUST[reading.source]):
        values.update(reading.values)
        sources.update(dict.fromkeys(reading.values, reading.source))
        doubtful = (doubtful - reading.values.keys()) | (reading.doubtful & reading.values.keys())
        if reading.source is not Source.MANUAL:
            device = reading
    return Day(
        values=values,
        sources=sources,
        doubtful=frozenset(doubtful),
        calibrating=device is not None and device.calibrating,
        state="provisional" if device is not None and device.provisional else "final",
    )
