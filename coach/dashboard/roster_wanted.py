"""What of the roster is asked for: every state of the page has its address."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Self
from uuid import UUID

LONGEST_SEARCH = 100
MOST_PAGES = 1000


class Sort(StrEnum):
    """What the roster can be ordered by; by need first comes who needs it most."""

    NEED = "need"
    NAME = "name"
    RECOVERY = "recovery"
    HRV = "hrv"
    RESTING = "rhr"
    SLEEP = "sleep"
    STRAIN = "strain"


class Bucket(StrEnum):
    """Whom to list; somebody may be in several."""

    ATTENTION = "attention"
    LOW_RECOVERY = "low_recovery"
    NO_DATA = "no_data"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An address of the roster, read."""

    search: str = ""
    bucket: Bucket = Bucket.ALL
    sort: Sort = Sort.NEED
    descending: bool = False
    day: date | None = None
    compact: bool = False
    page: int = 1
    group: UUID | None = None
    coach: UUID | None = None  # by membership

    @classmethod
    def read(cls, args: Mapping[str, str]) -> Self:
        """Read an address; what it says wrongly is as if it said nothing."""
        asked = args.get("sort", "")
        known = asked.removeprefix("-") in set(Sort)
        bucket = args.get("state", "")
        return cls(
            # PostgreSQL holds no NUL.
            search=args.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH],
            bucket=Bucket(bucket) if bucket in set(Bucket) else Bucket.ALL,
            sort=Sort(asked.removeprefix("-")) if known else Sort.NEED,
            descending=known and asked.startswith("-"),
            day=_date(args.get("date", "")),
            compact=args.get("density") == "compact",
            page=_page(args.get("page", "")),
            group=_id(args.get("group", "")),
            coach=_id(args.get("coach", "")),
        )

    @property
    def order(self) -> str:
        """Write the order as an address does."""
        return ("-" if self.descending else "") + self.sort

    @property
    def args(self) -> dict[str, str]:
        """Write the address; what is as usual is left out."""
        said = {
            "q": self.search,
            "group": str(self.group or ""),
            "coach": str(self.coach or ""),
            "state": "" if self.bucket is Bucket.ALL else self.bucket.value,
            "sort": "" if self.order == Sort.NEED else self.order,
            "date": self.day.isoformat() if self.day else "",
            "density": "compact" if self.compact else "",
            "page": str(self.page) if self.page > 1 else "",
        }
        return {name: value for name, value in said.items() if value}

    def of(self, bucket: Bucket) -> Self:
        """Ask for others."""
        return replace(self, bucket=bucket, page=1)

    def by(self, sort: Sort) -> Self:
        """Ask for another order; asked again, for the order turned round."""
        turned = self.sort is sort and not self.descending
        return replace(self, sort=sort, descending=turned, page=1)

    def but(self, **changes: object) -> Self:
        """Ask for something else, and for the rest as before."""
        return replace(self, **changes)  # type: ignore[arg-type]  # templates name the fields


def _date(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def _id(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None


def _page(typed: str) -> int:
    short = typed.isascii() and typed.isdecimal() and len(typed) < 5
    return min(max(int(typed), 1), MOST_PAGES) if short else 1
