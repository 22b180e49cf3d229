"""What the body made of the night: recovery, heart rate variability, resting heart rate."""

from datetime import date, timedelta
from functools import lru_cache
from math import exp
from random import Random

from coach.simulator.dice import clamp
from coach.simulator.members import Member
from coach.simulator.records import RecoveryScore, SleepScore
from coach.simulator.sleeping import performance
from coach.simulator.training import usual_strain

# A run of days hangs together: today's form is mostly that of the days before.
MEMORY = (0.62, 0.48, 0.38, 0.29, 0.22, 0.17, 0.13)
CALIBRATION = timedelta(days=4)
SINGLE_NIGHTS_WITHOUT_SENSOR = 0.015


def recovery_score(member: Member, day: date, sleep: SleepScore) -> RecoveryScore:
    chance = member.dice(day, "recovery")
    strained = usual_strain(member, day - timedelta(days=1)) - 11
    percent = (
        member.habits.recovery
        + 13 * _form(member, day)
        + 0.35 * (performance(sleep) - 85)
        - 1.1 * strained
        + chance.gauss(0, 5)
    )
    return _score(member, day, percent, chance)


def nap_recovery_score(member: Member, day: date) -> RecoveryScore:
    """Return what v2 sends for a nap: a tiny score from a raised heart rate."""
    chance = member.dice(day, "nap recovery")
    return _score(member, day, chance.uniform(1, 28), chance)


def _score(member: Member, day: date, percent: float, chance: Random) -> RecoveryScore:
    whole = round(clamp(percent, 1, 98))
    away = (whole - member.habits.recovery) / 20
    return RecoveryScore(
        user_calibrating=day - member.joined <= CALIBRATION,
        recovery_score=float(whole),
        resting_heart_rate=float(round(member.habits.resting - 1.9 * away + chance.gauss(0, 0.8))),
        hrv_rmssd_milli=clamp(member.habits.hrv * exp(0.17 * away + chance.gauss(0, 0.05)), 7, 240),
        spo2_percentage=_sensed(member, chance, clamp(chance.gauss(95.9, 0.8), 88, 100)),
        skin_temp_celsius=_sensed(member, chance, clamp(chance.gauss(33.8, 0.5), 30, 37.5)),
    )


def _sensed(member: Member, chance: Random, value: float) -> float | None:
    missed = chance.random() < SINGLE_NIGHTS_WITHOUT_SENSOR
    return value if member.habits.skin_sensors and not missed else None


def _form(member: Member, day: date) -> float:
    """Return how the member has been lately, about -2 to 2."""
    return sum(
        weight * _form_alone(member, day - timedelta(days=back))
        for back, weight in enumerate(MEMORY)
    )


@lru_cache(maxsize=20_000)
def _form_alone(member: Member, day: date) -> float:
    return member.dice(day, "form").gauss(0, 1)
