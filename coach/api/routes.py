"""Every operation, by importing the files that make them."""

from coach.api import headers
from coach.api.operations import bp
from coach.api.resources import (
    alerts,
    check_ins,
    cycles,
    days,
    health,
    imports,
    insights,
    journal,
    moods,
    notes,
    people,
    preferences,
    profile,
    roster,
    sleeps,
    syncs,
    tags,
    whoop,
    workouts,
)

__all__ = ["bp"]
MADE_BY = (
    *(headers, cycles, days, health, insights, moods, preferences, profile, roster, sleeps),
    *(syncs, whoop, workouts, alerts, check_ins, imports, journal, people, notes, tags),
)
