"""Made-up rows of a WHOOP export, in the real form; nobody's data."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

CYCLE = ["Cycle start time", "Cycle end time", "Cycle timezone"]
STAGES = [
    "Sleep performance %",
    "Respiratory rate (rpm)",
    "Asleep duration (min)",
    "In bed duration (min)",
    "Light sleep duration (min)",
    "Deep (SWS) duration (min)",
    "REM duration (min)",
    "Awake duration (min)",
    "Sleep need (min)",
    "Sleep debt (min)",
    "Sleep efficiency %",
]
SLEEP = ["Sleep onset", "Wake onset", *STAGES]
RECOVERY = [
    "Recovery score %",
    "Resting heart rate (bpm)",
    "Heart rate variability (ms)",
    "Skin temp (celsius)",
    "Blood oxygen %",
]
EFFORT = ["Energy burned (cal)", "Max HR (bpm)", "Average HR (bpm)"]
ZONES = [f"HR Zone {zone} %" for zone in range(1, 6)]
WORKOUT = ["Workout start time", "Workout end time", "Duration (min)", "Activity name"]
GPS = ["Distance (meters)", "Altitude gain (meters)", "Altitude change (meters)"]

C25 = [*CYCLE, *RECOVERY, "Day Strain", *EFFORT, *SLEEP]
C26 = [*C25, "Sleep consistency %"]
S17 = [*CYCLE, *SLEEP, "Nap"]
S18 = [*CYCLE, *SLEEP, "Sleep consistency %", "Nap"]
W17 = [*CYCLE, *WORKOUT, "Activity Strain", *EFFORT, *ZONES, "GPS enabled"]
W20 = [*W17, *GPS]
J6 = [*CYCLE, "Question text", "Answered yes", "Notes"]

Cells = Mapping[str, str]

_NIGHT = {
    "Sleep performance %": "84",
    "Respiratory rate (rpm)": "15.1",
    "Asleep duration (min)": "420",
    "In bed duration (min)": "455",
    "Light sleep duration (min)": "230",
    "Deep (SWS) duration (min)": "90",
    "REM duration (min)": "100",
    "Awake duration (min)": "35",
    "Sleep need (min)": "500",
    "Sleep debt (min)": "40",
    "Sleep efficiency %": "92",
    "Sleep consistency %": "71",
}
_DAY = {
    "Recovery score %": "66",
    "Resting heart rate (bpm)": "52",
    "Heart rate variability (ms)": "61",
    "Skin temp (celsius)": "33.41",
    "Blood oxygen %": "96.50",
    "Day Strain": "11.4",
    "Energy burned (cal)": "2500",
    "Max HR (bpm)": "171",
    "Average HR (bpm)": "68",
}


def within(start: str, end: str = "", offset: str = "UTC+02:00") -> dict[str, str]:
    """The three first columns of every file."""
    return dict(zip(CYCLE, (start, end, offset), strict=True))


def night(onset: str, wake: str, **changed: str) -> dict[str, str]:
    """A scored sleep; name changed columns by their first word, e.g. `Asleep="300"`."""
    return {"Sleep onset": onset, "Wake onset": wake} | _changed(_NIGHT, changed)


def unscored(onset: str, wake: str) -> dict[str, str]:
    """A sleep of which only the times are known."""
    return {"Sleep onset": onset, "Wake onset": wake}


def day(**changed: str) -> dict[str, str]:
    """Recovery, strain and heart rate of a cycle."""
    return _changed(_DAY, changed)


def nap(onset: str, wake: str, minutes: str = "30") -> dict[str, str]:
    """A nap: no consistency."""
    return night(onset, wake, Asleep=minutes) | {"Sleep consistency %": "", "Nap": "true"}


def workout(start: str, end: str, activity: str = "Running") -> dict[str, str]:
    """A scored workout."""
    return {
        "Workout start time": start,
        "Workout end time": end,
        "Duration (min)": "45",
        "Activity name": activity,
        "Activity Strain": "9.8",
        "Energy burned (cal)": "412.0",
        "GPS enabled": "false",
    }


def answer(question: str, yes: str = "true", notes: str = "") -> dict[str, str]:
    """One answered question."""
    return {"Question text": question, "Answered yes": yes, "Notes": notes}


def text(
    titles: Sequence[str], rows: Sequence[Cells], *, delimiter: str = ",", newline: str = "\n"
) -> str:
    """The file, as WHOOP writes it unless told otherwise."""
    made = io.StringIO(newline="")
    writer = csv.writer(made, delimiter=delimiter, lineterminator=newline)
    writer.writerow(titles)
    writer.writerows([row.get(title, "") for title in titles] for row in rows)
    return made.getvalue()


def archive(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """The files as one ZIP."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return path


def _changed(cells: Cells, changed: Mapping[str, str]) -> dict[str, str]:
    found = dict(cells)
    for start, value in changed.items():
        (title,) = (title for title in cells if title.startswith(start.replace("_", " ")))
        found[title] = value
    return found
