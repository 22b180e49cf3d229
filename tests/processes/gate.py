"""A gate before the simulated WHOOP: lets calls through, or holds one until it is opened."""

import threading
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

import httpx

from tests import loopback

PATIENCE = 30.0
PASSED_ON = ("Authorization", "Accept", "Content-Type")
PASSED_BACK = ("Content-Type",)
# WHOOP's usual limits are not those of this installation; a refusal is meant for it.
REFUSAL_PASSED_BACK = (*PASSED_BACK, "Retry-After", "X-RateLimit-Remaining", "X-RateLimit-Reset")


class Gate:
    """Stands between a sync and WHOOP, so that a test can strike in the middle of it."""

    def __init__(self, beyond: str) -> None:
        self.beyond = beyond
        self.calls: list[str] = []
        self._held = threading.Event()
        self._open = threading.Event()
        self._open.set()
        self._hold_at, self._alone = 0, False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def hold(self, number: int, *, alone: bool = False) -> None:
        """Hold the call of this number, counted from now, and all after it, or it `alone`."""
        self.calls.clear()
        self._held.clear()
        self._open.clear()
        self._hold_at, self._alone = number, alone

    @property
    def holds(self) -> bool:
        return self._held.is_set()

    def wait_until_held(self) -> None:
        assert self._held.wait(PATIENCE), f"only these calls came: {self.calls}"

    def open(self) -> None:
        self.calls.clear()
        self._open.set()

    def pass_through(self, path: str) -> None:
        self.calls.append(path)
        number = len(self.calls)
        if self._alone and number != self._hold_at:
            return
        if not self._open.is_set() and number >= self._hold_at:
            self._held.set()
            self._open.wait(PATIENCE)


def _handler(gate: Gate) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.pass_on("GET")

        def do_DELETE(self) -> None:
            self.pass_on("DELETE")

        def pass_on(self, method: str) -> None:
            gate.pass_through(self.path)
            headers = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
            try:
                answer = loopback.request(
                    method, gate.beyond + self.path, headers=headers, timeout=PATIENCE
                )
            except httpx.TransportError:  # WHOOP is switched off
                answer = httpx.Response(502, headers={"Content-Type": "text/plain"})
            with suppress(OSError):  # who asked may have been killed meanwhile
                self.send_response(answer.status_code)
                refused = answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
                for name in REFUSAL_PASSED_BACK if refused else PASSED_BACK:
                    if name in answer.headers:
                        self.send_header(name, answer.headers[name])
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
