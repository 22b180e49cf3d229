"""What the API lets through, and in which order and portions."""

from uuid import UUID

import pytest

from tests.simulator.browser import (
    EARLY_BIRD,
    HEAVY_TRAINER,
    NAPPER,
    NEWCOMER,
    OLD_STRAP,
    PARENT,
    TRAVELLER,
    Browser,
    Clock,
    Tokens,
)
from tests.simulator.conftest import Build

NOBODYS = UUID(int=7)

COLLECTIONS = ("/v2/cycle", "/v2/recovery", "/v2/activity/sleep", "/v2/activity/workout")
SCOPE_OF = {
    "/v2/user/profile/basic": "read:profile",
    "/v2/user/measurement/body": "read:body_measurement",
    "/v2/cycle": "read:cycles",
    "/v2/cycle/1": "read:cycles",
    "/v2/cycle/1/recovery": "read:recovery",
    "/v2/cycle/1/sleep": "read:sleep",
    "/v2/recovery": "read:recovery",
    "/v2/activity/sleep": "read:sleep",
    f"/v2/activity/sleep/{NOBODYS}": "read:sleep",
    "/v2/activity/workout": "read:workout",
    f"/v2/activity/workout/{NOBODYS}": "read:workout",
}


@pytest.fixture
def pair(browser: Browser) -> Tokens:
    return browser.link(HEAVY_TRAINER)


@pytest.mark.parametrize("path", SCOPE_OF)
def test_without_the_scope_the_answer_is_the_same_401_as_without_a_token(
    browser: Browser, path: str
) -> None:
    others = " ".join(sorted({*SCOPE_OF.values()} - {SCOPE_OF[path]}))
    for token in (browser.link(HEAVY_TRAINER, others)["access_token"], "no such token"):
        answer = browser.get(token, path)
        assert (answer.status_code, answer.text) == (401, "Authorization was not valid")
        assert answer.mimetype == "text/plain"


@pytest.mark.parametrize("path", SCOPE_OF)
def test_with_only_its_scope_it_is_not_refused(browser: Browser, path: str) -> None:
    token = browser.link(HEAVY_TRAINER, SCOPE_OF[path])["access_token"]
    assert browser.get(token, path).status_code in {200, 404}


def test_a_member_sees_their_own_profile(browser: Browser, pair: Tokens) -> None:
    assert browser.get(pair["access_token"], "/v2/user/profile/basic").get_json() == {
        "user_id": HEAVY_TRAINER,
        "email": "mara@members.example",
        "first_name": "Mara",
        "last_name": "Ironwood",
    }


def test_revoking_ends_every_grant_of_the_member_and_nobody_elses(browser: Browser) -> None:
    one, two, other = (browser.link(who) for who in (HEAVY_TRAINER, HEAVY_TRAINER, NAPPER))
    bearer = {"Authorization": f"Bearer {one['access_token']}"}
    answer = browser.client.delete("/developer/v2/user/access", headers=bearer)
    assert (answer.status_code, answer.data) == (204, b"")
    assert browser.refresh(two["refresh_token"]).status_code == 400
    assert browser.get(other["access_token"], "/v2/cycle").status_code == 200


def test_a_member_may_revoke_behind_our_back(browser: Browser, pair: Tokens) -> None:
    assert browser.client.post(f"/_simulator/revoke/{HEAVY_TRAINER}").get_json() == {"revoked": 1}
    assert browser.get(pair["access_token"], "/v2/cycle").status_code == 401


@pytest.mark.parametrize("path", COLLECTIONS)
def test_ten_come_at_once_and_the_newest_first(browser: Browser, pair: Tokens, path: str) -> None:
    page = browser.get(pair["access_token"], path).get_json()
    assert len(page["records"]) == 10
    moments = [each.get("start", each["created_at"]) for each in page["records"]]
    assert moments == sorted(moments, reverse=True)


@pytest.mark.parametrize("path", COLLECTIONS)
def test_the_pages_together_are_the_whole_and_end_in_null(browser: Browser, path: str) -> None:
    token = browser.link(PARENT)["access_token"]
    found = browser.records(token, path)
    keys = [(each.get("id"), each.get("sleep_id")) for each in found]
    assert len(keys) == len(set(keys)) > 100


def test_a_page_token_holds_when_newer_records_come_in(
    browser: Browser, pair: Tokens, clock: Clock
) -> None:
    token = pair["access_token"]
    first = browser.get(token, "/v2/cycle", limit="5").get_json()
    clock.forward(hours=24)
    token = browser.refresh(pair["refresh_token"]).get_json()["access_token"]
    second = browser.get(token, "/v2/cycle", nextToken=first["next_token"]).get_json()
    assert second["records"][0]["end"] == first["records"][-1]["start"]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "26"}, {"limit": "0"}, {"limit": "many"}, {"limit": "-1"}, {"limit": "²"},
        {"start": "yesterday"}, {"end": "2026-13-01T00:00:00Z"}, {"nextToken": "not ours"},
        {"nextToken": "AAAA"}, {"nextToken": "é"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", COLLECTIONS)
def test_a_bad_query_is_a_400(
    browser: Browser, pair: Tokens, path: str, query: dict[str, str]
) -> None:
    assert browser.get(pair["access_token"], path, **query).status_code == 400


def test_the_filter_asks_when_it_happened_and_keeps_what_overlaps(
    browser: Browser, pair: Tokens
) -> None:
    token = pair["access_token"]
    whole = browser.records(token, "/v2/cycle")
    middle = whole[5]
    inside = browser.records(token, "/v2/cycle", start=str(middle["start"]), end=str(middle["end"]))
    # The one before ends when this one starts: "during (inclusive)". The one after starts at `end`.
    assert inside == [middle, whole[6]]


def test_the_open_cycle_is_in_every_span_that_reaches_it(browser: Browser, pair: Tokens) -> None:
    found = browser.records(pair["access_token"], "/v2/cycle", start="2026-11-20T13:59:00.000Z")
    assert [each["end"] for each in found] == [None]


def test_a_time_without_a_zone_is_utc(browser: Browser, pair: Tokens) -> None:
    token = pair["access_token"]
    named = browser.records(token, "/v2/activity/sleep", end="2026-11-01T12:00:00Z")
    bare = browser.records(token, "/v2/activity/sleep", end="2026-11-01T12:00:00")
    assert named == bare


def test_each_record_is_found_by_its_id(browser: Browser) -> None:
    token = browser.link(NAPPER)["access_token"]
    for path in ("/v2/cycle", "/v2/activity/sleep", "/v2/activity/workout"):
        record = browser.get(token, path).get_json()["records"][3]
        assert browser.get(token, f"{path}/{record['id']}").get_json() == record


def test_somebody_elses_record_is_not_found(browser: Browser, pair: Tokens) -> None:
    other = browser.link(NAPPER)["access_token"]
    cycle = browser.get(other, "/v2/cycle").get_json()["records"][0]["id"]
    assert browser.get(pair["access_token"], f"/v2/cycle/{cycle}").status_code == 404


def test_the_cycle_has_its_night_and_that_nights_recovery(browser: Browser) -> None:
    token = browser.link(NAPPER)["access_token"]
    naps = [each for each in browser.records(token, "/v2/activity/sleep") if each["nap"]]
    sleep = browser.get(token, f"/v2/cycle/{naps[3]['cycle_id']}/sleep").get_json()
    recovery = browser.get(token, f"/v2/cycle/{naps[3]['cycle_id']}/recovery").get_json()
    assert sleep["nap"] is False
    assert recovery["sleep_id"] == sleep["id"]


def test_a_cycle_without_recovery_is_a_404(browser: Browser) -> None:
    token = browser.link(NEWCOMER)["access_token"]
    first = browser.records(token, "/v2/cycle")[-1]
    assert browser.get(token, f"/v2/cycle/{first['id']}").status_code == 200
    assert browser.get(token, f"/v2/cycle/{first['id']}/recovery").status_code == 404
    assert browser.get(token, f"/v2/cycle/{first['id']}/sleep").status_code == 404


def test_naps_have_recoveries_unless_switched_off(build: Build) -> None:
    counts = []
    for switch in (True, False):
        browser = Browser(build(nap_recoveries=switch))
        token = browser.link(NAPPER)["access_token"]
        naps = {x["id"] for x in browser.records(token, "/v2/activity/sleep") if x["nap"]}
        kept = {x["sleep_id"] for x in browser.records(token, "/v2/recovery")}
        counts.append(len(naps & kept))
    assert counts[0] > 100
    assert counts[1] == 0


def test_nulls_can_be_left_out(build: Build) -> None:
    browser = Browser(build(nulls=False))
    token = browser.link(OLD_STRAP)["access_token"]
    assert "end" not in browser.get(token, "/v2/cycle").get_json()["records"][0]
    last = browser.get(token, "/v2/cycle", end="2020-01-01T00:00:00Z").get_json()
    assert last == {"records": []}


def test_offsets_are_written_as_whoop_writes_them(browser: Browser) -> None:
    here = browser.records(browser.link(EARLY_BIRD)["access_token"], "/v2/cycle")
    away = browser.records(browser.link(TRAVELLER)["access_token"], "/v2/cycle")
    assert {each["timezone_offset"] for each in here} == {"Z"}
    assert len({each["timezone_offset"] for each in away}) >= 4


@pytest.mark.parametrize(
    "path",
    [
        "/v1/cycle", "/v1/recovery", "/v1/user/profile/basic", "/v1/activity-mapping/93845",
        f"/v2/recovery/{NOBODYS}", "/v2/cycle/abc", "/v2/activity/sleep/12",
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_404(browser: Browser, pair: Tokens, path: str) -> None:
    assert browser.get(pair["access_token"], path).status_code == 404
