"""What one client looks like to one reader on one day: plain values, and only what is shared."""

from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum
from typing import Final, Generic, Literal, TypeAlias, TypeVar

from coach.accounts.models import FieldGroup
from coach.check_ins.models import TagKind
from coach.insights.signals import ATTENTION_FROM, ATTENTION_OF_TAGGED, Signal
from coach.science.hrv import Position
from coach.science.series import Figure

Thing = TypeVar("Thing")
QUIET_FROM_DAYS = 2
NEED_OF_LOW_RECOVERY, NEED_OF_QUIET = 60, 40


class Hidden(Enum):
    """A value may be there or not: the client does not share it with who asks."""

    NOT_SHARED = "not_shared"


NOT_SHARED: Final = Hidden.NOT_SHARED
# What is shown of something: the thing, None where nothing is known, or that it is not shared.
Shown: TypeAlias = Thing | Literal[Hidden.NOT_SHARED] | None


class State(StrEnum):
    """What a roster row says in one word; the order is that of need."""

    ATTENTION = "attention"
    LOW_RECOVERY = "low_recovery"
    TAGGED = "tagged"
    NO_DATA = "no_data"
    CALM = "calm"
    NOT_SHARED = "not_shared"


@dataclass(frozen=True, slots=True)
class Dated(Generic[Thing]):
    """The newest value there is, and its date; `doubtful` and `is_open` as the day says."""

    value: Thing
    date: date
    doubtful: bool = False
    is_open: bool = False
    calibrating: bool = False


@dataclass(frozen=True, slots=True)
class HrvMorning:
    """The week in its range, in ms, and the last 28 days, oldest first, None where unknown.

    `range` is the lower bound with the days behind both bounds; `days_outside` are in a row.
    """

    week: Figure
    range: Figure
    high_ms: float | None
    position: Position
    days_outside: int
    days: tuple[float | None, ...]
    newest: date | None


@dataclass(frozen=True, slots=True)
class CheckInMorning:
    """Whether the client has answered on the day, and how many whole days before it are missing.

    `missed` is None where there is no answer in 28 days.
    """

    answered: bool
    seen: bool
    missed: int | None


@dataclass(frozen=True, slots=True)
class Tagged:
    """A reason: what the client said is different, since when, and until when if that is known."""

    kind: TagKind
    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class LowRecovery:
    """A reason: WHOOP's red band on the day, in percent."""

    score: float


@dataclass(frozen=True, slots=True)
class Quiet:
    """A reason: so many days without any measured value; None where there is none in 28 days."""

    days: int | None


Reason: TypeAlias = Signal | LowRecovery | Tagged | Quiet


@dataclass(frozen=True, slots=True)
class Morning:
    """One client on one day, as one reader may see them."""

    day: date
    shares: frozenset[FieldGroup]
    attention: int
    reasons: tuple[Reason, ...]
    recovery: Shown[Dated[float]]
    hrv: Shown[HrvMorning]
    resting_heart_rate: Shown[Dated[float]]
    drift: Shown[Figure]  # bpm
    drift_raised: bool
    night: Shown[Dated[float]]  # hours asleep
    balance: Shown[float]  # hours, of the night that ended on the day
    debt: Shown[Figure]  # hours of the last 7 nights
    strain_yesterday: Shown[Dated[float]]
    load_change: Shown[Figure]  # percent
    feeling: Shown[Figure]  # mean Hooper index of the week
    check_in: Shown[CheckInMorning]
    tags: Shown[tuple[Tagged, ...]]
    quiet_days: int | None

    @property
    def low_recovery(self) -> bool:
        return any(isinstance(reason, LowRecovery) for reason in self.reasons)

    @property
    def no_data(self) -> bool:
        return any(isinstance(reason, Quiet) for reason in self.reasons)

    @property
    def needs_attention(self) -> bool:
        return self.attention >= ATTENTION_FROM

    @property
    def state(self) -> State:
        """Say in one word how things stand; the most pressing one where several are true."""
        if not self.shares:
            return State.NOT_SHARED
        if self.needs_attention:
            return State.ATTENTION
        if self.low_recovery:
            return State.LOW_RECOVERY
        if self.attention == ATTENTION_OF_TAGGED:
            return State.TAGGED
        return State.NO_DATA if self.no_data else State.CALM

    @property
    def need(self) -> int:
        """Order by this, highest first: attention, low recovery, a tag, no data, the rest."""
        match self.state:
            case State.ATTENTION:
                return self.attention
            case State.LOW_RECOVERY:
                return NEED_OF_LOW_RECOVERY
            case State.TAGGED:
                return ATTENTION_OF_TAGGED
            case State.NO_DATA:
                return NEED_OF_QUIET
            case _:
                return 0
