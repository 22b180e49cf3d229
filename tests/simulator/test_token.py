"""The token endpoint: one-use codes, and pairs that die when they are replaced."""

import pytest

from coach.simulator.grants import Reuse, pkce_challenge
from tests.simulator.browser import HEAVY_TRAINER, SECRET, Browser, Clock
from tests.simulator.conftest import Build

PROFILE = "/v2/user/profile/basic"


def test_a_code_becomes_a_pair_that_does_not_say_whose_it_is(browser: Browser) -> None:
    answer = browser.exchange(browser.decide(HEAVY_TRAINER, "allow")["code"])
    body = answer.get_json()
    assert set(body) == {"access_token", "refresh_token", "expires_in", "scope", "token_type"}
    assert (body["expires_in"], body["token_type"]) == (3600, "bearer")
    assert answer.headers["Cache-Control"] == "no-store"


def test_without_offline_there_is_no_refresh_token(browser: Browser) -> None:
    assert "refresh_token" not in browser.link(HEAVY_TRAINER, "read:profile")


def test_a_code_works_once_and_a_second_use_ends_the_grant(browser: Browser) -> None:
    code = browser.decide(HEAVY_TRAINER, "allow")["code"]
    access = browser.exchange(code).get_json()["access_token"]
    again = browser.exchange(code)
    assert (again.status_code, again.get_json()["error"]) == (400, "invalid_grant")
    assert browser.get(access, PROFILE).status_code == 401


def test_a_code_expires_after_ten_minutes(browser: Browser, clock: Clock) -> None:
    code = browser.decide(HEAVY_TRAINER, "allow")["code"]
    clock.forward(minutes=10)
    assert browser.exchange(code).get_json()["error"] == "invalid_grant"


def test_a_code_is_bound_to_its_redirect_uri(browser: Browser) -> None:
    code = browser.decide(HEAVY_TRAINER, "allow")["code"]
    answer = browser.exchange(code, redirect_uri="https://coach.test/other")
    assert answer.get_json()["error"] == "invalid_grant"


@pytest.mark.parametrize(("verifier", "status"), [("v" * 64, 200), ("w" * 64, 400), ("", 400)])
def test_a_challenge_wants_its_verifier(browser: Browser, verifier: str, status: int) -> None:
    challenge = {"code_challenge": pkce_challenge("v" * 64), "code_challenge_method": "S256"}
    code = browser.decide(HEAVY_TRAINER, "allow", **challenge)["code"]
    assert browser.exchange(code, code_verifier=verifier).status_code == status


def test_the_challenge_is_that_of_the_standard() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636, appendix B
    assert pkce_challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize(
    "wrong", [{"client_secret": "guess"}, {"client_id": "other"}, {"client_secret": ""}]
)
def test_a_wrong_secret_is_an_invalid_client(browser: Browser, wrong: dict[str, str]) -> None:
    answer = browser.token(grant_type="refresh_token", refresh_token="x", **wrong)
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


def test_credentials_in_a_header_are_not_taken(browser: Browser) -> None:
    answer = browser.client.post(
        "/oauth/oauth2/token", auth=("coach-client", SECRET), data={"grant_type": "refresh_token"}
    )
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "x"}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "never issued"}, "invalid_grant"),
    ],
)
def test_other_requests_are_refused_with_their_error(
    browser: Browser, form: dict[str, str], error: str
) -> None:
    answer = browser.token(**form)
    assert (answer.status_code, answer.get_json()["error"]) == (400, error)


def test_a_refresh_kills_both_old_tokens_at_once(browser: Browser) -> None:
    old = browser.link(HEAVY_TRAINER)
    new = browser.refresh(old["refresh_token"]).get_json()
    assert {old["access_token"], old["refresh_token"]}.isdisjoint(new.values())
    assert browser.get(old["access_token"], PROFILE).status_code == 401
    assert browser.get(new["access_token"], PROFILE).status_code == 200
    assert new["scope"] == old["scope"]


def test_a_spent_refresh_token_takes_the_whole_family_down(browser: Browser) -> None:
    old = browser.link(HEAVY_TRAINER)
    new = browser.refresh(old["refresh_token"]).get_json()
    assert browser.refresh(old["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert browser.get(new["access_token"], PROFILE).status_code == 401
    assert browser.refresh(new["refresh_token"]).status_code == 400


def test_another_grant_of_the_same_member_survives_that(browser: Browser) -> None:
    old, other = browser.link(HEAVY_TRAINER), browser.link(HEAVY_TRAINER)
    browser.refresh(old["refresh_token"])
    browser.refresh(old["refresh_token"])
    assert browser.get(other["access_token"], PROFILE).status_code == 200


def test_the_mild_way_only_refuses_the_spent_token(build: Build) -> None:
    browser = Browser(build(reuse=Reuse.STRICT))
    old = browser.link(HEAVY_TRAINER)
    new = browser.refresh(old["refresh_token"]).get_json()
    assert browser.refresh(old["refresh_token"]).status_code == 400
    assert browser.get(new["access_token"], PROFILE).status_code == 200


def test_an_access_token_lives_an_hour_and_its_refresh_token_longer(
    browser: Browser, clock: Clock
) -> None:
    pair = browser.link(HEAVY_TRAINER)
    clock.forward(seconds=3600)
    assert browser.get(pair["access_token"], PROFILE).status_code == 401
    assert browser.refresh(pair["refresh_token"]).status_code == 200
