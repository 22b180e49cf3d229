"""Members without a name, as many as wanted: alike in kind, each with a life of their own."""

from datetime import date, timedelta

from coach.simulator import sports
from coach.simulator.dice import dice
from coach.simulator.members import Member
from coach.simulator.mix import Mix
from coach.simulator.personas import Habits, Persona

FIRST_ID = 20_001
ZONES = (
    "America/Los_Angeles", "America/Chicago", "America/New_York", "America/Sao_Paulo",
    "Europe/London", "Europe/Berlin", "Europe/Madrid", "Asia/Dubai", "Asia/Kolkata", "Australia/Sydney",
)  # fmt: skip


def crowd(*, seed: int, today: date, size: int, mix: Mix) -> tuple[Member, ...]:
    """Return so many members, numbered from `FIRST_ID`, who live by the mix."""
    joined = today - timedelta(days=mix.history_days)
    return tuple(Member(_persona(seed, number, mix), seed, joined) for number in range(size))


def _persona(seed: int, number: int, mix: Mix) -> Persona:
    chance = dice(seed, "crowd", number)
    habits = Habits(
        bed=round(chance.gauss(-50, 45)),
        hours=chance.uniform(7.0, 8.8),
        wobble=chance.uniform(10, 45),
        sessions=7 * mix.workouts,
        strain=chance.uniform(6, 12),
        recovery=chance.uniform(50, 72),
        hrv=chance.uniform(30, 110),
        resting=chance.uniform(45, 64),
        nap=mix.naps,
        told_early=mix.rescores * mix.rescored_at_once,
        rescored=mix.rescores * (1 - mix.rescored_at_once),
        sports=tuple(chance.sample(sports.ALL, 3)),
    )
    return Persona(
        user_id=FIRST_ID + number,
        first_name=f"Member{number + 1}",
        last_name="Crowd",
        about="One of the crowd",
        zone=chance.choice(ZONES),
        habits=habits,
        weight=chance.uniform(52, 96),
        top_heart_rate=chance.randrange(170, 200),
    )
