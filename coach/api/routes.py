"""Every operation, by importing the files that make them."""

from coach.api import headers, health_routes
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
    linking,
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
    words,
    workouts,
)

__all__ = ["bp"]
MADE_BY = (
    *(
        headers,
        health_routes,
        cycles,
        days,
        health,
        insights,
        moods,
        preferences,
        profile,
        roster,
        sleeps,
    ),
    *(
        syncs,
        whoop,
        workouts,
        alerts,
        check_ins,
        imports,
        journal,
        linking,
        people,
        notes,
        tags,
        words,
    ),
)
