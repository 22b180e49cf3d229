"""A service begins the linking of its client: the code counts once, for five minutes."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from coach.api import linking
from coach.work import clock
from tests.api.conftest import Program, a_token
from tests.cast import Cast
from tests.critic import Critic
from tests.whoop.conftest import NOW, Linker, linked_app, linker, whoop
from tests.whoop.walk import allow_at

__all__ = ["linked_app", "linker", "whoop"]
PAGE = "https://app.example.org/whoop"


@pytest.fixture
def service(linker: Linker, cast: Cast) -> Program:
    """Give the back end of Ann's organisation, whose owner has allowed one page."""
    client = linker.app.test_client(use_cookies=False)
    owner = Program(client, a_token(linker.app, cast.olga))
    allowed = owner("PUT", "/whoop/return-addresses", json={"items": [PAGE]})
    assert allowed.json == {"items": [PAGE]}
    return Program(client, a_token(linker.app, cast.olga, service=True))


def begin(service: Program, cast: Cast, return_to: str = f"{PAGE}?athlete=17") -> str:
    """Let a service begin; gives the path that the client opens."""
    said = {"client_id": str(cast.bea.client_id), "return_to": return_to}
    answer = service.post("/whoop/linking-codes", said)
    assert answer.status_code == 201, answer.text
    return urlsplit(answer.json["url"]).path


def leave(linker: Linker, path: str, **fields: object) -> tuple[Critic, str]:
    """Agree as a visitor with nothing but the address; gives the page that leads to WHOOP."""
    browser: Critic = Critic.of(linker.app)
    assert browser.get(path).status_code == 200
    return browser, browser.post_form(path, {"agree": "yes", **fields}).text


def test_a_client_without_signing_in_links_and_ends_on_the_organisations_page(
    linker: Linker, cast: Cast, service: Program
) -> None:
    browser, leaving = leave(linker, begin(service, cast), share=["sleep"])
    back = browser.get(allow_at(linker.whoop.origin, leaving, "mara"))
    assert back.status_code == 303
    assert back.headers["Location"] == f"{PAGE}?athlete=17&oauth=success&provider=whoop"
    assert back.headers["Referrer-Policy"] == "no-referrer"
    here = f"/clients/{cast.bea.client_id}"
    assert service.get(f"{here}/whoop").json["connected"] is True
    linker.work(cast.bea.organisation_id)
    assert service.get(f"{here}/sleeps/latest").status_code == 200  # shared on the page
    assert service.get(f"{here}/recoveries/latest").status_code == 404


def test_who_refuses_at_whoop_comes_back_with_nothing_linked(
    linker: Linker, cast: Cast, service: Program
) -> None:
    browser, leaving = leave(linker, begin(service, cast))
    back = browser.get(allow_at(linker.whoop.origin, leaving, "mara", "deny"))
    assert parse_qs(urlsplit(back.headers["Location"]).query)["oauth"] == ["denied"]
    connection = service.get(f"/clients/{cast.bea.client_id}/whoop").json
    assert connection["connected"] is False


def test_a_code_counts_once(linker: Linker, cast: Cast, service: Program) -> None:
    path = begin(service, cast)
    leave(linker, path)
    again = Critic.of(linker.app).get(path)
    assert again.status_code == 410
    assert "Ask for a new one" in again.text


def test_a_code_counts_for_five_minutes(linker: Linker, cast: Cast, service: Program) -> None:
    path = begin(service, cast)
    with clock.stopped_at(NOW + linking.LASTS + timedelta(days=3650)):
        assert Critic.of(linker.app).get(path).status_code == 410


def test_an_answer_of_whoop_counts_only_in_the_browser_that_began(
    linker: Linker, cast: Cast, service: Program
) -> None:
    browser, leaving = leave(linker, begin(service, cast))
    back = allow_at(linker.whoop.origin, leaving, "mara")
    other = Critic.of(linker.app).get(back)
    assert other.status_code == 303
    assert "/sign-in" in other.headers["Location"]
    assert "oauth=success" in browser.get(back).headers["Location"]
    assert "oauth=" not in browser.get(back).headers["Location"]


def test_nothing_begins_without_the_clients_word(
    linker: Linker, cast: Cast, service: Program
) -> None:
    path, browser = begin(service, cast), Critic.of(linker.app)
    browser.get(path)
    assert browser.post_form(path, {}).status_code == 422
    assert browser.get(path).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/whoop",
        "https://app.example.org.evil.example/whoop",
        "https://app.example.org/other",
        "https://app.example.org/whoop/../other",
        "https://app.example.org@evil.example/whoop",
        "https://app.example.org\\@evil.example/whoop",
        "http://app.example.org/whoop",
        "//app.example.org/whoop",
        "javascript:alert(1)",
        "https://[",
        "",
    ],
)
def test_a_browser_is_sent_nowhere_but_to_pages_on_the_list(
    cast: Cast, service: Program, address: str
) -> None:
    said = {"client_id": str(cast.bea.client_id), "return_to": address}
    answer = service.post("/whoop/linking-codes", said)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json["errors"]] == ["return_to"]


def test_no_person_and_no_stranger_begins_a_linking(
    linker: Linker, cast: Cast, service: Program
) -> None:
    said = {"client_id": str(cast.bea.client_id), "return_to": PAGE}
    client = linker.app.test_client(use_cookies=False)
    olga = Program(client, a_token(linker.app, cast.olga))
    assert olga.post("/whoop/linking-codes", said).status_code == 403
    stranger = Program(client, a_token(linker.app, cast.zoe, service=True))
    assert stranger.post("/whoop/linking-codes", said).status_code == 404
    assert service("PUT", "/whoop/return-addresses", json={"items": []}).status_code == 403


def test_only_pages_may_stand_on_the_list(app: Flask, cast: Cast) -> None:
    owner = Program(app.test_client(use_cookies=False), a_token(app, cast.olga))
    for address in ("http://app.example.org/", "ftp://x", "https://a@b/", "https://b/#x", "x"):
        answer = owner("PUT", "/whoop/return-addresses", json={"items": [address]})
        assert answer.json["errors"][0]["field"] == "items.0", address
