"""Requests that two servers could read differently: ours refuses them, and answers nothing behind.

Raw bytes go to the web server that `coach web` starts. Behind each message lies another request, as
an attacker would hide it: whoever gets an answer to that one has smuggled it.
"""

import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.packaging.tree import ROOT
from tests.processes.conftest import answers, base_url
from tests.processes.stage import Stage, free_port, wait_until

HIDDEN = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
LAST_ONE = b"Host: x\r\nConnection: close\r\n"
UNKNOWN = b"GET /nowhere HTTP/1.1\r\n" + LAST_ONE + b"\r\n"  # which leaves a line in the log
LAST = b"0123456789abcdef0123456789abcdef"
ASKED = "route="
PROXY = ROOT / "docs" / "deploy" / "nginx" / "coach-proxy.conf"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
LENGTH = b"Content-Length: 5\r\n"
EMPTY = b"0\r\n\r\n"
HEADERS = {
    "length and chunks": LENGTH + CHUNKED,
    "chunks and length": CHUNKED + LENGTH,
    "two lengths": LENGTH + b"Content-Length: 6\r\n",
    "the same length twice": LENGTH + LENGTH,
    "a list of lengths": b"Content-Length: 5, 5\r\n",
    "a length with a sign": b"Content-Length: +5\r\n",
    "a length below nothing": b"Content-Length: -5\r\n",
    "a length in another script": b"Content-Length: \xb2\r\n",
    "a length in hexadecimal": b"Content-Length: 0x5\r\n",
    "chunks twice": CHUNKED + CHUNKED,
    "chunks that are not the last": b"Transfer-Encoding: chunked, identity\r\n",
    "an unknown coding": b"Transfer-Encoding: xchunked\r\n",
    "a coding that ends nowhere": b"Transfer-Encoding: gzip\r\n",
    "a tab in the coding": b"Transfer-Encoding: \x0bchunked\r\n",
    "a space before the colon": b"Transfer-Encoding : chunked\r\n",
    "a folded coding": b"Transfer-Encoding:\r\n chunked\r\n",
    "a folded length": b"Content-Length: 5\r\n 6\r\n",
    "a fold at the start": b" X: 1\r\n",
    "a header without a name": b": 1\r\n",
    "a header without a colon": b"nonsense\r\n",
    "a line feed alone": b"X: 1\nContent-Length: 5\r\n",
    "a carriage return alone": b"X: 1\rContent-Length: 5\r\n",
    "a NUL": b"X: \x00\r\n",
    "two hosts": b"Host: y\r\n",
}
CHUNKS = {
    "a size in hexadecimal": b"0x0\r\n\r\n",
    "a size with a sign": b"+0\r\n\r\n",
    "a size that is none": b"z\r\n\r\n",
    "no size": b"\r\n\r\n",
    "a line feed for an end": b"0\n\n",
    "a chunk longer than said": b"1\r\nab\r\n0\r\n\r\n",
    "a return in an extension": b"0;a\rb\r\n\r\n",
    "a length in the trailer": b"0\r\nContent-Length: 5\r\n\r\n",
}
LINES = {
    "chunks in HTTP/1.0": b"POST /sign-in HTTP/1.0\r\nHost: x\r\n" + CHUNKED + b"\r\n" + EMPTY,
    "an unknown version": b"GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n",
    "no version": b"GET /healthz\r\n\r\n",
    "two spaces": b"GET  /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    "a tab for a space": b"GET\t/healthz\tHTTP/1.1\r\nHost: x\r\n\r\n",
}
MESSAGES = {
    **{
        name: b"POST /sign-in HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n" + EMPTY
        for name, header in HEADERS.items()
    },
    **{
        name: b"POST /sign-in HTTP/1.1\r\nHost: x\r\n" + CHUNKED + b"\r\n" + chunk
        for name, chunk in CHUNKS.items()
    },
    **LINES,
}
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
Figures = Callable[[str, object], None]


@pytest.fixture
def port(stage: Stage) -> int:
    """Let `coach web` listen; where it does."""
    stage.keep("web", "--workers", "1")
    wait_until(lambda: answers(f"{base_url(stage)}/readyz"), what="the web server")
    return int(base_url(stage).rpartition(":")[2])


def told(port: int, sent: bytes, *, hang_up: bool = True) -> list[int]:
    """Send bytes and hang up, or wait a moment; the status of each answer that came back."""
    came = b""
    with socket.create_connection(("127.0.0.1", port), timeout=60 if hang_up else 1) as line:
        line.sendall(sent)
        if hang_up:
            line.shutdown(socket.SHUT_WR)
        with suppress(TimeoutError, ConnectionResetError):
            while more := line.recv(65_536):
                came += more
    return [int(status) for status in STATUS.findall(came)]


def test_whoever_speaks_plainly_is_answered_once_for_each_request(port: int) -> None:
    chunked = (
        b"POST /webhooks/whoop HTTP/1.1\r\nHost: x\r\n" + CHUNKED + b"\r\n3\r\nabc\r\n" + EMPTY
    )
    assert told(port, HIDDEN + chunked + HIDDEN) == [200, 415, 200]


def test_what_could_be_read_in_two_ways_is_refused(port: int, record_property: Figures) -> None:
    got = {name: told(port, message + HIDDEN) for name, message in MESSAGES.items()}
    # Where chunks go wrong our page has answered before; then the rest of the line is refused.
    through = {name: codes for name, codes in got.items() if not codes or 200 in codes}
    record_property("hostile", {"smuggling": len(MESSAGES), "smuggling successes": len(through)})
    assert through == {}
    assert {code for codes in got.values() for code in codes} <= {400, 501, 505}


def test_a_neighbour_on_this_machine_names_neither_path_nor_script(port: int) -> None:
    for name in (b"SCRIPT_NAME", b"PATH_INFO", b"X-Script-Name"):
        hidden = (
            b"GET /x/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + name + b": /x\r\n\r\n"
        )
        assert told(port, hidden) == [404]


@pytest.fixture
def proxied(port: int, tmp_path: Path) -> Iterator[int]:
    """Put nginx before it, speaking as docs/deploy has it; where it listens."""
    nginx = shutil.which("nginx")
    if nginx is None:
        pytest.skip("nginx is not installed")
    listen, written = free_port(), tmp_path / "nginx.conf"
    temporary = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{name}_temp_path {tmp_path}/{name};" for name in temporary)
    server = f"server {{ listen 127.0.0.1:{listen}; location / {{ include {PROXY}; }} }}"
    written.write_text(
        f"daemon off; pid {tmp_path}/pid; events {{}} http {{ access_log off; {places}"
        f" upstream coach {{ server 127.0.0.1:{port}; }} {server} }}\n"
    )
    log = str(tmp_path / "log")
    running = subprocess.Popen([nginx, "-c", str(written), "-e", log])  # noqa: S603  # our own words
    try:
        wait_until(lambda: answers(f"http://127.0.0.1:{listen}/readyz"), what="nginx")
        yield listen
    finally:
        running.terminate()
        running.wait(10)


def test_behind_the_documented_proxy_nobody_is_asked_more_than_is_answered(
    stage: Stage, proxied: int, record_property: Figures
) -> None:
    """Were something smuggled, Coach would be asked twice for what the proxy answers once."""
    web = stage.kept["web"]
    before = web.said.count(ASKED)
    sent = [message + UNKNOWN for message in MESSAGES.values()]
    answered = sum(len(told(proxied, each, hang_up=False)) for each in sent)
    last = b"GET /nowhere HTTP/1.1\r\nX-Request-ID: " + LAST + b"\r\n" + LAST_ONE + b"\r\n"
    assert told(proxied, last, hang_up=False) == [404]
    wait_until(lambda: LAST.decode() in web.said, what="the last request")
    asked = web.said.count(ASKED) - before - 1
    record_property("hostile", {"smuggling through nginx": len(MESSAGES)})
    assert 0 < asked <= answered
