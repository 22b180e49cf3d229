"""Who they are: a dozen made-up members, each with a life of another kind."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from coach.simulator.dice import dice
from coach.simulator.personas import PERSONAS, Habits, Persona

TRIP_EVERY = 21
TRIP_DAYS = range(9, 16)


@dataclass(frozen=True, slots=True)
class Member:
    """One persona in one simulated world: the seed and the day they joined fix their whole life."""

    persona: Persona
    seed: int
    joined: date

    def __hash__(self) -> int:  # asked for at each look into a cache
        return hash((self.seed, self.persona.user_id))

    @property
    def user_id(self) -> int:
        return self.persona.user_id

    @property
    def email(self) -> str:
        return self.persona.email

    @property
    def name(self) -> str:
        return f"{self.persona.first_name} {self.persona.last_name}"

    @property
    def habits(self) -> Habits:
        return self.persona.habits

    def dice(self, day: date, topic: str) -> Random:
        return dice(self.seed, self.user_id, day.isoformat(), topic)

    def offset(self, local: datetime) -> timedelta:
        """Return the UTC offset of this wall-clock time where the member is that day."""
        offset = ZoneInfo(self._zone(local.date())).utcoffset(local)
        if offset is None:
            raise ValueError(f"{local} has no offset")
        return offset

    def wears(self, day: date) -> bool:
        """Say whether the strap is on; some lay it aside at the end of each stretch of days."""
        stretch = self.habits.strap_off_every
        if not stretch:
            return day >= self.joined
        worn, number = (day - self.joined).days % stretch, (day - self.joined).days // stretch
        off = 3 + dice(self.seed, self.user_id, number, "strap").randrange(3)
        return day >= self.joined and worn < stretch - off

    def _zone(self, day: date) -> str:
        trip, place = divmod(day.toordinal(), TRIP_EVERY)
        if not self.persona.away or place not in TRIP_DAYS:
            return self.persona.zone
        return dice(self.seed, self.user_id, trip, "trip").choice(self.persona.away)


def cast(*, seed: int, today: date) -> tuple[Member, ...]:
    """Return everybody, as they are for somebody who starts the simulator `today`."""
    return tuple(
        Member(persona, seed, today - timedelta(days=persona.history)) for persona in PERSONAS
    )
