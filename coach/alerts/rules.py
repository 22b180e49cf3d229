"""When a signal becomes an alert, and how long it stays one (pure)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from coach.accounts.models import FieldGroup
from coach.insights.signals import (
    BAD_DAYS,
    GROUP_OF_SIGNAL,
    TOPIC_OF_SIGNAL,
    Direction,
    Signal,
    SignalName,
)
from coach.insights.single_days import FarDay
from coach.science import chance
from coach.science.baseline import PERSISTS_FROM, PERSISTS_OF
from coach.science.series import Confidence

VERSION = 1
# Load calls for nobody.
WATCHABLE = tuple(TOPIC_OF_SIGNAL)
SINGLE: Mapping[SignalName, Direction] = {name: side for name, _metric, side in BAD_DAYS}
# Of the 30 days of a single day's range; below it is provisional, and provisional never alerts.
FIRM_FROM = 20
A_DAY = timedelta(days=1)
URGENT_FROM_TOPICS = 2


@dataclass(frozen=True, slots=True)
class Rule:
    """What a coach wants to be told of: which signals, how far out, how soon again."""

    signals: frozenset[SignalName] = frozenset(WATCHABLE)
    sds: float = 2.0
    persistent: bool = True
    cooldown_hours: int = 24


@dataclass(frozen=True, slots=True)
class DayFacts:
    """What is stored of one day of one client."""

    signals: Sequence[Signal] = ()
    far: Mapping[SignalName, FarDay] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class History:
    """A client's days by date, and the dates that are tagged: of those nobody is told."""

    days: Mapping[date, DayFacts]
    tagged: Collection[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Firing:
    """A signal that is worth an alert, and the dates it rests on, newest first."""

    signal: Signal
    dates: tuple[date, ...]


def firing(rule: Rule, known: History, day: date, shares: Collection[FieldGroup]) -> list[Firing]:
    """List what a rule tells of a day: weeks outside the own range, and single days far out.

    Only what is shared and well founded; nothing on a tagged day. Source: our default of a week
    outside the range or |z| >= k on two of three days. Version 1.
    """
    if day in known.tagged or day not in known.days:
        return []
    weeks = (each for each in known.days[day].signals if each.name not in SINGLE)
    firm = (each for each in weeks if each.confidence is Confidence.OK)
    found = [Firing(each, _run(day, each.days)) for each in firm]
    found += [each for name in SINGLE if (each := _single(rule, known, day, name))]
    return [each for each in found if _is_wanted(each.signal.name, rule, shares)]


def may_raise(rule: Rule, last_shown: date | None, day: date) -> bool:
    """Tell whether the last alert of this kind is long enough ago. Version 1."""
    return last_shown is None or (day - last_shown).days * 24 >= rule.cooldown_hours


def raised(
    rule: Rule, known: History, days: Sequence[date], shares: Collection[FieldGroup]
) -> list[tuple[date, Firing]]:
    """Say which alerts a rule would have raised on some days in a row, oldest first.

    What goes on is one alert. The steps are those by which alerts are really raised. Version 1.
    """
    found: list[tuple[date, Firing]] = []
    last_shown: dict[SignalName, date] = {}
    live: frozenset[SignalName] = frozenset()
    for day in days:
        shows = {each.signal.name: each for each in firing(rule, known, day, shares)}
        fresh = [n for n in shows if n not in live and may_raise(rule, last_shown.get(n), day)]
        live = frozenset(name for name in shows if name in live or name in fresh)
        last_shown |= dict.fromkeys(live, day)
        found += [(day, shows[name]) for name in fresh]
    return found


def expected_a_week(rule: Rule, clients: int) -> float:
    """Expect so many alerts a week by chance alone among so many clients.

    Single days: clients x metrics x 7 x the chance of two of three days beyond k in the bad
    direction (`chance.weekly_alerts`). The HRV week: once a week, the chance that the mean of seven
    days lies half an SD below. Independent normal data; real days hang together. Version 1.
    """
    single = len(rule.signals & SINGLE.keys())
    days = chance.weekly_alerts(clients, single, rule.sds, persistent=rule.persistent)
    watches_week = SignalName.HRV_WEEK in rule.signals
    return days + (clients * chance.week_below() if watches_week else 0.0)


def is_urgent(signs: Iterable[str]) -> bool:
    """Tell whether two different things show at once; two signals of one thing are one."""
    topics = {TOPIC_OF_SIGNAL[SignalName(sign)] for sign in signs if sign in set(WATCHABLE)}
    return len(topics) >= URGENT_FROM_TOPICS


def _is_wanted(name: SignalName, rule: Rule, shares: Collection[FieldGroup]) -> bool:
    return name in rule.signals and GROUP_OF_SIGNAL[name] in shares


def _run(day: date, days: int) -> tuple[date, ...]:
    return tuple(day - A_DAY * back for back in range(max(days, 1)))


def _single(rule: Rule, known: History, day: date, name: SignalName) -> Firing | None:
    """Find the last three days, or the day alone, far enough out often enough."""
    asked, needed = (PERSISTS_OF, PERSISTS_FROM) if rule.persistent else (1, 1)
    far = {each: _far(rule, known, each, name) for each in _run(day, asked)}
    bad = {each: it for each, it in far.items() if it is not None}
    if len(bad) < needed:
        return None
    newest = next(iter(bad.values()))
    numbers = (newest.value, newest.usual, None, None, len(bad), newest.n, asked)
    dates = tuple(bad)
    return Firing(Signal(name, SINGLE[name], *numbers, Confidence.OK, dates), dates)


def _far(rule: Rule, known: History, day: date, name: SignalName) -> FarDay | None:
    facts = known.days.get(day)
    far = facts.far.get(name) if facts and day not in known.tagged else None
    return far if far and far.z >= rule.sds and far.n >= FIRM_FROM else None
