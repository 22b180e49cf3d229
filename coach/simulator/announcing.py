"""Webhooks: what a member did last, announced to the app as WHOOP announces it."""

import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from uuid import UUID, uuid4

import httpx

from coach.simulator.life import Chapter
from coach.simulator.records import Sleep, Workout

PATIENCE_SECONDS = 5.0


def news(life: list[Chapter], *, how: str) -> Iterator[tuple[str, UUID]]:
    """Name the newest sleep, its recovery and the newest workout as the subjects of events."""
    sleep = max(chain.from_iterable(each.sleeps for each in life), key=_start, default=None)
    if sleep is not None:
        yield f"sleep.{how}", sleep.id
        yield f"recovery.{how}", sleep.id  # a recovery is known by its sleep
    workout = max(chain.from_iterable(each.workouts for each in life), key=_start, default=None)
    if workout is not None:
        yield f"workout.{how}", workout.id


def send(url: str, secret: str, user_id: int, event: tuple[str, UUID], *, copies: int) -> list[int]:
    """Send one event, signed, so many times over; the statuses of the answers."""
    what, subject = event
    said = {"user_id": user_id, "id": str(subject), "type": what, "trace_id": str(uuid4())}
    body = json.dumps(said, separators=(",", ":")).encode()
    headers = {"Content-Type": "application/json", **_signed(secret, body)}
    answers = [
        httpx.post(url, content=body, headers=headers, timeout=PATIENCE_SECONDS, trust_env=False)
        for _ in range(copies)
    ]
    return [answer.status_code for answer in answers]


def _signed(secret: str, body: bytes) -> dict[str, str]:
    """Sign with the time of the wall, whatever the time is in this simulated world."""
    milliseconds = str(int(datetime.now(UTC).timestamp() * 1000))
    made = hmac.digest(secret.encode(), milliseconds.encode() + body, "sha256")
    return {
        "X-WHOOP-Signature": b64encode(made).decode(),
        "X-WHOOP-Signature-Timestamp": milliseconds,
    }


def _start(record: Sleep | Workout) -> datetime:
    return record.start
