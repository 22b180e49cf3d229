"""What a member does between two nights: sessions, and the strain they bring."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import prod
from random import Random
from uuid import UUID

from coach.simulator.dice import clamp
from coach.simulator.ids import record_id
from coach.simulator.members import Member
from coach.simulator.nights import Night, cycle_end
from coach.simulator.offsets import designator
from coach.simulator.records import ScoreState, Workout, WorkoutScore, ZoneDurations
from coach.simulator.sports import Sport

MOST_STRAIN = 20.9
UNSCORED = 0.01
FIRST_SESSION = (1.0, 4.6)  # hours after getting up
SECOND_SESSION = (9.6, 10.6)
SYNCED_AFTER = timedelta(minutes=11)


def combined(strains: Iterable[float]) -> float:
    """Add strains as the scale does: each takes its share of what is left up to 21."""
    return min(MOST_STRAIN, 21 * (1 - prod(1 - strain / 21 for strain in strains)))


@lru_cache(maxsize=20_000)
def everyday_strain(member: Member, day: date) -> float:
    return clamp(member.dice(day, "everyday").gauss(member.habits.everyday, 1.6), 0.4, 14)


@lru_cache(maxsize=20_000)
def usual_strain(member: Member, day: date) -> float:
    """Return the day's strain as planned: a pure function, so that other days may ask for it."""
    planned = member.dice(day, "sessions")
    efforts = (
        _effort(member, member.dice(day, f"session {n}")) for n in range(_count(member, planned))
    )
    return combined([everyday_strain(member, day), *efforts])


def sessions(member: Member, night: Night) -> Iterator[Workout]:
    """Return the sessions of the cycle that this night began, oldest first."""
    up = night.up + _second_part(member, night.day)
    bed = cycle_end(member, night) - timedelta(minutes=30)
    for number in range(_count(member, member.dice(night.day, "sessions"))):
        workout = _session(member, night, up, number)
        if workout.end < bed:
            yield workout


def new_id(member: Member, day: date, what: str) -> UUID:
    return record_id(day, member.dice(day, f"id of {what}"))


@lru_cache(maxsize=20_000)
def has_split(member: Member, day: date) -> bool:
    return member.dice(day, "split").random() < member.habits.split


def _second_part(member: Member, day: date) -> timedelta:
    """After a night in two parts the day begins when the second is over."""
    return timedelta(hours=5 if has_split(member, day) else 0)


def _count(member: Member, chance: Random) -> int:
    whole, part = divmod(member.habits.sessions / 7, 1)
    return min(2, int(whole) + (chance.random() < part))


def _effort(member: Member, chance: Random) -> float:
    return clamp(chance.gauss(member.habits.strain, 2.2), 2.0, 19.5)


def _session(member: Member, night: Night, up: datetime, number: int) -> Workout:
    chance = member.dice(night.day, f"session {number}")
    strain = _effort(member, chance)
    sport = chance.choice(member.habits.sports)
    after = chance.uniform(*(SECOND_SESSION if number else FIRST_SESSION))
    length = round(clamp(chance.gauss(28 + strain * 3, 12), 12, 110) * 60_000)
    start = up + timedelta(milliseconds=round(after * 3_600_000))
    end = start + timedelta(milliseconds=length)
    known_at = max(end + SYNCED_AFTER, night.created_at)  # not before its cycle is there
    scored = chance.random() >= UNSCORED
    return Workout(
        id=new_id(member, night.day, f"session {number}"),
        v1_id=None,
        user_id=member.user_id,
        created_at=known_at,
        updated_at=known_at,
        start=start,
        end=end,
        timezone_offset=designator(night.offset),
        sport_name=sport.slug,
        sport_id=sport.id,
        score_state=ScoreState.SCORED if scored else ScoreState.UNSCORABLE,
        score=_score(member, sport, strain, length, chance) if scored else None,
    )


def _score(
    member: Member, sport: Sport, strain: float, length: int, chance: Random
) -> WorkoutScore:
    resting, top = member.habits.resting, member.persona.top_heart_rate
    average = round(resting + (top - resting) * (0.30 + 0.031 * strain))
    distance = sport.speed and sport.speed * length / 1000 * chance.uniform(0.85, 1.2)
    climb = distance and distance * sport.climb * chance.uniform(0.3, 1.7)
    return WorkoutScore(
        strain=strain,
        average_heart_rate=average,
        max_heart_rate=min(top, average + chance.randrange(18, 42)),
        kilojoule=length / 60_000 * (11 + 2.4 * strain) * member.persona.weight / 72,
        percent_recorded=1.0 if chance.random() < 0.95 else chance.uniform(0.9, 0.999),
        zone_durations=_zones(strain, length, chance),
        distance_meter=distance,
        altitude_gain_meter=climb,
        altitude_change_meter=climb and chance.uniform(-0.2, 0.2) * climb,
    )


def _zones(strain: float, length: int, chance: Random) -> ZoneDurations:
    """Spread the time over the zones; zone zero takes what is left."""
    middle = strain / 21 * 6
    weights = [chance.uniform(0.5, 1.5) / (1 + (zone - middle) ** 2) for zone in range(6)]
    one, two, three, four, five = (round(length * w / sum(weights)) for w in weights[1:])
    return ZoneDurations(length - one - two - three - four - five, one, two, three, four, five)
