"""The client at the wire when WHOOP is slow, down, full or incomprehensible."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from time import monotonic

import httpx
import pytest
import respx

from coach.outbound import Outbound, Response
from coach.outbound.door import DEADLINE_SECONDS
from coach.whoop.client import Authorised, Transport, WhoopClient
from coach.whoop.errors import (
    OurFault,
    SlowDown,
    Unavailable,
    UnexpectedPayload,
    WhoopError,
)
from tests.outbound.server import dripping, serving
from tests.whoop.asking import BASE, Tokens, whoop


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"X-RateLimit-Reset": "17"}, 17),
        ({"X-RateLimit-Reset": "17", "Retry-After": "99"}, 17),
        ({"X-RateLimit-Reset": "soon", "Retry-After": "99"}, 99),
        ({"Retry-After": "5"}, 5),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "-30"}, 1),
        ({"Retry-After": str(10**9)}, 3600),
        ({"Retry-After": "9" * 400}, 3600),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 1),
        ({"Retry-After": "Wed, 21 Oct 2115 07:28:00 -0000"}, 3600),
        ({"Retry-After": "Wed, 21 Oct 99999999999999999999 07:28:00 GMT"}, 60),
        ({"Retry-After": "later"}, 60),
        ({}, 60),
    ],
)
def test_over_the_limit_we_wait_as_told_within_reason(
    headers: dict[str, str], wait: float, respx_mock: respx.MockRouter
) -> None:
    route = respx_mock.get(f"{BASE}/v2/cycle").respond(429, headers=headers)
    with pytest.raises(SlowDown) as refusal:
        whoop().cycles()
    assert refusal.value.wait == wait
    assert route.call_count == 1


def test_a_date_to_retry_after_becomes_seconds(respx_mock: respx.MockRouter) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    respx_mock.get(f"{BASE}/v2/cycle").respond(429, headers={"Retry-After": moment})
    with pytest.raises(SlowDown) as refusal:
        whoop().cycles()
    assert 80 < refusal.value.wait <= 90


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (500, Unavailable),
        (502, Unavailable),
        (503, Unavailable),
        (403, Unavailable),
        (408, Unavailable),
        (301, UnexpectedPayload),
        (304, UnexpectedPayload),
        (400, OurFault),
        (410, OurFault),
    ],
)
def test_a_status_is_sorted_by_what_to_do(
    status: int, error: type[WhoopError], respx_mock: respx.MockRouter
) -> None:
    route = respx_mock.get(f"{BASE}/v2/cycle").respond(status)
    with pytest.raises(error):
        whoop().cycles()
    assert route.call_count == 1


@pytest.mark.parametrize("error", [httpx.ConnectError("no name"), httpx.ReadTimeout("silence")])
def test_whoop_out_of_reach_is_unavailable(
    error: httpx.TransportError, respx_mock: respx.MockRouter
) -> None:
    respx_mock.get(f"{BASE}/v2/cycle").mock(side_effect=error)
    with pytest.raises(Unavailable):
        whoop().cycles()


def test_an_endless_answer_is_not_what_we_expect(respx_mock: respx.MockRouter) -> None:
    respx_mock.get(f"{BASE}/v2/cycle").respond(200, content=bytes(6 * 1024 * 1024))
    with pytest.raises(UnexpectedPayload):
        whoop().cycles()


def test_an_address_off_the_list_is_our_fault() -> None:
    with pytest.raises(OurFault):
        whoop(outbound=Outbound(["https://elsewhere.test"])).cycles()


def test_our_token_never_follows_a_redirect(respx_mock: respx.MockRouter) -> None:
    elsewhere = "https://elsewhere.test/v2/cycle"
    other = respx_mock.get(elsewhere).respond(json={"records": []})
    respx_mock.get(f"{BASE}/v2/cycle").respond(302, headers={"Location": elsewhere})
    respx_mock.get(f"{BASE}/v2/recovery").respond(307, headers={"Location": elsewhere})
    for ask in (whoop().cycles, whoop().recoveries):
        with pytest.raises(UnexpectedPayload):
            ask()
    assert not other.called


@pytest.mark.parametrize("body", ["<html>Down for a while</html>", '{"records": [{"id', "", "[]"])
def test_what_is_no_page_moves_no_cursor(body: str, respx_mock: respx.MockRouter) -> None:
    respx_mock.get(f"{BASE}/v2/cycle").respond(200, text=body)
    respx_mock.get(f"{BASE}/v2/cycle/7").respond(200, text=body)
    with pytest.raises(UnexpectedPayload):
        whoop().cycles()
    with pytest.raises(UnexpectedPayload):
        whoop().cycle(7)


class Impatient(Outbound):
    """The same door with a deadline a test can wait for."""

    def request(self, method: str, url: str, **parts: object) -> Response:
        headers = {"Authorization": "Bearer first"}
        assert parts["headers"] == headers
        return super().request(method, url, headers=headers, deadline_seconds=0.3)


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_a_page_that_drips_holds_a_worker_no_longer_than_the_deadline(
    stop: threading.Event,
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"
    with serving(dripping(head, b" ", stop)) as server:
        transport = Transport(Impatient([server.url]), server.url)
        started = monotonic()
        with pytest.raises(Unavailable):
            WhoopClient(Authorised(transport, Tokens())).cycles()
        assert monotonic() - started < DEADLINE_SECONDS / 2
        stop.set()
