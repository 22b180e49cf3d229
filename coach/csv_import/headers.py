"""Which file this is, told by its header: kinds, columns and the English titles of all years."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The four files of an export, and the `kind` under which their rows are stored."""

    CYCLE = "cycle"
    SLEEP = "sleep"
    WORKOUT = "workout"
    JOURNAL = "journal"


class Form(StrEnum):
    """How a cell is written."""

    TIME = "time"
    OFFSET = "offset"
    NUMBER = "number"
    FLAG = "flag"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title in the export and the field of the row it fills."""

    title: str
    field: str
    form: Form = Form.NUMBER


@dataclass(frozen=True, slots=True)
class Header:
    """A recognised header: what each place of a row holds, None where we take nothing."""

    kind: Kind
    titles: tuple[str, ...]
    columns: tuple[Column | None, ...]


_CYCLE_OF = (
    Column("Cycle start time", "cycle_start_time", Form.TIME),
    Column("Cycle end time", "cycle_end_time", Form.TIME),
    Column("Cycle timezone", "offset_minutes", Form.OFFSET),
)
_SLEEP_OF = (
    Column("Sleep onset", "sleep_onset", Form.TIME),
    Column("Wake onset", "wake_onset", Form.TIME),
    Column("Sleep performance %", "sleep_performance"),
    Column("Respiratory rate (rpm)", "respiratory_rate"),
    Column("Asleep duration (min)", "asleep_duration"),
    Column("In bed duration (min)", "in_bed_duration"),
    Column("Light sleep duration (min)", "light_sleep_duration"),
    Column("Deep (SWS) duration (min)", "deep_duration"),
    Column("REM duration (min)", "rem_duration"),
    Column("Awake duration (min)", "awake_duration"),
    Column("Sleep need (min)", "sleep_need"),
    Column("Sleep debt (min)", "sleep_debt"),
    Column("Sleep efficiency %", "sleep_efficiency"),
    Column("Sleep consistency %", "sleep_consistency"),
)
_EFFORT_OF = (
    Column("Energy burned (cal)", "energy_burned"),
    Column("Max HR (bpm)", "max_hr"),
    Column("Average HR (bpm)", "average_hr"),
)

# More specific kinds first: a tie between them goes to the earlier.
COLUMNS: dict[Kind, tuple[Column, ...]] = {
    Kind.JOURNAL: (
        *_CYCLE_OF,
        Column("Question text", "question_text", Form.TEXT),
        Column("Answered yes", "answered_yes", Form.FLAG),
        Column("Notes", "notes", Form.TEXT),
    ),
    Kind.WORKOUT: (
        *_CYCLE_OF,
        Column("Workout start time", "workout_start_time", Form.TIME),
        Column("Workout end time", "workout_end_time", Form.TIME),
        Column("Duration (min)", "duration"),
        Column("Activity name", "activity_name", Form.TEXT),
        Column("Activity Strain", "activity_strain"),
        *_EFFORT_OF,
        *(Column(f"HR Zone {zone} %", f"hr_zone_{zone}") for zone in range(1, 6)),
        Column("GPS enabled", "gps_enabled", Form.FLAG),
        Column("Distance (meters)", "distance"),
        Column("Altitude gain (meters)", "altitude_gain"),
        Column("Altitude change (meters)", "altitude_change"),
    ),
    Kind.SLEEP: (*_CYCLE_OF, *_SLEEP_OF, Column("Nap", "nap", Form.FLAG)),
    Kind.CYCLE: (
        *_CYCLE_OF,
        Column("Recovery score %", "recovery_score"),
        Column("Resting heart rate (bpm)", "resting_heart_rate"),
        Column("Heart rate variability (ms)", "heart_rate_variability"),
        Column("Skin temp (celsius)", "skin_temp"),
        Column("Blood oxygen %", "blood_oxygen"),
        Column("Day Strain", "day_strain"),
        *_EFFORT_OF,
        *_SLEEP_OF,
    ),
}


def folded(text: str) -> str:
    """Keep letters and digits only, in lower case and without accents."""
    plain = unicodedata.normalize("NFKD", text).lower()
    return "".join(letter for letter in plain if letter.isalnum())


_FOLDED = {
    kind: {folded(column.title): column for column in columns} for kind, columns in COLUMNS.items()
}
_NEEDED = {folded("Cycle start time"), folded("Cycle timezone")}
_SHARED = {folded(column.title) for column in _CYCLE_OF}


def recognise(titles: Sequence[str]) -> Header | None:
    """Tell which file this is and what each column holds; None when it is none of ours."""
    names = [folded(title) for title in titles]
    present = set(names)
    if not present >= _NEEDED:
        return None
    kind = max(_FOLDED, key=lambda kind: len(present & _FOLDED[kind].keys()))
    if not present & _FOLDED[kind].keys() - _SHARED:
        return None
    return Header(kind, tuple(titles), _places(names, _FOLDED[kind]))


def is_gdpr(titles: Sequence[str]) -> bool:
    """Tell whether this is a file of WHOOP's privacy archive, which has a form of its own."""
    return "during" in {folded(title) for title in titles}


def _places(names: Sequence[str], known: dict[str, Column]) -> tuple[Column | None, ...]:
    first = {name: place for place, name in reversed(list(enumerate(names)))}
    return tuple(
        known.get(name) if first[name] == place else None for place, name in enumerate(names)
    )
