"""The doors for tests: clock, journal, apps, grants; and what is counted."""

from datetime import UTC, datetime, timedelta

import pytest

from coach.simulator.clock import Clock
from coach.simulator.crowd import FIRST_ID
from coach.simulator.journal import Call, Journal, MemberDay, worst
from tests.simulator.browser import CLIENT_ID, HEAVY_TRAINER, NAPPER, REDIRECT_URI, SECRET, Browser
from tests.simulator.conftest import Build
from tests.simulator.worlds import NOW, Linked, simulator

CONTROLS = ("clock", "faults", "journal", "counters", "webhooks", "apps")


@pytest.mark.parametrize("path", CONTROLS)
def test_the_doors_open_for_this_machine_only(path: str) -> None:
    client = simulator().test_client()
    stranger = {"REMOTE_ADDR": "192.0.2.7"}
    assert client.get(f"/_simulator/{path}").status_code == 200
    assert client.get(f"/_simulator/{path}", environ_base=stranger).status_code == 403
    assert client.get("/_simulator/export/10129", environ_base=stranger).status_code == 200


def test_the_clock_is_set_and_forwarded_and_all_follows_it() -> None:
    member = Linked(simulator(), HEAVY_TRAINER)
    newest = member.get("/cycle", limit="1").get_json()["records"][0]
    answer = member.client.post("/_simulator/clock", json={"now": "2026-11-21T14:00:00Z"})
    assert answer.get_json() == {"now": "2026-11-21T14:00:00+00:00"}
    assert member.get("/cycle").status_code == 401, "the token's hour is over"
    after = member.records("/cycle")
    assert after[1]["id"] == newest["id"]
    assert after[1]["end"] == after[0]["start"]
    member.client.post("/_simulator/clock", json={"forward": 1.5})
    assert member.world.clock() == datetime(2026, 11, 21, 14, 0, 1, 500_000, tzinfo=UTC)
    assert member.client.post("/_simulator/clock", json={"forward": -1}).status_code == 400
    with pytest.raises(ValueError, match="later than"):
        member.world.advance(NOW)


def test_a_ticking_clock_goes_on_from_where_it_was_set() -> None:
    clock = Clock(NOW)
    assert NOW < clock() < NOW + timedelta(minutes=1)
    clock.set(NOW + timedelta(days=3))
    clock.tick(on=False)
    assert clock() == clock() > NOW + timedelta(days=3)


def test_a_clock_of_somebody_elses_is_not_set(build: Build) -> None:
    answer = build().test_client().post("/_simulator/clock", json={"forward": 1})
    assert answer.status_code == 409


def test_the_journal_goes_on_where_it_was_left() -> None:
    member = Linked(simulator(), HEAVY_TRAINER)
    for path in ("/cycle", "/recovery", "/cycle"):
        member.get(path)
    told = member.client.get("/_simulator/journal?since=1").get_json()
    assert [call["path"] for call in told["calls"]] == ["/developer/v2/recovery", "/developer/v2/cycle"]  # fmt: skip
    assert {call["member"] for call in told["calls"]} == {HEAVY_TRAINER}
    assert member.client.get(f"/_simulator/journal?since={told['next']}").get_json()["calls"] == []
    assert member.pair.access_token not in str(told)


def test_refreshing_is_written_down_with_app_and_member() -> None:
    member = Linked(simulator(), HEAVY_TRAINER)
    member.refresh(member.pair.refresh_token or "")
    call = member.world.journal[-1]
    assert (call.app, call.member, call.is_api) == (CLIENT_ID, HEAVY_TRAINER, False)


def test_the_journal_is_bounded_and_its_counts_are_not_lost() -> None:
    member = Linked(simulator(journal_kept=5), HEAVY_TRAINER)
    for _ in range(8):
        member.get("/cycle")
    assert [call.number for call in member.world.journal] == [4, 5, 6, 7, 8]
    counted = member.world.journal.counted()
    assert counted == {MemberDay(CLIENT_ID, HEAVY_TRAINER, NOW.date()): 8}
    told = member.client.get("/_simulator/counters").get_json()
    assert told["per_day"] == [[CLIENT_ID, HEAVY_TRAINER, "2026-11-20", 8]]
    assert told["worst_minute"] == {CLIENT_ID: 5}


def test_counts_older_than_forty_days_are_forgotten() -> None:
    journal = Journal(kept=1)
    for day in range(3000):
        journal.write(Call(NOW + timedelta(days=day), "GET", "/developer/v2/cycle", "", 200))
    assert 40 <= len(journal.counted()) <= 1041


def test_the_worst_minute_is_a_rolling_one() -> None:
    seconds = (0, 1, 30, 59, 60, 61, 200)
    calls = [
        Call(NOW + timedelta(seconds=each), "GET", "/developer/v2/cycle", "", 200, app="one")
        for each in seconds
    ]
    calls.append(Call(NOW, "POST", "/oauth/oauth2/token", "", 200, app="one"))
    assert worst(calls, timedelta(minutes=1)) == {"one": 4}
    assert worst(reversed(calls), timedelta(days=1)) == {"one": 7}
    assert worst([], timedelta(minutes=1)) == {}


def test_an_app_registered_later_has_its_own_secret_members_and_limits() -> None:
    app = simulator()
    first = Linked(app, HEAVY_TRAINER)
    told = {"client_id": "other", "client_secret": "other-secret", "per_minute": 2}
    answer = first.client.post("/_simulator/apps", json=told)
    assert "other-secret" not in answer.text
    second = Linked(app, HEAVY_TRAINER, client_id="other")
    assert [second.get("/cycle").status_code for _ in range(3)] == [200, 200, 429]
    assert first.get("/cycle").status_code == 200
    assert second.refresh(second.pair.refresh_token or "").status_code == 400, "not the first's"
    bearer = {"Authorization": f"Bearer {first.pair.access_token}"}
    first.client.delete("/developer/v2/user/access", headers=bearer)
    first.world.advance(first.world.clock() + timedelta(minutes=1))
    assert first.get("/cycle").status_code == 401
    assert second.get("/cycle").status_code == 200


def test_a_second_app_is_linked_through_the_pages(build: Build) -> None:
    browser = Browser(build())
    uri = "https://other.test/back"
    told = {"client_id": "other", "client_secret": "other-secret", "redirect_uris": [uri]}
    browser.client.post("/_simulator/apps", json=told)
    asked = {"client_id": "other", "redirect_uri": uri}
    assert browser.authorize(client_id="other", redirect_uri=REDIRECT_URI).status_code == 400
    page = browser.client.get(browser.consent_page(NAPPER, **asked))
    assert "https://other.test" in page.headers["Content-Security-Policy"]
    code = browser.decide(NAPPER, "allow", **asked)["code"]
    theirs = {"client_id": "other", "client_secret": "other-secret", "redirect_uri": uri}
    assert browser.exchange(code, redirect_uri=uri, client_secret=SECRET).status_code == 400
    assert browser.exchange(code, **theirs).status_code == 200


def test_many_are_linked_at_once() -> None:
    client = simulator(crowd=3).test_client()
    asked = {"user_ids": [FIRST_ID, FIRST_ID + 2]}
    pairs = client.post("/_simulator/grants", json=asked).get_json()
    for user_id, pair in pairs.items():
        headers = {"Authorization": f"Bearer {pair['access_token']}"}
        profile = client.get("/developer/v2/user/profile/basic", headers=headers).get_json()
        assert str(profile["user_id"]) == user_id
    assert client.post("/_simulator/grants", json={"user_ids": [1]}).status_code == 404
    assert client.get("/").text.count("members.example") == 12, "the crowd stays outside"


def test_the_manner_of_announcing_is_set_by_http() -> None:
    client = simulator().test_client()
    assert client.post("/_simulator/webhooks", json={"dropped": 1}).get_json()["manner"]["dropped"]
    assert client.post("/_simulator/webhooks", json={"dropped": 2}).status_code == 400
