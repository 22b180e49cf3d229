"""What the door lets out and what it takes in."""

import gzip
import os
import tracemalloc
from wsgiref.types import StartResponse, WSGIEnvironment

import httpx
import pytest
import respx

from coach.outbound import NotAllowed, Outbound, TooLarge, Unreachable, answered_by
from coach.outbound.body import MAX_BYTES
from tests.outbound.server import plainly, serving

HOME = "https://api.whoop.test"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


def zipped(body: bytes, length: int | None = None) -> bytes:
    packed = gzip.compress(body, mtime=0)[:length]
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    return head.encode() + packed


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.test/",
        "http://api.whoop.test/",
        "https://api.whoop.test:8443/",
        "https://api.whoop.test.elsewhere.test/",
        "https://api.whoop.test@elsewhere.test/",
        "https://user:secret@api.whoop.test/",
        "https://[::1]/",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "//api.whoop.test/",
        "",
        "https://api.whoop.test:port/",
    ],
)
def test_only_addresses_on_the_list_are_called(url: str, respx_mock: respx.MockRouter) -> None:
    with pytest.raises(NotAllowed) as refusal:
        Outbound([HOME]).request("GET", url)
    assert refusal.value.sent is False
    assert not respx_mock.calls


@pytest.mark.parametrize("url", [f"{HOME}/v2", f"{HOME}:443/v2", "HTTPS://API.whoop.test/v2"])
def test_an_origin_may_be_written_in_several_ways(url: str, respx_mock: respx.MockRouter) -> None:
    respx_mock.get(f"{HOME}/v2").respond(204)
    assert Outbound([f"{HOME}/ignored/path"]).request("GET", url).status == 204


def test_a_form_is_sent_with_our_own_user_agent(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(f"{HOME}/token").respond(200, text="ok")
    Outbound([HOME], user_agent="Ours/1").request("POST", f"{HOME}/token", data={"a": "b c"})
    sent = route.calls.last.request
    assert sent.content == b"a=b+c"
    assert sent.headers["User-Agent"] == "Ours/1"
    assert sent.headers["Accept-Encoding"] == "gzip"


def test_parameters_join_the_address(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(f"{HOME}/v2").respond(200)
    Outbound([HOME]).request("GET", f"{HOME}/v2?kept=1")
    Outbound([HOME]).request("GET", f"{HOME}/v2", params={"limit": "25"})
    assert [call.request.url.query for call in route.calls] == [b"kept=1", b"limit=25"]


def test_a_redirect_is_an_answer_like_any_other(respx_mock: respx.MockRouter) -> None:
    other = respx_mock.get("https://elsewhere.test/").respond(200)
    respx_mock.get(HOME).respond(302, headers={"Location": "https://elsewhere.test/"})
    answer = Outbound([HOME, "https://elsewhere.test"]).request("GET", HOME)
    assert (answer.status, answer.headers["location"]) == (302, "https://elsewhere.test/")
    assert not other.called


def test_a_senseless_redirect_is_a_broken_answer(respx_mock: respx.MockRouter) -> None:
    respx_mock.get(HOME).respond(302, headers={"Location": "javascript:alert(1)"})
    with pytest.raises(Unreachable) as failure:
        Outbound([HOME]).request("GET", HOME)
    assert failure.value.sent is True


def test_no_cookie_is_carried_from_one_person_to_the_next(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(HOME).respond(200, headers={"Set-Cookie": "who=ann; Path=/"})
    for _ in range(2):
        Outbound([HOME]).request("GET", HOME)
    assert "Cookie" not in route.calls.last.request.headers


@pytest.mark.parametrize(
    ("error", "sent"),
    [
        (httpx.ConnectError("no such name"), False),
        (httpx.ConnectTimeout("nobody there"), False),
        (httpx.PoolTimeout("all lines busy"), False),
        (httpx.ReadTimeout("silence"), True),
        (httpx.ReadError("reset"), True),
        (httpx.WriteError("reset"), True),
        (httpx.RemoteProtocolError("gone without a word"), True),
    ],
)
def test_a_failure_tells_whether_the_call_may_have_arrived(
    error: httpx.TransportError, sent: object, respx_mock: respx.MockRouter
) -> None:
    respx_mock.get(HOME).mock(side_effect=error)
    with pytest.raises(Unreachable) as failure:
        Outbound([HOME]).request("GET", HOME)
    assert failure.value.sent is sent


def test_a_closed_port_is_unreachable_and_nothing_was_sent() -> None:
    with serving(plainly(b"")) as server:
        closed = server.url
    with pytest.raises(Unreachable) as failure:
        Outbound([closed]).request("GET", closed)
    assert failure.value.sent is False


def test_a_caller_hung_up_on_may_have_been_heard() -> None:
    with serving(plainly(b"")) as server, pytest.raises(Unreachable) as failure:
        Outbound([server.url]).request("GET", server.url)
    assert failure.value.sent is True


def test_a_compressed_answer_is_unpacked() -> None:
    with serving(plainly(zipped(b'{"records":[]}'))) as server:
        answer = Outbound([server.url]).request("GET", server.url)
    assert answer.body == b'{"records":[]}'


def test_a_gzip_bomb_is_refused_before_it_costs_memory() -> None:
    bomb = zipped(bytes(200 * 1024 * 1024))
    tracemalloc.start()
    with serving(plainly(bomb)) as server, pytest.raises(TooLarge):
        Outbound([server.url]).request("GET", server.url)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50 * 1024 * 1024


@pytest.mark.parametrize("size", [MAX_BYTES, MAX_BYTES + 1])
def test_an_answer_may_be_as_long_as_the_cap_and_no_longer(
    size: int, respx_mock: respx.MockRouter
) -> None:
    respx_mock.get(HOME).respond(200, content=bytes(size))
    if size <= MAX_BYTES:
        assert len(Outbound([HOME]).request("GET", HOME).body) == size
    else:
        with pytest.raises(TooLarge):
            Outbound([HOME]).request("GET", HOME)


@pytest.mark.parametrize("answer", [zipped(b"abc" * 99, 20), zipped(b"")[:60] + b"\xff" * 99])
def test_a_broken_compression_is_a_broken_answer(answer: bytes) -> None:
    with serving(plainly(answer)) as server, pytest.raises(Unreachable) as failure:
        Outbound([server.url]).request("GET", server.url)
    assert failure.value.sent is True


def test_a_forked_process_calls_over_its_own_connections() -> None:
    with serving(plainly(OK)) as server:
        outbound = Outbound([server.url])
        outbound.request("GET", server.url)
        child = os.fork()
        if child == 0:  # leave without pytest's clean-up
            os._exit(0 if outbound.request("GET", server.url).body == b"ok" else 1)
        _, status = os.waitpid(child, 0)
        assert status == 0
        assert outbound.request("GET", server.url).body == b"ok"
        assert len(server.heard) == 3


def test_a_simulation_answers_in_place_of_the_network_and_the_list_still_counts() -> None:
    asked: list[str] = []

    def simulation(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        asked.append(environ["PATH_INFO"])
        start_response("200 OK", [])
        return [b"made up"]

    door = Outbound(["https://api.example"])
    with answered_by(httpx.WSGITransport(app=simulation)):
        assert door.request("GET", "https://api.example/one").body == b"made up"
        with pytest.raises(NotAllowed):
            door.request("GET", "https://elsewhere.example/two")
    assert asked == ["/one"]
