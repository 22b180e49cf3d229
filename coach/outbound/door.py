"""Outbound: makes one HTTP call to an address we know, within limits, and sorts what goes wrong."""

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from coach.outbound import deadline
from coach.outbound.body import Broken, TooMuch, read_body
from coach.outbound.errors import NotAllowed, OutboundError, TooLarge, TooSlow, Unreachable

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
DEADLINE_SECONDS = 30.0
USER_AGENT = "Coach/0.1"

_DEFAULT_PORTS = {"http": 80, "https": 443}
# Anything else may have left this machine, even if the answer got lost.
_BEFORE_SENDING = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.LocalProtocolError,
    httpx.UnsupportedProtocol,
)
# What a simulation put in place of the network.
_instead: ContextVar[httpx.Client | None] = ContextVar("outbound_instead", default=None)


@dataclass(frozen=True, slots=True)
class Response:
    """A complete answer of any status; `headers` are looked up in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Outbound:
    """The door: calls only `allowed` origins (scheme, host and port) and follows no redirect."""

    def __init__(self, allowed: Collection[str], *, user_agent: str = USER_AGENT) -> None:
        self._allowed = frozenset(_origin(httpx.URL(url)) for url in allowed)
        self._user_agent = user_agent

    def request(  # noqa: PLR0913 - these are the parts of an HTTP request
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        content: bytes | None = None,
        deadline_seconds: float = DEADLINE_SECONDS,
        read_seconds: float = READ_SECONDS,
    ) -> Response:
        """Make the call and read the whole answer; raises only `OutboundError`s."""
        request = _client().build_request(
            method,
            self._checked(url),
            headers={**(headers or {}), "User-Agent": self._user_agent},
            params=params or None,  # an empty mapping would cut the query off the address
            data=data,
            content=content,
            timeout=httpx.Timeout(read_seconds, connect=CONNECT_SECONDS),
        )
        with deadline.deadline(deadline_seconds):
            return _send(request)

    def _checked(self, text: str) -> httpx.URL:
        try:
            url = httpx.URL(text)
        except httpx.InvalidURL as error:
            raise NotAllowed("not an address", sent=False) from error
        if url.userinfo or _origin(url) not in self._allowed:
            raise NotAllowed(f"{url.scheme}://{url.host} is not one we call", sent=False)
        return url


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or _DEFAULT_PORTS.get(url.scheme)


@contextmanager
def answered_by(transport: httpx.BaseTransport) -> Iterator[None]:
    """Let a simulation in this process answer the calls of the block; the allow-list stays."""
    with _through(transport) as client:
        before = _instead.set(client)
        try:
            yield
        finally:
            _instead.reset(before)


def _client() -> httpx.Client:
    return _instead.get() or _client_of(os.getpid())


@cache
def _client_of(_pid: int) -> httpx.Client:
    """Make the client of this process; a fork must not share its parent's sockets."""
    return _through(deadline.DeadlineTransport())


def _through(transport: httpx.BaseTransport) -> httpx.Client:
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return httpx.Client(
        transport=transport,
        timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        headers={"Accept": "application/json", "Accept-Encoding": "gzip"},
        cookies=no_cookies,
        follow_redirects=False,
        trust_env=False,
    )


def _send(request: httpx.Request) -> Response:
    try:
        answer = _client().send(request, stream=True)
        try:
            gzipped = answer.headers.get("Content-Encoding", "").strip().lower() == "gzip"
            body = read_body(answer.iter_raw(), gzipped=gzipped)
        finally:
            answer.close()
    except TooMuch as error:
        raise TooLarge(str(error), sent=True) from error
    except (Broken, httpx.InvalidURL) as error:  # the latter: a Location that is no address
        raise Unreachable(str(error), sent=True) from error
    except httpx.TransportError as error:
        raise _sorted_out(error) from error
    return Response(answer.status_code, answer.headers, body)


def _sorted_out(error: httpx.TransportError) -> OutboundError:
    sent = not isinstance(error, _BEFORE_SENDING)
    if deadline.passed():
        return TooSlow("the deadline has passed", sent=sent)
    return Unreachable(f"{type(error).__name__}: {error}", sent=sent)
