"""A server on loopback that answers each connection with whatever bytes a test wants."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Answer = Callable[[socket.socket], None]


def plainly(raw: bytes) -> Answer:
    """Answer all at once."""

    def answer(caller: socket.socket) -> None:
        caller.sendall(raw)

    return answer


def dripping(head: bytes, drop: bytes, stop: threading.Event) -> Answer:
    """Send the head, then a drop every now and then until told to stop."""

    def answer(caller: socket.socket) -> None:
        caller.sendall(head)
        while not stop.wait(0.05):
            caller.sendall(drop)

    return answer


class Server:
    """Remembers what it was sent."""

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None) -> None:
        self._answer = answer
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.heard: list[bytes] = []
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            with caller:
                self._speak(caller)

    def _speak(self, caller: socket.socket) -> None:
        try:
            caller.settimeout(5)
            with self._tls.wrap_socket(caller, server_side=True) if self._tls else caller as line:
                self.heard.append(line.recv(65536))
                self._answer(line)
        except OSError:
            return  # the caller hung up, as most of these tests want


@contextmanager
def serving(answer: Answer, *, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(answer, tls)
    try:
        yield server
    finally:
        server.close()
