"""One announcement on its way to one app, as WHOOP would put it on the wire."""

import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from coach.simulator.apps import Registration
from coach.simulator.changes import Change
from coach.simulator.dice import dice

# Five times in an hour; WHOOP publishes the number and the hour, not the steps.
RETRIED_AFTER = tuple(timedelta(minutes=each) for each in (1, 4, 10, 15, 30))


@dataclass(frozen=True, slots=True)
class Delivery:
    """A signed request to be posted to `url`; report its status by `World.answered`."""

    app: Registration
    change: Change
    trace_id: UUID
    due: datetime
    attempt: int = 1  # 1 to 6
    headers: Mapping[str, str] | None = None  # None until it is first handed out

    @property
    def url(self) -> str:
        return self.app.webhook_url or ""

    @property
    def body(self) -> bytes:
        said = {
            "user_id": self.change.user_id,
            "id": str(self.change.subject),
            "type": self.change.type,
            "trace_id": str(self.trace_id),
        }
        return json.dumps(said, separators=(",", ":")).encode()

    def signed(self, at: datetime) -> "Delivery":
        return replace(self, headers=signature(self.app.client_secret, self.body, at))

    def again(self) -> "Delivery | None":
        """Return the next try, or None when WHOOP gives up."""
        if self.attempt > len(RETRIED_AFTER):
            return None
        due = self.due + RETRIED_AFTER[self.attempt - 1]
        return replace(self, due=due, attempt=self.attempt + 1)


def trace(app: Registration, change: Change, seed: int) -> UUID:
    chance = dice(seed, app.client_id, change.at, change.type, change.subject, "trace")
    return UUID(bytes=chance.randbytes(16), version=4)


def signature(secret: str, body: bytes, at: datetime) -> dict[str, str]:
    """Return the headers of a body that is sent `at`."""
    milliseconds = str(int(at.timestamp() * 1000))
    made = hmac.digest(secret.encode(), milliseconds.encode() + body, "sha256")
    return {
        "Content-Type": "application/json",
        "X-WHOOP-Signature": b64encode(made).decode(),
        "X-WHOOP-Signature-Timestamp": milliseconds,
    }
