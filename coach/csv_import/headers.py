"""The files of an export in every generation: their kinds, their columns, their English titles."""

from dataclasses import dataclass
from enum import StrEnum

from coach.csv_import.languages import Language


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
class Generation:
    """The columns of a file as WHOOP wrote it at some time, in the order of every language."""

    name: str
    kind: Kind
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """A recognised header: what each place of a row holds, None where we take nothing.

    No `language` when only the shape of the rows told the file, no `generation` when somebody
    added or removed columns we know. Without titles (`headless`) the first line is a row.
    """

    kind: Kind
    titles: tuple[str, ...]
    columns: tuple[Column | None, ...]
    language: Language | None = None
    generation: str | None = None
    headless: bool = False


_CYCLE_OF = (
    Column("Cycle start time", "cycle_start_time", Form.TIME),
    Column("Cycle end time", "cycle_end_time", Form.TIME),
    Column("Cycle timezone", "offset_minutes", Form.OFFSET),
)
_RECOVERY = (
    Column("Recovery score %", "recovery_score"),
    Column("Resting heart rate (bpm)", "resting_heart_rate"),
    Column("Heart rate variability (ms)", "heart_rate_variability"),
    Column("Skin temp (celsius)", "skin_temp"),
    Column("Blood oxygen %", "blood_oxygen"),
    Column("Day Strain", "day_strain"),
)
_EFFORT = (
    Column("Energy burned (cal)", "energy_burned"),
    Column("Max HR (bpm)", "max_hr"),
    Column("Average HR (bpm)", "average_hr"),
)
_SLEEP = (
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
)
_CONSISTENCY = Column("Sleep consistency %", "sleep_consistency")
_NAP = Column("Nap", "nap", Form.FLAG)
_WORKOUT = (
    *_CYCLE_OF,
    Column("Workout start time", "workout_start_time", Form.TIME),
    Column("Workout end time", "workout_end_time", Form.TIME),
    Column("Duration (min)", "duration"),
    Column("Activity name", "activity_name", Form.TEXT),
    Column("Activity Strain", "activity_strain"),
    *_EFFORT,
    *(Column(f"HR Zone {zone} %", f"hr_zone_{zone}") for zone in range(1, 6)),
    Column("GPS enabled", "gps_enabled", Form.FLAG),
)
_GPS = (
    Column("Distance (meters)", "distance"),
    Column("Altitude gain (meters)", "altitude_gain"),
    Column("Altitude change (meters)", "altitude_change"),
)
_JOURNAL = (
    *_CYCLE_OF,
    Column("Question text", "question_text", Form.TEXT),
    Column("Answered yes", "answered_yes", Form.FLAG),
    Column("Notes", "notes", Form.TEXT),
)
_C25 = (*_CYCLE_OF, *_RECOVERY, *_EFFORT, *_SLEEP)

NEEDED = (_CYCLE_OF[0], _CYCLE_OF[2])
SHARED = frozenset(_CYCLE_OF)

# More specific kinds first, and of a kind the one with all columns: a tie goes to the earlier.
GENERATIONS = (
    Generation("J6", Kind.JOURNAL, _JOURNAL),
    Generation("W20", Kind.WORKOUT, (*_WORKOUT, *_GPS)),
    Generation("W17", Kind.WORKOUT, _WORKOUT),
    Generation("S18", Kind.SLEEP, (*_CYCLE_OF, *_SLEEP, _CONSISTENCY, _NAP)),
    Generation("S17", Kind.SLEEP, (*_CYCLE_OF, *_SLEEP, _NAP)),
    Generation("C26", Kind.CYCLE, (*_C25, _CONSISTENCY)),
    Generation("C25", Kind.CYCLE, _C25),
)
