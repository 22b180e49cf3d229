"""One line per request: its pattern and its people by id; and one id from door to door."""

from uuid import UUID

import pytest
from flask import Flask

from coach.extensions import db
from coach.observability import counters
from coach.observability.ratecap import RateCap
from coach.work.models import Work
from tests.cast import Cast
from tests.critic import Critic
from tests.observability.conftest import Lines
from tests.whoop.announcing import body, post, signed
from tests.whoop.conftest import Linker, linked_app, linker, whoop

__all__ = ["linked_app", "linker", "whoop"]  # fixtures

KNOWN = "76de0a14-3804-4008-9600-be0dfea7b0e4"


def requests_in(logged: Lines) -> list[dict[str, object]]:
    return [line for line in logged() if line["event"] == "request"]


def test_a_request_leaves_one_line_with_its_pattern_and_ids(
    app: Flask, cast: Cast, logged: Lines
) -> None:
    browser = Critic.of(app).sign_in(cast.ann)
    logged()
    browser.get(f"/dashboard/clients/{cast.bea.client_id}?days=30&secret=x")
    (line,) = requests_in(logged)
    assert float(str(line.pop("ms"))) > 0
    assert UUID(str(line.pop("correlation"))).version == 4
    assert line.pop("timestamp")
    assert line == {
        "event": "request",
        "level": "info",
        "method": "GET",
        "route": "/dashboard/clients/<uuid:client_id>",
        "status": 200,
        "organisation": str(cast.ann.organisation_id),
        "user": str(cast.ann.user_id),
    }


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (("GET", "/no/such/page"), ("GET", "unmatched", 404)),
        (("BREW", "/sign-in"), ("other", "unmatched", 405)),
        (("GET", "/reset/a-secret"), ("GET", "/reset/<token>", 410)),
    ],
)
def test_odd_requests_have_a_line_too(
    app: Flask, logged: Lines, asked: tuple[str, str], answered: tuple[str, str, int]
) -> None:
    Critic.of(app).open(asked[1], method=asked[0])
    (line,) = requests_in(logged)
    assert (line["method"], line["route"], line["status"]) == answered


@pytest.mark.parametrize("known", [KNOWN, KNOWN.replace("-", "")])
def test_an_id_that_comes_along_is_kept_and_sent_back(
    app: Flask, logged: Lines, known: str
) -> None:
    answer = Critic.of(app).get("/sign-in", headers={"X-Request-ID": known})
    assert answer.headers["X-Request-ID"] == UUID(known).hex
    assert requests_in(logged)[0]["correlation"] == UUID(known).hex


@pytest.mark.parametrize("forged", ["", "x" * 5000, '"}{"event":"paid"', "\x1b[2J", "\u0661" * 32])
def test_an_id_that_is_none_is_replaced(app: Flask, logged: Lines, forged: str) -> None:
    given = {"X-Request-ID": forged.encode().decode("latin-1")}
    answer = Critic.of(app).get("/sign-in", headers=given)
    assert UUID(answer.headers["X-Request-ID"]).version == 4
    assert requests_in(logged)[0]["correlation"] == answer.headers["X-Request-ID"]


def test_a_flood_of_refusals_does_not_fill_the_disk(
    app: Flask, logged: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coach.observability.ratecap.RateCap.admit", lambda _self: None)
    before, raw = _count("/webhooks/whoop", "401"), body()
    for _ in range(5):
        assert post(app, raw, signed(raw, secret="wrong")).status_code == 401
    assert logged() == []
    assert _count("/webhooks/whoop", "401") == before + 5, "but all of them are counted"


def test_a_refused_announcement_leaves_its_reason_and_nothing_it_said(
    app: Flask, logged: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Other tests may have had more refused in this minute than are logged.
    monkeypatch.setattr("coach.whoop.webhook_routes._refusals", RateCap(1))
    raw = body(trace_id="canary-in-body")
    post(app, raw, signed(raw, secret="wrong"))
    lines = logged()
    (refused,) = [line for line in lines if line["event"] == "webhook_refused"]
    assert (refused["reason"], refused["slug"]) == ("signature", "installation")
    assert "canary-in-body" not in str(lines)


def test_one_id_leads_from_an_announcement_to_the_calls_it_causes(
    linker: Linker, cast: Cast, logged: Lines
) -> None:
    linker.link(cast.bea, "mara")
    linker.work(cast.bea.organisation_id)
    with linker.app.app_context():
        known = db.session.scalars(db.select(Work).order_by(Work.created_at.desc())).first()
        assert known is not None
        cause = known.correlation_id
    assert cause is not None
    lines = [line for line in logged() if line.get("correlation") == cause.hex]
    said = [line["event"] for line in lines]
    assert "request" in said, "the return from WHOOP that linked"
    assert said.count("work") == 1
    (work,) = [line for line in lines if line["event"] == "work"]
    assert (work["outcome"], work["lane"], work["attempt"]) == ("done", "fresh", 1)
    calls = {line["endpoint"]: line for line in lines if line["event"] == "whoop_call"}
    assert {"/v2/cycle", "/v2/activity/sleep", "/v2/recovery"} <= set(calls)
    assert calls["/v2/cycle"]["status"] == "200"
    assert calls["/v2/cycle"]["lane"] == "fresh"


def _count(route: str, status: str) -> float:
    labels = {"method": "POST", "route": route, "status": status}
    return counters.REGISTRY.get_sample_value("coach_http_requests_total", labels) or 0
