"""Sliding windows of calls (pure).

WHOOP does not say whether its windows slide. Whoever stays under the limit in every sliding window
stays under it in fixed ones too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

# Calls by the number of a bucket since 1970.
Used: TypeAlias = dict[str, int]


@dataclass(frozen=True, slots=True)
class Window:
    """A sliding window, counted in buckets of `width` seconds."""

    width: int
    buckets: int

    @classmethod
    def of(cls, seconds: int, *, width: int) -> "Window":
        """One bucket more for the one that has begun, and one for calls that arrive a bit later."""
        return cls(width, seconds // width + 2)

    def sliding(self, used: Mapping[str, int], now: float) -> Used:
        """Forget what has left the window."""
        oldest = now // self.width - self.buckets
        return {bucket: count for bucket, count in used.items() if int(bucket) > oldest}

    def counting(self, used: Mapping[str, int], now: float) -> Used:
        """Count one call."""
        bucket = str(int(now // self.width))
        return {**used, bucket: used.get(bucket, 0) + 1}

    def giving_back(self, used: Mapping[str, int], at: float, calls: int) -> Used:
        """Uncount calls that were counted at a moment and not made."""
        bucket = str(int(at // self.width))
        left = used.get(bucket, 0) - calls
        others = {each: count for each, count in used.items() if each != bucket}
        return {**others, bucket: left} if left > 0 else others

    def wait(self, used: Mapping[str, int], allowed: int, now: float) -> float:
        """Say in how many seconds there is room for one call."""
        excess, free_at = sum(used.values()) - allowed + 1, now
        for bucket in sorted(used, key=int):
            if excess <= 0:
                break
            excess -= used[bucket]
            free_at = (int(bucket) + self.buckets) * self.width
        return free_at - now


# Leave to make several calls is good for so long; what is not made by then is given back.
LEAVE_SECONDS = 1
MINUTE = Window.of(60 + LEAVE_SECONDS, width=1)
DAY = Window.of(86_400, width=60)
# The last day by the hour: coarse, for there is one of each organisation that shares an app.
DAY_BY_HOUR = Window.of(86_400, width=3600)
