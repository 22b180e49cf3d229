"""Pages of a collection: what overlaps the asked span, newest first, 25 at most."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

USUAL, MOST = 10, 25


class BadQuery(Exception):
    """The limit, a date or the token cannot be understood."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record and when the thing it tells of happened."""

    start: datetime
    end: datetime | None
    record: object


@dataclass(frozen=True, slots=True)
class Query:
    limit: int
    start: datetime | None
    end: datetime
    before: datetime | None  # what the opaque token says: records that began before this

    @property
    def until(self) -> datetime:
        """Return the moment that no wanted record begins after."""
        return min(self.end, self.before) if self.before else self.end

    def wants(self, entry: Entry) -> bool:
        """Say whether the entry lies in the span; `start` belongs to it, `end` does not."""
        begun = entry.start < self.end and (self.before is None or entry.start < self.before)
        lasted = self.start is None or entry.end is None or entry.end >= self.start
        return begun and lasted


@dataclass(frozen=True, slots=True)
class Page:
    records: list[object]
    next_token: str | None


def query(args: Mapping[str, str], *, now: datetime) -> Query:
    token = args.get("nextToken")
    return Query(
        limit=_limit(args.get("limit", str(USUAL))),
        start=_moment(args["start"]) if args.get("start") else None,
        end=_moment(args["end"]) if args.get("end") else now,
        before=_opened(token) if token else None,
    )


def page(entries: Iterable[Entry], asked: Query) -> Page:
    """Fill a page from entries that come newest first; no more of them are asked for than needed."""
    found = list(islice(filter(asked.wants, entries), asked.limit + 1))
    shown = found[: asked.limit]
    more = len(found) > len(shown)
    return Page([entry.record for entry in shown], _sealed(shown[-1].start) if more else None)


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST):
        raise BadQuery(f"limit must be a whole number from 1 to {MOST}")
    return int(text)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadQuery(f"not a date-time: {text}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _sealed(moment: datetime) -> str:
    return urlsafe_b64encode(moment.isoformat().encode()).rstrip(b"=").decode()


def _opened(token: str) -> datetime:
    try:
        text = urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except (BadBase64, UnicodeError, ValueError) as error:
        raise BadQuery("unknown nextToken") from error
    return _moment(text)
