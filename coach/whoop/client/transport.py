"""The first shell: one call at the agreed pace, its bad answers sorted by what to do."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from coach.outbound import NotAllowed, Outbound, OutboundError, Response, TooLarge
from coach.whoop.client.watching import watched
from coach.whoop.errors import OurFault, SlowDown, Unavailable, UnexpectedPayload

SHORTEST_WAIT, LONGEST_WAIT = 1.0, 3600.0
USUAL_WAIT = 60.0  # WHOOP's shortest window, for when it does not say

_SECONDS = re.compile(r"\s*([+-]?\d{1,15})")


@dataclass(frozen=True, slots=True)
class Limits:
    """What WHOOP last said of the window we are closest to filling."""

    remaining: int | None
    reset_seconds: int | None
    hold_seconds: float | None = None  # set by a refusal: nobody may call for so long


class Transport:
    """Makes one call at the agreed pace and sorts bad answers by what to do; knows no people."""

    def __init__(
        self,
        outbound: Outbound,
        base_url: str,
        before_call: Callable[[], None] = lambda: None,
        after_call: Callable[[Limits], None] = lambda _limits: None,
    ) -> None:
        self._outbound = outbound
        self._base_url = base_url.rstrip("/")
        self._before_call = before_call
        self._after_call = after_call
        self.calls = 0
        self.limits = Limits(None, None)

    def send(
        self, method: str, path: str, *, token: str, params: Mapping[str, str] | None = None
    ) -> Response:
        """Return a 2xx, 401 or 404 answer."""
        self._before_call()
        self.calls += 1
        headers = {"Authorization": f"Bearer {token}"}
        try:
            with watched(path) as call:
                answer = self._outbound.request(
                    method, self._base_url + path, headers=headers, params=params
                )
                call.status = str(answer.status)
        except NotAllowed as error:
            raise OurFault(str(error)) from error
        except TooLarge as error:
            raise UnexpectedPayload(str(error)) from error
        except OutboundError as error:
            raise Unavailable(str(error)) from error
        self.limits = _limits(answer)
        self._after_call(self.limits)
        return _usable(answer, path)


def _usable(answer: Response, path: str) -> Response:
    status = answer.status
    if 200 <= status < 300 or status in {401, 404}:
        return answer
    if status == 429:
        raise SlowDown(_wait(answer.headers))
    # The API knows no 403: one would come from the edge before it, as 408 and 425 do.
    if status >= 500 or status in {403, 408, 425}:
        raise Unavailable(f"{status} from {path}")
    if status < 400:  # also redirects: our token goes nowhere else
        raise UnexpectedPayload(f"{status} from {path}")
    raise OurFault(f"{status} from {path}")


def _limits(answer: Response) -> Limits:
    headers = answer.headers
    return Limits(
        _number(headers.get("X-RateLimit-Remaining")),
        _number(headers.get("X-RateLimit-Reset")),
        _wait(headers) if answer.status == 429 else None,
    )


def _wait(headers: Mapping[str, str]) -> float:
    said = _number(headers.get("X-RateLimit-Reset"))
    if said is None:
        said = _number(headers.get("Retry-After"))
    seconds = _until(headers.get("Retry-After", "")) if said is None else float(said)
    return min(max(seconds, SHORTEST_WAIT), LONGEST_WAIT)


def _number(text: str | None) -> int | None:
    found = _SECONDS.match(text or "")
    return int(found[1]) if found else None


def _until(http_date: str) -> float:
    try:
        moment = parsedate_to_datetime(http_date)
    except (ValueError, OverflowError):
        return USUAL_WAIT
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
