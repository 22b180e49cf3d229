"""The door for announcements: who gets in, what is stored, and what everybody else is told."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from coach.app import create_app
from coach.extensions import db
from coach.whoop import webhook
from coach.whoop.models import WebhookEvent
from coach.work.models import Work
from config import Settings
from tests.conftest import close
from tests.whoop.announcing import SECRET, VECTOR_BODY, body, post, signed, stamp

VECTOR = {
    "signature": "HqrOdNk7edrilyDPPstLzI9L97ttliL3HIj5bWyVyP0=",
    "timestamp": "1748241241000",
}
VECTOR_TIME = datetime.fromtimestamp(1748241241, UTC)


@pytest.fixture(autouse=True)
def _empty_inbox(app: Flask) -> None:
    with app.app_context():
        db.session.execute(db.delete(WebhookEvent))
        db.session.commit()


def inbox(app: Flask) -> list[WebhookEvent]:
    with app.app_context():
        return list(db.session.scalars(db.select(WebhookEvent).order_by(WebhookEvent.id)))


def genuine(secrets: list[bytes], now: datetime = VECTOR_TIME, **changes: str) -> bool:
    return webhook.is_genuine(VECTOR_BODY, secrets=secrets, now=now, **{**VECTOR, **changes})


def test_the_test_vector_is_genuine() -> None:
    assert genuine([b"test_client_secret"])


def test_old_and_new_secret_count_while_one_replaces_the_other() -> None:
    assert genuine([b"new", b"test_client_secret"])
    assert genuine([b"test_client_secret", b"new"])
    assert not genuine([b"new", b"newer"])
    assert not genuine([])


@pytest.mark.parametrize(
    ("age", "welcome"),
    [
        (timedelta(), True),
        (timedelta(hours=23), True),
        (timedelta(hours=25), False),
        (timedelta(minutes=-4), True),
        (timedelta(minutes=-6), False),
    ],
    ids=str,
)
def test_a_signature_lasts_a_day_and_comes_from_no_future(*, age: timedelta, welcome: bool) -> None:
    assert genuine([b"test_client_secret"], now=VECTOR_TIME + age) is welcome


def test_every_flipped_bit_is_found() -> None:
    now, secrets = datetime.now(UTC), [SECRET.encode()]
    raw = body()
    made = signed(raw)
    signature, timestamp = made["X-WHOOP-Signature"], made["X-WHOOP-Signature-Timestamp"]

    def passes(raw: bytes, signature: str, timestamp: str) -> bool:
        return webhook.is_genuine(
            raw, signature=signature, timestamp=timestamp, secrets=secrets, now=now
        )

    assert passes(raw, signature, timestamp)
    assert not any(passes(flipped, signature, timestamp) for flipped in _flips(raw))
    assert not any(
        passes(raw, flipped.decode("latin-1"), timestamp) for flipped in _flips(signature.encode())
    )
    assert not any(
        passes(raw, signature, flipped.decode("latin-1")) for flipped in _flips(timestamp.encode())
    )


def _flips(raw: bytes) -> Iterator[bytes]:
    for place in range(len(raw)):
        for bit in range(8):
            yield raw[:place] + bytes([raw[place] ^ 1 << bit]) + raw[place + 1 :]


@pytest.mark.parametrize("slug", ["", "/installation"])
def test_a_genuine_announcement_is_stored_as_it_came_and_answered_without_a_cookie(
    app: Flask, slug: str
) -> None:
    raw = body(user_id=777)
    answer = post(app, raw, path=f"/webhooks/whoop{slug}")
    assert (answer.status_code, answer.data) == (204, b"")
    assert "Set-Cookie" not in answer.headers
    stored = inbox(app)
    assert [(each.body, each.external_user_id) for each in stored] == [(raw, "777")]


def test_a_copy_is_welcome_and_stored_once(app: Flask) -> None:
    raw = body()
    statuses = [post(app, raw).status_code for _ in range(5)]
    statuses.append(post(app, raw, signed(raw, timestamp=stamp(timedelta(hours=1)))).status_code)
    assert set(statuses) == {204}
    assert len(inbox(app)) == 1


def _wrong_headers() -> dict[str, dict[str, str]]:
    raw = VECTOR_BODY
    good = signed(raw)
    signature, timestamp = good["X-WHOOP-Signature"], good["X-WHOOP-Signature-Timestamp"]

    def both(signature: str, timestamp: str) -> dict[str, str]:
        return {"X-WHOOP-Signature": signature, "X-WHOOP-Signature-Timestamp": timestamp}

    def stamped(timestamp: str) -> dict[str, str]:
        return signed(raw, timestamp=timestamp)

    return {
        "none": {"X-Other": "1"},
        "no signature": {"X-WHOOP-Signature-Timestamp": timestamp},
        "no timestamp": {"X-WHOOP-Signature": signature},
        "empty signature": both("", timestamp),
        "empty timestamp": both(signature, ""),
        "not ASCII": both("ünïcödé", timestamp),
        "cut": both(signature[:-1], timestamp),
        "longer": both(signature + "=", timestamp),
        "prefixed": both(f"v1,{signature}", timestamp),
        "huge": both("A" * 8000, timestamp),
        "url-safe alphabet": both(signature.translate(str.maketrans("+/", "-_")) + "_", timestamp),
        "another secret": signed(raw, secret="another"),
        "empty secret": signed(raw, secret=""),
        "seconds": stamped(timestamp[:-3]),
        "negative": stamped(f"-{timestamp}"),
        "10^30": stamped("1" + "0" * 30),
        "text": stamped("yesterday"),
        "fraction": stamped(f"{timestamp}.0"),
        "other digits": both(signature, "١٧٤٨٢٤١٢٤١٠٠٠".encode().decode("latin-1")),
        "old": stamped(stamp(timedelta(hours=25))),
        "future": stamped(stamp(timedelta(minutes=-6))),
    }


@pytest.mark.parametrize("case", _wrong_headers())
def test_whatever_is_wrong_with_the_signature_the_answer_is_the_same(app: Flask, case: str) -> None:
    refused = post(app, VECTOR_BODY, _wrong_headers()[case])
    assert (refused.status_code, refused.data) == (401, b"")
    assert inbox(app) == []


def test_the_same_words_written_otherwise_are_not_what_was_signed(app: Flask) -> None:
    raw = body()
    for other in (
        json.dumps(json.loads(raw), indent=1),
        json.dumps(json.loads(raw), sort_keys=True),
    ):
        assert post(app, other.encode(), signed(raw)).status_code == 401
    assert inbox(app) == []


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 60_000,
        b'{"user_id":' + b"9" * 5000 + b"}",
        body(trace_id=None),
        body(trace_id=""),
        body(trace_id="x" * 101),
        body(trace_id="a\x00b"),
        body(user_id=True),
        body(user_id=1.5),
        body(user_id={"a": 1}),
        body(type=None),
        body(id="with space"),
    ],
    ids=range(16),
)
def test_signed_nonsense_gets_the_same_answer(app: Flask, raw: bytes) -> None:
    refused = post(app, raw)
    assert (refused.status_code, refused.data) == (401, b"")
    assert inbox(app) == []


def test_an_app_we_do_not_know_signs_nothing(app: Flask) -> None:
    raw = body()
    assert post(app, raw, path="/webhooks/whoop/nobody").status_code == 401


def test_too_much_is_refused_before_it_is_read(app: Flask) -> None:
    stream = _Unread()
    refused = app.test_client().post(
        "/webhooks/whoop",
        content_type="application/json",
        environ_overrides={"wsgi.input": stream, "CONTENT_LENGTH": str(64 * 1024 + 1)},
    )
    assert (refused.status_code, refused.data, stream.read_bytes) == (413, b"", 0)
    endless = _Unread()
    refused = app.test_client().post(
        "/webhooks/whoop",
        content_type="application/json",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input": endless, "wsgi.input_terminated": True},
    )
    assert refused.status_code == 413
    assert endless.read_bytes <= 2 * 64 * 1024


class _Unread:
    """A body without end that knows how much of it was taken."""

    read_bytes = 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "never all of it"
        self.read_bytes += size
        return b"x" * size

    def readinto(self, buffer: bytearray) -> int:
        buffer[:] = self.read(len(buffer))
        return len(buffer)

    def close(self) -> None:
        """Nothing is held."""


@pytest.mark.parametrize(
    "more",
    [
        {"content_type": "text/plain"},
        {"content_type": "application/x-www-form-urlencoded"},
        {"content_type": ""},
        {"headers": {"Content-Encoding": "gzip"}},
    ],
    ids=str,
)
def test_another_kind_of_content_is_refused(app: Flask, more: dict[str, object]) -> None:
    refused = post(app, VECTOR_BODY, **more)  # type: ignore[arg-type]
    assert (refused.status_code, refused.data) == (415, b"")


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_another_method_is_refused(app: Flask, method: str) -> None:
    assert getattr(app.test_client(), method)("/webhooks/whoop").status_code == 405


def test_a_slash_at_the_end_leads_nowhere(app: Flask) -> None:
    assert post(app, VECTOR_BODY, path="/webhooks/whoop/").status_code == 404


def test_without_the_commit_there_is_no_success(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise OperationalError("COMMIT", {}, Exception("the server closed the connection"))

    raw = body()
    with monkeypatch.context() as patch:
        patch.setattr(db.session, "commit", broken)
        assert post(app, raw).status_code == 503
    assert inbox(app) == []
    assert post(app, raw).status_code == 204  # WHOOP sends it again
    assert len(inbox(app)) == 1


def test_a_member_nobody_knows_makes_no_work_and_is_forgotten_after_a_day(app: Flask) -> None:
    assert post(app, body(user_id=424242)).status_code == 204
    (event,) = inbox(app)
    assert (event.state, event.pending) == ("unmatched", [])
    with app.app_context():
        since = db.select(Work.id).where(Work.created_at >= event.received_at)
        assert db.session.scalar(since) is None
        db.session.rollback()
        webhook.forget_old(now=event.received_at + timedelta(hours=23))
        assert len(inbox(app)) == 1
        webhook.forget_old(now=event.received_at + timedelta(hours=25))
    assert inbox(app) == []


def test_a_kind_of_event_we_do_not_know_is_kept_and_ignored(app: Flask) -> None:
    assert post(app, body(type="steps.updated")).status_code == 204
    assert [each.state for each in inbox(app)] == ["ignored"]


def test_with_the_feature_off_there_is_nothing_here(settings: Settings) -> None:
    without = create_app(settings.model_copy(update={"feature_whoop_integration": False}))
    raw = body()
    assert post(without, raw).status_code == 404
    close(without)
