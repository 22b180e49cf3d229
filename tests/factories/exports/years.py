"""A long life in the form of WHOOP's files, to measure with: regular, as most days are."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from tests.factories.exports.fixtures import NAMES, NEWEST
from tests.factories.exports.life import Number, Offset, Row, Value
from tests.factories.exports.writing import file

_FIRST = datetime(2020, 8, 1, 23, 10, 7)  # noqa: DTZ001  # local clocks, as in the files
_QUESTIONS = (
    "Have any caffeine?",
    "Have any alcoholic drinks?",
    "Read in bed, or on a screen?",
    "Eat close to bedtime?",
    "Feel stressed?",
    "Share your bed?",
)
_ACTIVITIES = ("Running", "Cycling", "Weightlifting", "Yoga", "Swimming")


def export(
    *, cycles: int = 1_900, naps: int = 100, workouts: int = 1_800, answers: int = 10_000, seed: int
) -> dict[str, bytes]:
    """Give the four files of somebody, newest row first; five years unless told otherwise."""
    dice = Random(seed)  # noqa: S311  # a made-up life, not a secret
    days = [_Day(number, dice) for number in range(cycles)]
    rows: dict[str, list[Row]] = {
        "C": [day.cycle for day in days],
        "S": [day.within | day.night | {"Nap": False} for day in days]
        + [days[number % cycles].nap for number in range(naps)],
        "W": [days[number % cycles].workout for number in range(workouts)],
        "J": [answer for _, answer in zip(range(answers), _answers(days), strict=False)],
    }
    return {NAMES[form[0]]: file(form, reversed(rows[form[0]])) for form in NEWEST}


class _Day:
    """One cycle with its night, and what may lie in it."""

    def __init__(self, number: int, dice: Random) -> None:
        self._dice = dice
        self._start = _FIRST + timedelta(days=number, minutes=dice.randrange(50))
        self.within: dict[str, Value] = {
            "Cycle start time": self._start,
            "Cycle end time": _FIRST + timedelta(days=number + 1),
            "Cycle timezone": Offset(120 if number % 365 < 210 else 60),
        }
        self.night = _sleep(self._start, 380 + dice.randrange(80), dice) | {
            "Sleep consistency %": Number(60 + dice.randrange(40))
        }

    @property
    def cycle(self) -> Row:
        dice = self._dice
        return (
            self.within
            | self.night
            | {
                "Recovery score %": Number(20 + dice.randrange(80)),
                "Resting heart rate (bpm)": Number(48 + dice.randrange(12)),
                "Heart rate variability (ms)": Number(40 + dice.randrange(60)),
                "Skin temp (celsius)": Number(f"33.{dice.randrange(10, 99)}"),
                "Blood oxygen %": Number(f"96.{dice.randrange(10, 99)}"),
                "Day Strain": Number(f"{dice.randrange(4, 20)}.{dice.randrange(10)}"),
                **_effort(dice, energy=2_000),
            }
        )

    @property
    def nap(self) -> Row:
        return (
            self.within | _sleep(self._start + timedelta(hours=14), 30, self._dice) | {"Nap": True}
        )

    @property
    def workout(self) -> Row:
        start = self._start + timedelta(hours=18)
        return self.within | {
            "Workout start time": start,
            "Workout end time": start + timedelta(minutes=50),
            "Duration (min)": Number(50),
            "Activity name": self._dice.choice(_ACTIVITIES),
            "Activity Strain": Number(f"{self._dice.randrange(4, 18)}.1"),
            **_effort(self._dice, energy=400),
            **{f"HR Zone {zone} %": Number(zone * 5) for zone in range(1, 6)},
            "GPS enabled": False,
        }


def _answers(days: list[_Day]) -> Iterator[Row]:
    for place, day in enumerate(days):
        for question in _QUESTIONS:
            notes = "two cups, then tea" if place % 20 == 0 else None
            yes = bool(place % 3)
            yield day.within | {"Question text": question, "Answered yes": yes, "Notes": notes}


def _sleep(start: datetime, asleep: int, dice: Random) -> dict[str, Value]:
    scores = {
        "Sleep performance %": 50 + dice.randrange(50),
        "Respiratory rate (rpm)": f"15.{dice.randrange(10)}",
        "Asleep duration (min)": asleep,
        "In bed duration (min)": asleep + 35,
        "Light sleep duration (min)": asleep // 2,
        "Deep (SWS) duration (min)": asleep // 4,
        "REM duration (min)": asleep // 4,
        "Awake duration (min)": 35,
        "Sleep need (min)": 500,
        "Sleep debt (min)": 40,
        "Sleep efficiency %": 92,
    }
    return {
        "Sleep onset": start,
        "Wake onset": start + timedelta(minutes=asleep + 35),
        **{title: Number(it) for title, it in scores.items()},
    }


def _effort(dice: Random, *, energy: int) -> dict[str, Value]:
    return {
        "Energy burned (cal)": Number(energy + dice.randrange(500)),
        "Max HR (bpm)": Number(150 + dice.randrange(40)),
        "Average HR (bpm)": Number(60 + dice.randrange(30)),
    }
