"""Strain signals: three separate lines (body, sleep, how I feel), each with its contributions.

They are never added into one number, never a probability and never a diagnosis; where they
disagree, that is what is shown. "Not enough data" is an answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

VERSION = 1
RAISED_FROM_DAYS = 7
MINIMUM_DAYS = 14
MINIMUM_ANSWERS = 1


class LineName(StrEnum):
    """Which of the three lines."""

    BODY = "body"
    SLEEP = "sleep"
    FEELING = "feeling"


class LineState(StrEnum):
    """What a line says."""

    NOT_ENOUGH = "not_enough"
    QUIET = "quiet"
    RAISED = "raised"


@dataclass(frozen=True, slots=True)
class Contribution:
    """One signal of a line: for how many days in a row it was outside the own range."""

    signal: str
    days_outside: int
    window_days: int
    n: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line with what makes it up."""

    name: LineName
    state: LineState
    contributions: tuple[Contribution, ...]


def line(
    name: LineName, contributions: Sequence[Contribution], *, valid_days: int, answers: int
) -> Line:
    """Say whether a line is raised: a signal outside its own range for 7 days or more.

    Refused under 14 valid days, or without any answer of the client in the last 14 days. Source:
    our default, within what Meeusen 2013 (MSSE 45:186) allows: no single marker qualifies.
    Version 1.
    """
    if valid_days < MINIMUM_DAYS or answers < MINIMUM_ANSWERS:
        return Line(name, LineState.NOT_ENOUGH, tuple(contributions))
    raised = any(each.days_outside >= RAISED_FROM_DAYS for each in contributions)
    state = LineState.RAISED if raised else LineState.QUIET
    return Line(name, state, tuple(contributions))
