"""Traces and error reports: off unless a setting names an address, and as discreet as the log."""

import gzip
import json
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import brotli
import pytest
import structlog
from flask import Flask
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from pydantic import SecretStr

from coach.observability import correlation, heartbeat, reporting, tracing
from coach.observability.logging import configure_logging
from coach.runtime.errors import CannotStart
from config import Settings
from tests.critic import Critic
from tests.processes.stage import wait_until

SAID_BY_A_PERSON = "Kanarienvogel"
UNPACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "br": brotli.decompress}


class Receiver(ThreadingHTTPServer):
    """Takes whatever is sent to it on loopback."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taker)
        self.came: list[tuple[str, bytes]] = []
        self.answer = 200

    @property
    def origin(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class _Taker(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        packed = self.headers.get("Content-Encoding")
        self._take(UNPACK[packed](body) if packed else body)

    def do_GET(self) -> None:
        self._take(b"")

    def _take(self, body: bytes) -> None:
        self.server.came.append((self.path, body))
        self.send_response(self.server.answer)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.05,))
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def spans(receiver: Receiver, settings: Settings) -> Iterator[Receiver]:
    configure_logging("INFO", as_json=True)
    tracing.start(f"http://{receiver.origin}/v1/traces")
    yield receiver
    tracing.start(None)
    configure_logging(settings.log_level, as_json=False)


@pytest.fixture
def reports(receiver: Receiver, settings: Settings) -> Iterator[Receiver]:
    configure_logging("INFO", as_json=True)
    dsn = SecretStr(f"http://key@{receiver.origin}/1")
    reporting.start(dsn, environment="test")
    yield receiver
    reporting.start(None, environment="test")
    configure_logging(settings.log_level, as_json=False)


def received(receiver: Receiver) -> list[Span]:
    tracing.flush()
    found = []
    for path, body in receiver.came:
        assert path == "/v1/traces"
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            found += [span for scope in resource.scope_spans for span in scope.spans]
    return found


def test_a_request_and_what_it_causes_are_one_trace(app: Flask, spans: Receiver) -> None:
    Critic.of(app).get("/sign-in?secret=hidden", headers={"User-Agent": SAID_BY_A_PERSON})
    with correlation.caused_by(correlation.current(), work="w", kind="whoop_sync"):
        structlog.get_logger().info("whoop_call", endpoint="/v2/cycle", status="200", ms=12.5)
    request, call = received(spans)
    assert request.name == "request /sign-in"
    assert call.name == "whoop_call /v2/cycle"
    assert request.trace_id == call.trace_id
    assert call.end_time_unix_nano - call.start_time_unix_nano == 12_500_000


def test_a_span_holds_what_the_log_line_holds(app: Flask, spans: Receiver) -> None:
    Critic.of(app).get("/sign-in?secret=hidden", headers={"User-Agent": SAID_BY_A_PERSON})
    (span,) = received(spans)
    assert {each.key for each in span.attributes} == {
        f"coach.{name}" for name in ("method", "route", "status")
    }
    sent = b"".join(body for _, body in spans.came)
    assert b"hidden" not in sent
    assert SAID_BY_A_PERSON.encode() not in sent


def test_a_failure_is_reported_by_kind_and_place_without_what_it_says(reports: Receiver) -> None:
    value = SAID_BY_A_PERSON
    try:
        int(value)
    except ValueError:
        structlog.get_logger().exception("work_failed", kind="import", note=value)
    reporting.flush()  # which gives up after some seconds
    wait_until(lambda: bool(reports.came), what="the report")
    ((path, body),) = reports.came
    assert path == "/api/1/envelope/"
    told = json.loads(body.splitlines()[-1])
    assert told["exception"]["values"][0]["type"] == "ValueError"
    assert (told["tags"]["event"], told["tags"]["kind"]) == ("work_failed", "import")
    assert set(told["tags"]) <= {"event", "kind", "correlation"}
    assert SAID_BY_A_PERSON.encode() not in body


def test_a_line_without_a_failure_is_no_report(reports: Receiver) -> None:
    structlog.get_logger().warning("csrf_refused", reason="missing")
    reporting.flush()
    assert not reports.came


def test_without_the_settings_nothing_leaves(app: Flask, settings: Settings) -> None:
    assert settings.traces_url is None
    assert settings.sentry_dsn is None
    configure_logging("INFO", as_json=True)
    Critic.of(app).get("/sign-in")
    configure_logging(settings.log_level, as_json=False)
    assert not tracing._told  # noqa: SLF001
    assert not reporting._told  # noqa: SLF001


@pytest.mark.parametrize(
    "start",
    [
        lambda: tracing.start("http://127.0.0.1:9"),
        lambda: reporting.start(SecretStr("http://key@127.0.0.1:9/1"), environment="test"),
    ],
)
def test_a_setting_whose_library_is_missing_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, start: Callable[[], None]
) -> None:
    for missing in ("spans", "sentry"):
        monkeypatch.setitem(sys.modules, f"coach.observability.{missing}", None)
    with pytest.raises(CannotStart, match="observe"):
        start()


@pytest.fixture
def beating(app: Flask, receiver: Receiver) -> Iterator[Receiver]:
    before = app.config["SETTINGS"]
    url = SecretStr(f"http://{receiver.origin}/ping/secret")
    app.config["SETTINGS"] = before.model_copy(update={"heartbeat_url": url})
    with app.app_context():
        yield receiver
    app.config["SETTINGS"] = before


def test_the_heartbeat_asks_for_its_address_once(beating: Receiver) -> None:
    heartbeat.send()
    assert [path for path, _ in beating.came] == ["/ping/secret"]


def test_a_heartbeat_nobody_takes_stops_nothing(
    beating: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("INFO", as_json=True)
    beating.answer = 500
    heartbeat.send()
    assert "heartbeat_refused" in capsys.readouterr().out


def test_without_the_setting_there_is_no_heartbeat(app: Flask, receiver: Receiver) -> None:
    with app.app_context():
        heartbeat.send()
    assert not receiver.came
