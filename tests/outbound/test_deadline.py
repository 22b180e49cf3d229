"""However slowly an answer comes, a worker is busy no longer than the deadline."""

import threading
from collections.abc import Iterator
from time import monotonic

import pytest

from coach.outbound import Outbound, TooSlow, door
from tests.outbound.server import dripping, serving

SECONDS, WITHOUT_IT = 0.4, door.DEADLINE_SECONDS


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"", b""),
    ],
    ids=["body", "header", "status line", "chunks", "informational", "silence"],
)
def test_a_drip_ends_at_the_deadline(head: bytes, drop: bytes, stop: threading.Event) -> None:
    with serving(dripping(head, drop, stop)) as server:
        started = monotonic()
        with pytest.raises(TooSlow) as failure:
            Outbound([server.url]).request("GET", server.url, deadline_seconds=SECONDS)
        assert monotonic() - started < WITHOUT_IT / 2
        assert failure.value.sent is True
        stop.set()


def test_a_deadline_already_over_sends_nothing(stop: threading.Event) -> None:
    with serving(dripping(b"", b"", stop)) as server:
        with pytest.raises(TooSlow) as failure:
            Outbound([server.url]).request("GET", server.url, deadline_seconds=0)
        assert failure.value.sent is False
        assert server.heard == []
