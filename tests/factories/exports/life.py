"""A made-up life of some weeks with every oddity that real exports were seen to hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

DAYS = 24
_FIRST = datetime(2025, 2, 24, 23, 10, 7)  # noqa: DTZ001 - local clocks, as in the files
_TRAVEL = {5: 60, 9: -480, 10: -480, 15: 330, 16: 330, 20: 0}  # days with another offset, minutes


class Number(str):
    """A number as the export writes it."""

    __slots__ = ()


@dataclass(frozen=True)
class Offset:
    """Minutes east of UTC."""

    minutes: int


Value = datetime | Offset | Number | bool | str | None
Row = Mapping[str, Value]  # by English title; None is an empty cell


def life() -> dict[str, list[Row]]:
    """Give the rows of the four files, newest first, under `C`, `S`, `W` and `J`."""
    told: dict[str, list[Row]] = {"C": [], "S": [], "W": [], "J": []}
    for day in reversed(range(DAYS)):
        within = _within(day)
        night = _night(day)
        told["C"].append(within | _day(day) | night)
        told["S"] += [within | nap for nap in _naps(day)]
        if night:
            told["S"].append(within | night | {"Nap": False})
        told["W"] += [within | workout for workout in _workouts(day)]
        told["J"] += [within | answer for answer in _answers(day)]
    return told


def _within(day: int) -> dict[str, Value]:
    start = _FIRST + timedelta(days=day, minutes=7 * day)
    end = None if day == DAYS - 1 else start + timedelta(days=1, minutes=7)
    return {
        "Cycle start time": start,
        "Cycle end time": end,
        "Cycle timezone": Offset(_TRAVEL.get(day, 120)),
    }


def _day(day: int) -> dict[str, Value]:
    """Recovery and effort; a first day, a strap off and an open cycle have less."""
    if day == 3:
        return {}
    recovery: dict[str, Value] = {
        "Recovery score %": Number(30 + 2 * day),
        "Resting heart rate (bpm)": Number(50 + day % 5),
        "Heart rate variability (ms)": Number(60 + day % 9),
        "Skin temp (celsius)": None if day < 8 else Number(f"33.{40 + day}"),
        "Blood oxygen %": None if day < 8 else Number("96.50"),
    }
    effort: dict[str, Value] = {
        "Day Strain": Number("0.0" if day == 6 else f"{day % 20}.4"),
        "Energy burned (cal)": Number(1900 + day),
        "Max HR (bpm)": Number(150 + day),
        "Average HR (bpm)": Number(70),
    }
    return ({} if day == 0 else recovery) | ({} if day == DAYS - 1 else effort)


def _night(day: int) -> dict[str, Value]:
    if day in {0, 3, 11}:
        return {}
    start = _FIRST + timedelta(days=day, minutes=7 * day, seconds=day % 2)
    return _sleep(start, 400 + day, unscored=day == 13) | (
        {} if day < 4 or day == 13 else {"Sleep consistency %": Number(60 + day)}
    )


def _sleep(start: datetime, asleep: int, *, unscored: bool = False) -> dict[str, Value]:
    times = {"Sleep onset": start, "Wake onset": start + timedelta(minutes=asleep + 40)}
    scores = {
        "Sleep performance %": 80,
        "Respiratory rate (rpm)": "15.1",
        "Asleep duration (min)": asleep,
        "In bed duration (min)": asleep + 35,
        "Light sleep duration (min)": asleep - 190,
        "Deep (SWS) duration (min)": 90,
        "REM duration (min)": 100,
        "Awake duration (min)": 35,
        "Sleep need (min)": 500,
        "Sleep debt (min)": 40,
        "Sleep efficiency %": 101 if asleep == 405 else 92,
    }
    return times | ({} if unscored else {title: Number(it) for title, it in scores.items()})


def _naps(day: int) -> list[dict[str, Value]]:
    at = _FIRST + timedelta(days=day, hours=15)
    starts = {7: [at], 12: [at + timedelta(hours=3), at], 18: [at]}.get(day, [])
    return [_sleep(start, 240, unscored=day == 18) | {"Nap": True} for start in starts]


def _workouts(day: int) -> list[dict[str, Value]]:
    at = _FIRST + timedelta(days=day, hours=17, minutes=13)
    names = {2: ["Running"], 8: ["Ice Hockey", "Activity"], 14: ["Sauna; then ice"], 21: ["Other"]}
    return [
        {
            "Workout start time": at + timedelta(hours=2 - place),
            "Workout end time": None if day == 21 else at + timedelta(hours=3 - place),
            "Duration (min)": Number(60),
            "Activity name": name,
        }
        | ({} if name == "Activity" else _effort(day))
        | {"GPS enabled": day == 2}
        for place, name in enumerate(names.get(day, []))
    ]


def _effort(day: int) -> dict[str, Value]:
    return {
        "Activity Strain": Number("9.8"),
        "Energy burned (cal)": Number("412.0"),
        "Max HR (bpm)": Number(170),
        "Average HR (bpm)": Number(131),
        **{f"HR Zone {zone} %": Number(0 if day == 14 else zone * 5) for zone in range(1, 6)},
        "Distance (meters)": Number("5021.12") if day == 2 else None,
        "Altitude gain (meters)": Number("12.50") if day == 2 else None,
        "Altitude change (meters)": Number("-69.84") if day == 2 else None,
    }


def _answers(day: int) -> list[dict[str, Value]]:
    asked = ["Have any caffeine? ", "Did you read, or write, in bed?"][: 1 + day % 2]
    notes = {4: 'a "good", long day', 9: "one\ntwo, three", 14: "niño, Übung, œuvre"}
    return [
        {"Question text": question, "Answered yes": day % 3 == 0, "Notes": notes.get(day)}
        for question in asked
    ]
