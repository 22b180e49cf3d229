"""What a cycle costs the body, at any moment of it."""

from dataclasses import dataclass
from datetime import date, datetime

from coach.simulator.dice import clamp
from coach.simulator.members import Member
from coach.simulator.records import CycleScore, Workout
from coach.simulator.training import combined, everyday_strain

KILOJOULES_PER_KILOGRAM_HOUR = 4.6


@dataclass(frozen=True, slots=True)
class Exertion:
    """A cycle's strain and energy: they rise with the hours and with each session that ends."""

    member: Member
    day: date
    workouts: tuple[Workout, ...]

    def score(self, start: datetime, end: datetime, now: datetime) -> CycleScore:
        """Score the cycle from `start` to `end` as it stands `now`."""
        share = clamp((now - start) / (end - start), 0, 1)
        done = [each for each in self.workouts if each.score and each.end <= now]
        everyday = everyday_strain(self.member, self.day) * share**0.8
        strain = combined([everyday, *(each.score.strain for each in done if each.score)])
        hours = (min(now, end) - start).total_seconds() / 3600
        return CycleScore(
            strain=strain,
            kilojoule=self._resting_energy(hours, everyday) + _energy(done),
            average_heart_rate=round(self.member.habits.resting + 9 + strain),
            max_heart_rate=self._max_heart_rate(everyday, done),
        )

    def steps(self, start: datetime, end: datetime, now: datetime) -> int:
        chance = self.member.dice(self.day, "steps")
        walked = chance.uniform(500, 900) * everyday_strain(self.member, self.day)
        moved = sum(3500 for each in self.workouts if each.end <= now and _is_on_foot(each))
        return round(walked * clamp((now - start) / (end - start), 0, 1)) + moved

    def _resting_energy(self, hours: float, everyday: float) -> float:
        weight = self.member.persona.weight
        return weight * KILOJOULES_PER_KILOGRAM_HOUR * hours + everyday * 140

    def _max_heart_rate(self, everyday: float, done: list[Workout]) -> int:
        calm = round(self.member.habits.resting + 38 + 4 * everyday)
        busy = (each.score.max_heart_rate for each in done if each.score)
        return min(self.member.persona.top_heart_rate, max([calm, *busy]))


def _energy(done: list[Workout]) -> float:
    return sum(each.score.kilojoule for each in done if each.score)


def _is_on_foot(workout: Workout) -> bool:
    return bool(workout.score and workout.score.distance_meter) and workout.sport_name != "cycling"
