"""A total deadline under HTTP: each socket operation may only use the time that is left.

httpx limits the wait for each piece, so a server that drips a byte a second (in the headers as
well as in the body) could hold a worker for hours.
"""

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from math import inf
from time import monotonic

import httpcore
import httpx

_ends_at: ContextVar[float] = ContextVar("outbound_deadline", default=inf)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Let the HTTP call made inside take this long in all."""
    token = _ends_at.set(monotonic() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(token)


def passed() -> bool:
    """Tell whether the deadline we are under has passed."""
    return monotonic() >= _ends_at.get()


@cache
def certificates() -> ssl.SSLContext:
    """Read whom we trust; a process that forks reads them first, once for all its children.

    The environment may bring no other authorities.
    """
    return httpx.create_ssl_context(verify=True, trust_env=False)


class DeadlineTransport(httpx.HTTPTransport):
    """An HTTP transport whose sockets obey the deadline; certificates are always checked."""

    def __init__(self) -> None:
        super().__init__(verify=certificates(), trust_env=False)  # nor a proxy
        # httpx offers no argument for the network backend of its pool.
        self._pool = httpcore.ConnectionPool(
            ssl_context=certificates(),
            max_keepalive_connections=20,
            keepalive_expiry=5.0,
            network_backend=_Backend(),
        )


class _Backend(httpcore.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(super().connect_tcp(host, port, left, local_address, socket_options))


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


def _left(timeout: float | None, late: type[httpcore.TimeoutException]) -> float:
    left = _ends_at.get() - monotonic()
    if left <= 0:
        raise late("the deadline has passed")
    return left if timeout is None else min(timeout, left)
