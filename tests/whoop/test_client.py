"""The client at the wire: what is asked, with which token, and what is answered."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from itertools import islice
from uuid import UUID

import httpx
import pytest
import respx

from coach.outbound import Outbound
from coach.whoop.client import Authorised, Limits, Transport, WhoopClient, pages
from coach.whoop.errors import (
    MissingScope,
    OurFault,
    SlowDown,
    TokenRefused,
    UnexpectedPayload,
)
from coach.whoop.payloads import RawPage
from tests.whoop import records
from tests.whoop.asking import BASE, Tokens, whoop

SLEEP = UUID(int=1)
ITEMS: dict[str, Callable[[WhoopClient], object]] = {
    "/v2/user/measurement/body": lambda client: client.body_measurement(),
    "/v2/cycle/7": lambda client: client.cycle(7),
    "/v2/cycle/7/sleep": lambda client: client.cycle_sleep(7),
    "/v2/cycle/7/recovery": lambda client: client.cycle_recovery(7),
    f"/v2/activity/sleep/{SLEEP}": lambda client: client.sleep(SLEEP),
    f"/v2/activity/workout/{SLEEP}": lambda client: client.workout(SLEEP),
}
LISTS: dict[str, Callable[[WhoopClient], RawPage]] = {
    "/v2/cycle": lambda client: client.cycles(),
    "/v2/activity/sleep": lambda client: client.sleeps(),
    "/v2/recovery": lambda client: client.recoveries(),
    "/v2/activity/workout": lambda client: client.workouts(),
}


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_asked_for_page_by_page(path: str, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(BASE + path).respond(json={"records": [{"id": 1}], "next_token": "on"})
    assert LISTS[path](whoop()) == RawPage([{"id": 1}], "on")
    sent = route.calls.last.request
    assert dict(sent.url.params) == {"limit": "25"}
    assert sent.headers["Authorization"] == "Bearer first"


@pytest.mark.parametrize("path", ITEMS)
def test_an_item_is_kept_as_it_came(path: str, respx_mock: respx.MockRouter) -> None:
    respx_mock.get(BASE + path).respond(json=records.sleep(brand_new=[1, None]))
    assert ITEMS[path](whoop()) == records.sleep(brand_new=[1, None])


@pytest.mark.parametrize("path", ITEMS)
def test_an_item_that_is_not_there_is_none(path: str, respx_mock: respx.MockRouter) -> None:
    respx_mock.get(BASE + path).respond(404)
    assert ITEMS[path](whoop()) is None


@pytest.mark.parametrize("path", LISTS)
def test_a_list_that_is_not_there_is_never_an_empty_one(
    path: str, respx_mock: respx.MockRouter
) -> None:
    respx_mock.get(BASE + path).respond(404)
    with pytest.raises(OurFault):
        LISTS[path](whoop())


def test_times_are_asked_for_in_utc(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(f"{BASE}/v2/cycle").respond(json={"records": []})
    local = datetime(2026, 5, 14, 2, tzinfo=timezone(timedelta(hours=2)))
    whoop().cycles(start=local, end=local + timedelta(days=1), next_token="on+/=")
    assert dict(route.calls.last.request.url.params) == {
        "limit": "25",
        "start": "2026-05-14T00:00:00.000Z",
        "end": "2026-05-15T00:00:00.000Z",
        "nextToken": "on+/=",
    }


def test_paging_repeats_the_span_with_every_token(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(f"{BASE}/v2/recovery")
    route.side_effect = [
        httpx.Response(200, json={"records": [{"n": 1}], "next_token": "a"}),
        httpx.Response(200, json={"records": [{"n": 2}], "next_token": "b"}),
        httpx.Response(200, json={"records": [], "next_token": None}),
    ]
    found = list(pages(whoop().recoveries, start=records.FELL_ASLEEP))
    assert [page.records for page in found] == [[{"n": 1}], [{"n": 2}], []]
    asked = [dict(call.request.url.params) for call in route.calls]
    assert [params.get("nextToken") for params in asked] == [None, "a", "b"]
    assert {params["start"] for params in asked} == {"2026-05-13T22:00:00.000Z"}


def test_paging_goes_on_from_a_kept_token(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(f"{BASE}/v2/cycle").respond(json={"records": []})
    assert len(list(pages(whoop().cycles, next_token="kept"))) == 1
    assert route.calls.last.request.url.params["nextToken"] == "kept"


def test_a_list_in_a_circle_is_left(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(f"{BASE}/v2/cycle")
    tokens = ["a", "b", "a"]
    route.side_effect = [
        httpx.Response(200, json={"records": [], "next_token": token}) for token in tokens
    ]
    with pytest.raises(UnexpectedPayload, match="circle"):
        list(pages(whoop().cycles))
    assert route.call_count == 3


def test_a_list_without_end_is_left_after_two_hundred_pages() -> None:
    tokens = iter(range(1000))

    def endless(**_span: object) -> RawPage:
        return RawPage([], str(next(tokens)))

    walk = pages(endless)
    assert len(list(islice(walk, 200))) == 200
    with pytest.raises(UnexpectedPayload, match="200 pages"):
        next(walk)


def test_a_refused_token_is_renewed_once_and_the_call_repeated(
    respx_mock: respx.MockRouter,
) -> None:
    route = respx_mock.get(f"{BASE}/v2/cycle")
    route.side_effect = [
        httpx.Response(401, text="Authorization was not valid"),
        httpx.Response(200, json={"records": []}),
    ]
    tokens = Tokens()
    assert whoop(tokens).cycles() == RawPage([], None)
    assert tokens.rejected == ["first"]
    assert [call.request.headers["Authorization"] for call in route.calls] == [
        "Bearer first",
        "Bearer second",
    ]


def test_a_fresh_token_that_is_refused_condemns_no_link_by_itself(
    respx_mock: respx.MockRouter,
) -> None:
    route = respx_mock.get(f"{BASE}/v2/cycle").respond(401, text="Authorization was not valid")
    tokens = Tokens()
    with pytest.raises(TokenRefused):
        whoop(tokens).cycles()
    assert (route.call_count, tokens.rejected) == (2, ["first"])


def test_a_401_about_a_scope_condemns_no_connection(respx_mock: respx.MockRouter) -> None:
    respx_mock.get(f"{BASE}/v2/user/measurement/body").respond(401, text="Insufficient scope")
    with pytest.raises(MissingScope) as refusal:
        whoop().body_measurement()
    assert refusal.value.scope == "read:body_measurement"


@pytest.mark.parametrize("ask", [*ITEMS.values(), *LISTS.values(), WhoopClient.profile])
def test_what_was_not_granted_costs_no_call_and_no_refresh(
    ask: Callable[[WhoopClient], object], respx_mock: respx.MockRouter
) -> None:
    tokens = Tokens(scopes=frozenset({"offline"}))
    with pytest.raises(MissingScope):
        ask(whoop(tokens))
    assert (len(respx_mock.calls), tokens.rejected) == (0, [])


def test_a_profile_tells_who_it_is(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(f"{BASE}/v2/user/profile/basic")
    route.respond(json={"user_id": 10129, "email": None, "first_name": "Bea"})
    profile = whoop().profile()
    assert (profile.user_id, profile.email, profile.first_name) == (10129, None, "Bea")


def test_a_profile_of_nobody_is_no_profile(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(f"{BASE}/v2/user/profile/basic")
    for answer in (httpx.Response(404), httpx.Response(200, json={"email": "a@b.test"})):
        route.mock(answer)
        with pytest.raises(UnexpectedPayload):
            whoop().profile()


def test_a_grant_is_given_back_whatever_it_covers(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.delete(f"{BASE}/v2/user/access").respond(204)
    whoop(Tokens(scopes=frozenset())).revoke_access()
    assert route.call_count == 1


def test_giving_back_a_grant_that_is_gone_says_so(respx_mock: respx.MockRouter) -> None:
    respx_mock.delete(f"{BASE}/v2/user/access").respond(401)
    with pytest.raises(TokenRefused):
        whoop().revoke_access()


def test_every_call_asks_the_pace_first(respx_mock: respx.MockRouter) -> None:
    def full() -> None:
        raise SlowDown(3)

    respx_mock.get(f"{BASE}/v2/cycle").respond(json={"records": []})
    with pytest.raises(SlowDown):
        whoop(before_call=full).cycles()
    assert not respx_mock.calls


def test_the_transport_counts_its_calls_and_reads_what_is_left(
    respx_mock: respx.MockRouter,
) -> None:
    headers = {
        "X-RateLimit-Limit": "100, 100;window=60, 10000;window=86400",
        "X-RateLimit-Remaining": "98",
        "X-RateLimit-Reset": "3",
    }
    respx_mock.get(f"{BASE}/v2/cycle").respond(401, headers=headers)
    transport = Transport(Outbound([BASE]), BASE)
    with pytest.raises(TokenRefused):
        WhoopClient(Authorised(transport, Tokens())).cycles()
    assert (transport.calls, transport.limits) == (2, Limits(98, 3))
