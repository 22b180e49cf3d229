"""The dozen, written down: habits are averages, the dice do the rest."""

from dataclasses import dataclass

from coach.simulator import sports
from coach.simulator.sports import Sport


@dataclass(frozen=True, slots=True)
class Habits:
    bed: int = -60  # minutes from the midnight before waking
    hours: float = 7.9  # in bed
    wobble: float = 25.0  # minutes, how much bedtime varies
    awake: float = 0.08  # share of the time in bed
    sessions: float = 3.5  # a week
    strain: float = 9.5  # of a usual session
    sports: tuple[Sport, ...] = (sports.RUNNING, sports.WEIGHTLIFTING, sports.WALKING)
    everyday: float = 6.5  # strain of a day without sessions
    recovery: float = 62.0
    hrv: float = 62.0
    resting: float = 54.0
    breaths: float = 14.6
    nap: float = 0.04  # chance a day
    split: float = 0.0  # chance that a night falls in two parts
    shifts: bool = False  # blocks of four nights at work
    strap_off_every: int = 0  # days; 0 = never laid aside
    told_early: float = 0.08  # chance that a night is first told too short, and then again
    rescored: float = 0.0  # chance that a night is scored again hours or days later
    skin_sensors: bool = True  # straps before 4.0 have none


@dataclass(frozen=True, slots=True)
class Persona:
    user_id: int
    first_name: str
    last_name: str
    about: str
    zone: str
    habits: Habits
    height: float = 1.74
    weight: float = 72.0
    top_heart_rate: int = 190
    history: int = 400
    away: tuple[str, ...] = ()

    @property
    def email(self) -> str:
        return f"{self.first_name.lower()}@members.example"


PERSONAS = (
    Persona(
        10129, "Mara", "Ironwood", "Heavy trainer, often twice a day", "Europe/Berlin",
        Habits(
            bed=-90, hours=8.6, wobble=15, awake=0.06, sessions=9.5, strain=12.5, everyday=7.5,
            sports=(sports.RUNNING, sports.CYCLING, sports.SWIMMING, sports.STRENGTH, sports.SAUNA),
            hrv=96, resting=44, recovery=60,
        ),
        height=1.71, weight=63.5, top_heart_rate=192,
    ),
    Persona(
        10130, "Noah", "Restless", "Sleeps badly and late", "America/New_York",
        Habits(
            bed=35, hours=6.3, wobble=55, awake=0.16, sessions=1.5, strain=7.5, recovery=45,
            hrv=38, resting=64, breaths=16.1,
        ),
        height=1.82, weight=91.0, top_heart_rate=184,
    ),
    Persona(
        10131, "Tessa", "Voyager", "Travels, so the offset changes", "America/New_York",
        Habits(bed=-40, hours=7.4, wobble=40, sports=(sports.RUNNING, sports.YOGA, sports.WALKING)),
        height=1.68, weight=61.0,
        away=("Europe/London", "Europe/Lisbon", "America/Los_Angeles", "America/Sao_Paulo"),
    ),
    Persona(
        10132, "Omar", "Nightwatch", "Works night shifts and then sleeps by day", "Asia/Kolkata",
        Habits(
            bed=-20, hours=6.9, awake=0.11, sessions=2.5, recovery=50, hrv=49, resting=58,
            sports=(sports.WEIGHTLIFTING, sports.CYCLING), shifts=True,
        ),
        weight=79.0,
    ),
    Persona(
        10133, "Finn", "Newcomer", "Joined five days ago, still calibrating", "Europe/Madrid",
        Habits(sports=(sports.RUNNING, sports.TENNIS)), history=5,
    ),
    Persona(
        10134, "Lena", "Drawer", "Leaves the strap in a drawer for days", "Europe/Paris",
        # 398 = 18 more than a whole number of stretches: the strap is off on the first day.
        Habits(strap_off_every=20, sessions=2.5, sports=(sports.YOGA, sports.WALKING)),
        height=1.63, weight=58.0, history=398,
    ),
    Persona(
        10135, "Hugo", "Classic", "An old strap: no SpO2, no skin temperature", "America/Phoenix",
        Habits(skin_sensors=False, sports=(sports.HIKING, sports.CYCLING, sports.ACTIVITY)),
        weight=84.0, top_heart_rate=178,
    ),
    Persona(
        10136, "Ines", "Siesta", "Naps on most days", "Atlantic/Canary",
        Habits(bed=20, hours=6.8, nap=0.6, sports=(sports.SWIMMING, sports.YOGA)),
        height=1.66, weight=60.0,
    ),
    Persona(
        10137, "Ada", "Dawn", "Early to bed, early to rise", "Atlantic/Reykjavik",
        Habits(
            bed=-185, hours=7.8, wobble=10, awake=0.05, sessions=5, recovery=72, hrv=78,
            resting=49, sports=(sports.FUNCTIONAL, sports.RUNNING, sports.ICE_BATH),
        ),
        weight=66.0,
    ),
    Persona(
        10138, "Priya", "Cradle", "Nights in two parts since the baby came", "Europe/London",
        Habits(
            bed=-110, hours=6.9, awake=0.12, sessions=3, strain=6.5, split=0.55, recovery=48,
            hrv=51, resting=60, sports=(sports.STROLLER, sports.WALKING, sports.YOGA),
        ),
        height=1.65, weight=64.0,
    ),
    Persona(
        10139, "Walter", "Evergreen", "Masters athlete, seventy and rowing", "America/Denver",
        Habits(
            bed=-100, hours=7.6, wobble=12, awake=0.11, sessions=6, strain=10.5, hrv=29,
            resting=47, breaths=13.2, sports=(sports.ROWING, sports.CYCLING, sports.STRENGTH),
        ),
        height=1.79, weight=74.0, top_heart_rate=158,
    ),
    Persona(
        10140, "June", "Harbour", "Lives where the clocks change in April and October", "Australia/Sydney",
        Habits(bed=-70, hours=7.8, sessions=4, sports=(sports.SWIMMING, sports.RUNNING, sports.TENNIS)),
        weight=68.0,
    ),
)  # fmt: skip
