"""The third shell: one method per question, and the walk over a list.

Doc pages are named by their path on developer.whoop.com.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from coach.whoop.client.authorised import Authorised
from coach.whoop.errors import OurFault, UnexpectedPayload
from coach.whoop.payloads import (
    RawPage,
    RawRecord,
    Unreadable,
    UserProfile,
    parse_page,
    parse_record,
)

PAGE_SIZE = 25
MAX_PAGES = 200


class PageOf(Protocol):
    """One of the client's list methods."""

    def __call__(
        self, *, start: datetime | None, end: datetime | None, next_token: str | None
    ) -> RawPage: ...


class WhoopClient:
    """One method per thing we ask for; what is not there is None."""

    def __init__(self, authorised: Authorised) -> None:
        self._authorised = authorised

    def profile(self) -> UserProfile:
        """Who this is; see /docs/developing/user-data/user."""
        raw = self._item("/v2/user/profile/basic", "read:profile")
        profile, _ = UserProfile.parse(raw or {})
        if profile is None:
            raise UnexpectedPayload("a profile without user_id")
        return profile

    def body_measurement(self) -> RawRecord | None:
        """Height and weight as of now; see /docs/developing/user-data/user."""
        return self._item("/v2/user/measurement/body", "read:body_measurement")

    def cycles(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        next_token: str | None = None,
    ) -> RawPage:
        """One page, newest first; see /docs/developing/user-data/cycle."""
        return self._page("/v2/cycle", "read:cycles", _span(start, end, next_token))

    def cycle(self, cycle_id: int) -> RawRecord | None:
        """See /docs/developing/user-data/cycle."""
        return self._item(f"/v2/cycle/{cycle_id:d}", "read:cycles")

    def cycle_sleep(self, cycle_id: int) -> RawRecord | None:
        """Find the main sleep of a cycle; see /docs/developing/user-data/cycle."""
        return self._item(f"/v2/cycle/{cycle_id:d}/sleep", "read:sleep")

    def cycle_recovery(self, cycle_id: int) -> RawRecord | None:
        """Find a recovery of a cycle, maybe a nap's; see /docs/developing/user-data/recovery."""
        return self._item(f"/v2/cycle/{cycle_id:d}/recovery", "read:recovery")

    def sleeps(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        next_token: str | None = None,
    ) -> RawPage:
        """One page of nights and naps, newest first; see /docs/developing/user-data/sleep."""
        return self._page("/v2/activity/sleep", "read:sleep", _span(start, end, next_token))

    def sleep(self, sleep_id: UUID) -> RawRecord | None:
        """See /docs/developing/user-data/sleep."""
        return self._item(f"/v2/activity/sleep/{sleep_id}", "read:sleep")

    def recoveries(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        next_token: str | None = None,
    ) -> RawPage:
        """One page, newest sleep first; see /docs/developing/user-data/recovery."""
        return self._page("/v2/recovery", "read:recovery", _span(start, end, next_token))

    def workouts(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        next_token: str | None = None,
    ) -> RawPage:
        """One page, newest first; see /docs/developing/user-data/workout."""
        return self._page("/v2/activity/workout", "read:workout", _span(start, end, next_token))

    def workout(self, workout_id: UUID) -> RawRecord | None:
        """See /docs/developing/user-data/workout."""
        return self._item(f"/v2/activity/workout/{workout_id}", "read:workout")

    def revoke_access(self) -> None:
        """Give the grant back; see /docs/developing/oauth."""
        if self._authorised.send("DELETE", "/v2/user/access", scope=None).status == 404:
            raise OurFault("404 for the address that revokes")

    def _item(self, path: str, scope: str) -> RawRecord | None:
        answer = self._authorised.send("GET", path, scope=scope)
        if answer.status == 404:
            return None
        try:
            return parse_record(answer.body)
        except Unreadable as error:
            raise UnexpectedPayload(f"{error} from {path}") from error

    def _page(self, path: str, scope: str, params: Mapping[str, str]) -> RawPage:
        answer = self._authorised.send("GET", path, scope=scope, params=params)
        if answer.status == 404:  # swallowing this would look like "synced, no data"
            raise OurFault(f"404 for the list {path}")
        try:
            return parse_page(answer.body)
        except Unreadable as error:
            raise UnexpectedPayload(f"{error} from {path}") from error


def pages(
    fetch: PageOf,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    next_token: str | None = None,
) -> Iterator[RawPage]:
    """Walk a list from `next_token` on, page by page, until its end or until it runs in a circle."""
    seen = {next_token}
    for _ in range(MAX_PAGES):
        page = fetch(start=start, end=end, next_token=next_token)
        yield page
        next_token = page.next_token
        if next_token is None:
            return
        if next_token in seen:
            raise UnexpectedPayload("the list runs in a circle")
        seen.add(next_token)
    raise UnexpectedPayload(f"the list has no end after {MAX_PAGES} pages")


def _span(start: datetime | None, end: datetime | None, next_token: str | None) -> dict[str, str]:
    asked = {"start": start and _utc(start), "end": end and _utc(end), "nextToken": next_token}
    return {"limit": str(PAGE_SIZE)} | {name: text for name, text in asked.items() if text}


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
