"""A line to the database on which the answer to one COMMIT gets lost: the server has done it."""

import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.parse import quote

from sqlalchemy import make_url

PORT_NAME = ".s.PGSQL.{}"
COMMIT = b"COMMIT\0"  # asked so in a simple query, and answered so when it is done


class DeafLine:
    """Passes everything between clients and the database on, but for the answer it is told to lose."""

    def __init__(self, url: str, folder: Path) -> None:
        parsed = make_url(url)
        host, port = str(parsed.query["host"]), str(parsed.query["port"])
        self._beyond = f"{host}/{PORT_NAME.format(port)}"
        self.url = url.replace(quote(host, safe="/"), quote(str(folder), safe="/"))
        self.lost = 0
        self._lock = threading.Lock()
        self._countdown = 0
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / PORT_NAME.format(port)))

    def __enter__(self) -> Self:
        self._listening.listen()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def lose(self, number: int) -> None:
        """Lose the answer to the commit of this number, counted from now; 0 for none."""
        with self._lock:
            self._countdown = number

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        server, doomed = socket.socket(socket.AF_UNIX), threading.Event()
        with client, server:
            server.connect(self._beyond)
            back = threading.Thread(target=self._answer, args=[server, client, doomed], daemon=True)
            back.start()
            with suppress(OSError):
                while said := client.recv(65536):
                    if COMMIT in said and self._falls():
                        doomed.set()
                    server.sendall(said)
            _hang_up(server)
            back.join()

    def _answer(
        self, server: socket.socket, client: socket.socket, doomed: threading.Event
    ) -> None:
        with suppress(OSError):
            while said := server.recv(65536):
                if doomed.is_set() and COMMIT in said:  # it is done, and nobody hears of it
                    with self._lock:
                        self.lost += 1
                    break
                client.sendall(said)
        _hang_up(client)

    def _falls(self) -> bool:
        with self._lock:
            self._countdown -= 1
            return self._countdown == 0


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
