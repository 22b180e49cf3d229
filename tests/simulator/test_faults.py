"""Faults by script: each effect, and which calls it falls on."""

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from threading import Thread

import httpx
import pytest
from flask import Flask

from coach.simulator.app import server
from coach.simulator.faults import Script
from coach.simulator.grants import GRACE
from tests.simulator.browser import CLIENT_ID, HEAVY_TRAINER, NAPPER, JsonObject
from tests.simulator.worlds import Linked, go_wrong, simulator

CYCLES, SLEEPS = "/cycle", "/activity/sleep"
TOKENS: JsonObject = {"path": "/oauth/oauth2/token"}


@pytest.fixture
def app() -> Flask:
    return simulator()


@pytest.fixture
def member(app: Flask) -> Linked:
    return Linked(app, HEAVY_TRAINER)


def falls(member: Linked, calls: int = 40) -> list[int]:
    """Return the numbers, from 1, of the calls that were refused."""
    return [n for n in range(1, calls + 1) if member.get(CYCLES).status_code == 503]


def test_a_status_comes_with_its_headers(member: Linked) -> None:
    go_wrong(member.world, "status", status=429, headers={"Retry-After": "1000000000"}, body="no")
    answer = member.get(CYCLES)
    assert (answer.status_code, answer.text) == (429, "no")
    assert answer.headers["Retry-After"] == "1000000000"
    assert member.world.journal[-1].fault == "status"


def test_the_wall_before_whoop_answers_in_html(member: Linked) -> None:
    go_wrong(member.world, "waf")
    assert (member.get(CYCLES).status_code, member.get(CYCLES).mimetype) == (403, "text/html")


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ({"nth": [2, 5]}, [2, 5]),
        ({"count": 3}, [1, 2, 3]),
        ({"path": "/developer/v2/recovery*"}, []),
        ({"path": "*/cycle", "method": "GET", "app": CLIENT_ID}, list(range(1, 41))),
        ({"method": "DELETE"}, []),
        ({"app": "other"}, []),
        ({"member": NAPPER}, []),
        ({"member": HEAVY_TRAINER, "nth": [40]}, [40]),
        ({"until": 0}, []),
        ({"after": "2026-11-20T14:00:00Z", "count": 1}, [1]),
    ],
)
def test_a_fault_falls_on_the_calls_it_names(
    member: Linked, match: JsonObject, expected: list[int]
) -> None:
    go_wrong(member.world, "status", match, status=503)
    assert falls(member) == expected


def test_chance_falls_the_same_way_again(member: Linked) -> None:
    runs = []
    for _ in range(2):
        go_wrong(member.world, "status", {"chance": 0.3}, status=503)
        runs.append(falls(member))
    assert runs[0] == runs[1]
    assert 4 < len(runs[0]) < 20


def test_a_storm_begins_and_ends_by_the_clock(member: Linked) -> None:
    go_wrong(member.world, "status", {"after": 60, "until": 120}, status=503)
    statuses = []
    for _ in range(3):
        statuses.append(member.get(CYCLES).status_code)
        member.world.advance(member.world.clock() + timedelta(seconds=60))
    assert statuses == [200, 503, 200]


def test_a_slow_answer_takes_its_time(member: Linked) -> None:
    before = member.world.clock()
    go_wrong(member.world, "slow", seconds=29)
    assert member.get(CYCLES).status_code == 200
    assert member.world.clock() - before == timedelta(seconds=29)


def test_a_dripping_answer_takes_time_for_every_byte(member: Linked) -> None:
    before, whole = member.world.clock(), member.get(CYCLES).data
    go_wrong(member.world, "drip", rate=2)
    assert member.get(CYCLES).data == whole
    assert member.world.clock() - before == timedelta(seconds=len(whole) / 2)


def test_a_truncated_answer_promised_more(member: Linked) -> None:
    go_wrong(member.world, "truncated", keep=12)
    answer = member.get(CYCLES)
    assert len(answer.data) == 12 < int(answer.headers["Content-Length"])


def test_json_may_be_broken_or_called_html(member: Linked) -> None:
    go_wrong(member.world, "invalid_json")
    with pytest.raises(ValueError, match="Expecting"):
        json.loads(member.get(CYCLES).data)
    go_wrong(member.world, "wrong_type")
    answer = member.get(CYCLES)
    assert answer.mimetype == "text/html"
    assert json.loads(answer.data)["records"]


def test_records_hold_what_the_documents_do_not(member: Linked) -> None:
    seen = {}
    for how in ("enum", "extra", "nulls", "strings", "absent"):
        go_wrong(member.world, "records", how=how)
        seen[how] = member.get(SLEEPS).get_json()["records"][1]
    assert seen["enum"]["score_state"] not in {"SCORED", "PENDING_SCORE", "UNSCORABLE"}
    assert "moon_phase" in seen["extra"]
    assert set(seen["nulls"]["score"].values()) == {None}
    assert isinstance(seen["strings"]["score"]["respiratory_rate"], str)
    assert "updated_at" not in seen["absent"]


def two_pages(member: Linked) -> list[object]:
    first = member.get(CYCLES).get_json()
    second = member.get(CYCLES, nextToken=first["next_token"]).get_json()
    return [each["id"] for each in first["records"] + second["records"]]


def test_pages_drift_while_they_are_read(member: Linked) -> None:
    calm = two_pages(member)
    go_wrong(member.world, "pages", how="added")
    assert two_pages(member) == [*calm[:10], calm[9], *calm[10:19]]
    go_wrong(member.world, "pages", how="removed")
    assert two_pages(member) == [*calm[:10], *calm[11:]]


@pytest.mark.parametrize("how", ["repeated", "loop"])
def test_a_next_token_may_lead_nowhere(member: Linked, how: str) -> None:
    go_wrong(member.world, "pages", how=how)
    page, walked = member.get(CYCLES, limit="25").get_json(), 1
    while page["next_token"] and walked < 40:  # sixteen pages are all there is
        page = member.get(CYCLES, limit="25", nextToken=page["next_token"]).get_json()
        walked += 1
    assert walked == 40


def test_a_member_may_revoke_in_the_middle(member: Linked) -> None:
    go_wrong(member.world, "revoked", {"nth": [2]})
    assert [member.get(CYCLES).status_code for _ in range(3)] == [200, 401, 401]
    assert member.refresh(member.pair.refresh_token or "").status_code == 400


def test_a_lost_token_answer_has_spent_the_token(member: Linked) -> None:
    go_wrong(member.world, "lost", TOKENS | {"count": 1})
    token = member.pair.refresh_token or ""
    with pytest.raises(ConnectionResetError):
        member.refresh(token)
    assert (member.world.journal[-1].status, member.world.journal[-1].fault) == (0, "lost")
    assert member.world.journal[-1].member == HEAVY_TRAINER
    assert member.refresh(token).status_code == 400


def test_a_reset_call_did_nothing(member: Linked) -> None:
    go_wrong(member.world, "reset", TOKENS | {"count": 1})
    token = member.pair.refresh_token or ""
    with pytest.raises(ConnectionResetError):
        member.refresh(token)
    assert member.refresh(token).status_code == 200


def test_a_redirect_leads_to_another_host(member: Linked) -> None:
    go_wrong(member.world, "redirect", to="http://evil.test/")
    assert member.get(CYCLES).location == "http://evil.test/"


def test_a_small_answer_may_become_large(member: Linked) -> None:
    go_wrong(member.world, "bomb", megabytes=3)
    answer = member.get(CYCLES)
    assert len(answer.data) < 10_000
    assert len(gzip.decompress(answer.data)) == 3_000_000


def test_a_spent_token_is_forgiven_for_a_while_in_grace(member: Linked) -> None:
    member.world.follow(Script.model_validate({"refresh": "grace"}))
    old = member.pair.refresh_token or ""
    lost = member.refresh(old).get_json()
    again = member.refresh(old).get_json()
    assert member.refresh(again["refresh_token"]).status_code == 200
    assert member.refresh(lost["refresh_token"]).status_code == 400
    member.world.advance(member.world.clock() + GRACE + timedelta(seconds=1))
    assert member.refresh(old).status_code == 400


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    running = server(app)
    thread = Thread(target=running.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{running.port}"
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.mark.parametrize("kind", ["lost", "reset", "truncated"])
def test_on_the_wire_the_connection_ends_too_soon(served: str, member: Linked, kind: str) -> None:
    go_wrong(member.world, kind)
    headers = {"Authorization": f"Bearer {member.pair.access_token}"}
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        httpx.get(f"{served}/developer/v2/cycle", headers=headers, trust_env=False)


def test_a_script_is_set_by_http_and_a_wrong_one_refused(member: Linked) -> None:
    script = {"faults": [{"name": "storm", "effect": {"kind": "status", "status": 503}}]}
    member.client.post("/_simulator/faults", json=script)
    assert falls(member, 2) == [1, 2]
    assert member.client.get("/_simulator/faults").get_json()["fell"] == {"storm": 2}
    wrong = {"faults": [{"name": "storm", "effect": {"kind": "earthquake"}}]}
    answer = member.client.post("/_simulator/faults", json=wrong)
    assert answer.status_code == 400
    assert "faults.0.effect.kind" in answer.get_json()["error"][0]
    member.client.delete("/_simulator/faults")
    assert falls(member, 2) == []
