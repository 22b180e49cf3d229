"""The sports our made-up members do: WHOOP's slug, the export's name, WHOOP's number."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sport:
    slug: str
    name: str
    id: int
    speed: float | None = None  # metres a second; None where no distance is recorded
    climb: float = 0.0  # metres up for each metre along


RUNNING = Sport("running", "Running", 0, speed=2.9, climb=0.008)
CYCLING = Sport("cycling", "Cycling", 1, speed=7.2, climb=0.011)
ROWING = Sport("rowing", "Rowing", 18)
SWIMMING = Sport("swimming", "Swimming", 33)
TENNIS = Sport("tennis", "Tennis", 34)
YOGA = Sport("yoga", "Yoga", 44)
WEIGHTLIFTING = Sport("weightlifting", "Weightlifting", 45)
HIKING = Sport("hiking-rucking", "Hiking/Rucking", 52, speed=1.2, climb=0.06)
FUNCTIONAL = Sport("functional-fitness", "Functional Fitness", 48)
WALKING = Sport("walking", "Walking", 63, speed=1.3, climb=0.01)
ICE_BATH = Sport("ice-bath", "Ice Bath", 88)
STRENGTH = Sport("weightlifting_msk", "Strength Trainer", 123)
SAUNA = Sport("sauna", "Sauna", 233)
STROLLER = Sport("stroller-walking", "Stroller Walking", 252, speed=1.1, climb=0.004)
ACTIVITY = Sport("activity", "Activity", -1)

ALL = (
    RUNNING, CYCLING, ROWING, SWIMMING, TENNIS, YOGA, WEIGHTLIFTING, HIKING, FUNCTIONAL,
    WALKING, ICE_BATH, STRENGTH, SAUNA, STROLLER, ACTIVITY,
)  # fmt: skip
NAMES = {sport.slug: sport.name for sport in ALL}
