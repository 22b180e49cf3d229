"""Sign-in and consent, and how they refuse."""

import pytest

from tests.simulator.browser import HEAVY_TRAINER, REDIRECT_URI, STATE, Browser, Clock, answers


def test_allowing_sends_a_code_and_the_state_back(browser: Browser) -> None:
    told = browser.decide(HEAVY_TRAINER, "allow")
    assert told["state"] == STATE
    assert told["code"]


def test_denying_sends_access_denied_and_the_state_back(browser: Browser) -> None:
    told = browser.decide(HEAVY_TRAINER, "deny")
    assert (told["error"], told["state"]) == ("access_denied", STATE)
    assert "code" not in told


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"state": "1234567"}, "invalid_state"),
        ({"state": ""}, "invalid_state"),
        ({"scope": "read:everything"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": "x" * 43}, "invalid_request"),
        ({"code_challenge": "x" * 43, "code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_a_wrong_request_comes_back_at_once_without_its_state(
    browser: Browser, changes: dict[str, str], error: str
) -> None:
    response = browser.authorize(**changes)
    assert response.location.startswith(f"{REDIRECT_URI}?")
    assert answers(response.location)["error"] == error
    assert answers(response.location)["state"] == ""


@pytest.mark.parametrize(
    "changes", [{"redirect_uri": f"{REDIRECT_URI}/"}, {"client_id": "somebody-else"}]
)
def test_a_foreign_app_or_address_is_never_redirected_to(
    browser: Browser, changes: dict[str, str]
) -> None:
    response = browser.authorize(**changes)
    assert response.status_code == 400
    assert "not registered" in response.text


def test_a_state_of_eight_characters_is_enough(browser: Browser) -> None:
    assert "login_challenge" in browser.authorize(state="12345678").location


def test_the_sign_in_page_offers_everybody_and_says_what_it_is(browser: Browser) -> None:
    page = browser.client.get(browser.authorize().location).text
    assert page.count("Sign in as") == 12
    assert "Simulated WHOOP, not WHOOP" in page


def test_an_unknown_address_is_asked_again(browser: Browser) -> None:
    key = answers(browser.authorize().location)["login_challenge"]
    form = {"login_challenge": key, "email": "<nobody>@members.example", "password": "x"}
    response = browser.client.post("/oauth/login", data=form)
    assert response.status_code == 422
    assert "&lt;nobody&gt;" in response.text


def test_the_consent_page_names_the_member_and_what_is_asked(browser: Browser) -> None:
    address = browser.consent_page(HEAVY_TRAINER, scope="read:sleep offline")
    page = browser.client.get(address).text
    assert "Mara Ironwood" in page
    assert "Sleep performance" in page
    assert "Day strain" not in page


def test_nobody_decides_before_signing_in(browser: Browser) -> None:
    key = answers(browser.authorize().location)["login_challenge"]
    form = {"consent_challenge": key, "decision": "allow"}
    assert browser.client.post("/oauth/consent", data=form).status_code == 400


def test_a_decision_counts_once(browser: Browser) -> None:
    key = answers(browser.consent_page(HEAVY_TRAINER))["consent_challenge"]
    form = {"consent_challenge": key, "decision": "allow"}
    statuses = [browser.client.post("/oauth/consent", data=form).status_code for _ in range(2)]
    assert statuses == [303, 400]


def test_a_sign_in_left_open_expires(browser: Browser, clock: Clock) -> None:
    login = browser.authorize().location
    clock.forward(minutes=10)
    assert browser.client.get(login).status_code == 400


def test_pages_allow_forms_to_lead_back_to_the_app_and_nothing_else(browser: Browser) -> None:
    policy = browser.client.get(browser.authorize().location).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' https://coach.test" in policy
