"""Web is restarted while people use it: nobody sees an error."""

import signal
import threading
import time
from typing import Self

import httpx
import pytest

from tests import loopback
from tests.processes.conftest import base_url
from tests.processes.stage import Program, Stage, free_port, wait_until

GRACE = 40.0
PAUSE = 0.05  # twenty requests a second


class Reader:
    """Somebody who reads a page again and again, at the first address that takes them."""

    def __init__(self, addresses: list[str]) -> None:
        self.addresses, self.answers = addresses, list[str]()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def read_more(self, number: int = 20) -> None:
        enough = len(self.answers) + number
        wait_until(lambda: len(self.answers) >= enough, what="answers")

    def _read(self) -> None:
        while not self._stop.wait(PAUSE):
            self.answers.append(self._ask())

    def _ask(self) -> str:
        """Ask as a proxy does: where nobody takes the connection, somebody else is asked."""
        said = "nobody"
        for address in self.addresses:
            try:
                return str(loopback.get(f"{address}/sign-in", timeout=20).status_code)
            except httpx.ConnectError:
                continue
            except httpx.TransportError as error:
                said = repr(error)
                break
        return said


def ended(program: Program) -> int:
    """Ask it to end; it answers first what it has been asked."""
    program.process.send_signal(signal.SIGTERM)
    return program.process.wait(GRACE)


def serves(address: str) -> bool:
    try:
        return loopback.get(f"{address}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.slow
def test_r04_web_is_restarted_in_turns_and_no_request_fails(running: Stage) -> None:
    port = free_port()
    more = {"PORT": str(port)}
    addresses = [base_url(running), f"http://127.0.0.1:{port}"]
    second = running.start("web", "--workers", "1", **more)
    wait_until(lambda: serves(addresses[1]), what="the second web process")
    with Reader(addresses) as reader:
        reader.read_more()
        assert ended(running.kept["web"]) == 0
        reader.read_more()
        running.keep("web", "--workers", "1")
        wait_until(lambda: serves(addresses[0]), what="the first web process")
        assert ended(second) == 0
        reader.read_more()
    assert set(reader.answers) == {"200"}


@pytest.mark.slow
def test_r04_web_that_is_told_to_renew_its_processes_answers_all_the_while(running: Stage) -> None:
    with Reader([base_url(running)]) as reader:
        for _ in range(5):
            running.kept["web"].process.send_signal(signal.SIGHUP)
            reader.read_more()
            time.sleep(1)
    assert set(reader.answers) == {"200"}
