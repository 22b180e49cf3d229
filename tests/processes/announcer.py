"""WHOOP as it announces, to a web process that may have trouble of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from uuid import uuid4

import httpx
from sqlalchemy import select

from coach.extensions import db
from coach.whoop.models import WebhookEvent
from tests import loopback
from tests.whoop.announcing import body, signed


@dataclass
class Announcer:
    """Announces genuine events of nobody we know, and remembers what each was answered."""

    address: str
    answers: dict[str, int] = field(default_factory=dict)

    def announce(self, trace_id: str = "") -> int:
        """Post one announcement, or one of before again; the status, 0 when there was no answer."""
        trace_id = trace_id or str(uuid4())
        raw = body(trace_id=trace_id)
        headers = {"Content-Type": "application/json", **signed(raw)}
        try:
            answer = loopback.post(f"{self.address}/webhooks/whoop", content=raw, headers=headers)
        except httpx.TransportError:
            self.answers[trace_id] = 0
        else:
            self.answers[trace_id] = answer.status_code
        return self.answers[trace_id]

    @contextmanager
    def announcing(self) -> Iterator[None]:
        """Go on announcing, one after the other, while the block runs."""
        stop = Event()

        def go_on() -> None:
            while not stop.wait(0.02):
                self.announce()

        thread = Thread(target=go_on)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def lost(self) -> set[str]:
        """List the announcements that were answered with 2xx and are not stored."""
        db.session.rollback()
        db.engine.dispose()  # the server may have been struck down since this one was used
        stored = set(db.session.scalars(select(WebhookEvent.trace_id)))
        return {trace for trace, status in self.answers.items() if 200 <= status < 300} - stored
