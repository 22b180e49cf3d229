"""What WHOOP sends to our webhook, signed as WHOOP signs it."""

import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from flask import Flask
from werkzeug.test import TestResponse

SECRET = "test-client-secret"
VECTOR_BODY = (
    b'{"user_id":10129,"id":"ecfc6a15-4661-442f-a9a4-f160dd7afae8","type":"sleep.updated",'
    b'"trace_id":"e369c784-5100-49e8-8098-75d35c47b31b"}'
)


def body(**changes: object) -> bytes:
    said = {"user_id": 1, "id": str(uuid4()), "type": "sleep.updated", "trace_id": str(uuid4())}
    return json.dumps(said | changes).encode()


def stamp(age: timedelta = timedelta()) -> str:
    return str(int((datetime.now(UTC) - age).timestamp() * 1000))


def signed(raw: bytes, *, secret: str = SECRET, timestamp: str = "") -> dict[str, str]:
    timestamp = timestamp or stamp()
    made = hmac.digest(secret.encode(), timestamp.encode("utf-8") + raw, "sha256")
    return {
        "X-WHOOP-Signature": b64encode(made).decode(),
        "X-WHOOP-Signature-Timestamp": timestamp,
    }


def post(
    app: Flask,
    raw: bytes,
    headers: dict[str, str] | None = None,
    *,
    path: str = "/webhooks/whoop",
    **more: object,
) -> TestResponse:
    sent = {"content_type": "application/json", "headers": headers or signed(raw), **more}
    return app.test_client().post(path, data=raw, **sent)
