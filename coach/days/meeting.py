"""Which of two sources' cycles, sleeps or workouts are one and the same (pure).

By the second they began at, since the export cuts what is finer; else, because a member may have
edited the times meanwhile, when they share more than half of the longer of the two. What one source
tells does not overlap itself, so by that measure nothing can meet two others.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

# An end that neither knows; and no partner begins further off than twice the longest cycle known.
_OPEN = timedelta(days=1)
_FURTHEST = timedelta(days=5)


class Span(Protocol):
    """Something with a name that lasted; no end while it is open or unknown."""

    @property
    def key(self) -> str: ...

    @property
    def started_at(self) -> datetime: ...

    @property
    def ended_at(self) -> datetime | None: ...


AnySpan = TypeVar("AnySpan", bound=Span)


def meet(finer: Iterable[AnySpan], coarser: Iterable[AnySpan]) -> list[tuple[AnySpan, ...]]:
    """Put together what is the same: pairs, the finer first, and those that stay alone."""
    left, right = sorted(finer, key=_by_start), sorted(coarser, key=_by_start)
    partners = _by_second(left, right)
    alone = [one for one in left if one.key not in partners]
    starts = [one.started_at for one in alone]
    met = {other.key for other in partners.values()}
    for other in right:
        if other.key not in met and (one := _overlapping(other, alone, starts)):
            partners.setdefault(one.key, other)
    met = {other.key for other in partners.values()}
    groups = [(one, partners[one.key]) if one.key in partners else (one,) for one in left]
    return [*groups, *((other,) for other in right if other.key not in met)]


def _by_second(left: Sequence[AnySpan], right: Sequence[AnySpan]) -> dict[str, AnySpan]:
    seconds = {other.started_at.replace(microsecond=0): other for other in reversed(right)}
    partners: dict[str, AnySpan] = {}
    for one in left:
        if other := seconds.pop(one.started_at.replace(microsecond=0), None):
            partners[one.key] = other
    return partners


def _overlapping(
    other: AnySpan, alone: Sequence[AnySpan], starts: Sequence[datetime]
) -> AnySpan | None:
    first = bisect_left(starts, other.started_at - _FURTHEST)
    last = bisect_right(starts, other.started_at + _FURTHEST)
    return next((one for one in alone[first:last] if _is_most(one, other)), None)


def _is_most(one: Span, other: Span) -> bool:
    end = one.ended_at or other.ended_at or one.started_at + _OPEN
    its_end = other.ended_at or one.ended_at or other.started_at + _OPEN
    shared = min(end, its_end) - max(one.started_at, other.started_at)
    longer = max(end - one.started_at, its_end - other.started_at)
    return shared > longer / 2


def _by_start(one: Span) -> tuple[datetime, str]:
    return one.started_at, one.key
