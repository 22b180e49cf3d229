"""No address that came with a request leads anybody to another host, or us to one."""

from collections.abc import Callable
from itertools import product
from urllib.parse import urljoin, urlsplit

import pytest
import respx
from flask import Flask

from coach.outbound import NotAllowed, Outbound
from coach.web.htmx import own_path
from tests.cast import PASSWORD, Cast
from tests.critic import Critic

HOME = "https://coach.example/sign-in"
_HOSTS = (
    "evil.example",
    "evil.example/cabinet",
    "coach.example@evil.example",
    "[::1]",
    "169.254.169.254",
)
_LEADS = (
    *(
        "//",
        "///",
        "////",
        "/\\",
        "\\\\",
        "\\/",
        "/\t/",
        "/\n/",
        "/%09/",
        " //",
        "\t//",
        "\u2028//",
    ),
    *(
        "https://",
        "HTTPS://",
        "https:",
        "https:/",
        "https:\\\\",
        "http:///",
        "ftp://",
        "//user:pass@",
    ),
)
ELSEWHERE = (
    *(lead + host for lead, host in product(_LEADS, _HOSTS)),
    *("javascript:alert(1)", "data:text/html,x", "vbscript:x", "/\r\nLocation: //evil.example"),
    *("", " ", ".evil.example", "@evil.example", "/cabinet\\@evil.example", "?next=//evil.example"),
)
Figures = Callable[[str, object], None]


def _leaves(target: str) -> bool:
    """Say where a browser would go: it drops tabs and line breaks and turns backslashes round."""
    seen = target.strip().replace("\t", "").replace("\n", "").replace("\r", "").replace("\\", "/")
    return urlsplit(urljoin(HOME, seen)).netloc != urlsplit(HOME).netloc


def test_nothing_of_the_corpus_is_taken_for_a_path_of_ours(record_property: Figures) -> None:
    taken = [target for target in ELSEWHERE if own_path(target) is not None and _leaves(target)]
    record_property("hostile", {"redirects": len(ELSEWHERE), "redirect successes": len(taken)})
    assert taken == []
    assert [own_path(path) for path in ("/", "/cabinet?x=1", "/a/b#c")] == [
        "/",
        "/cabinet?x=1",
        "/a/b#c",
    ]


@pytest.mark.parametrize("target", ELSEWHERE[:: len(ELSEWHERE) // 12])
@pytest.mark.parametrize("htmx", [False, True])
def test_no_door_leads_to_another_host(app: Flask, cast: Cast, target: str, *, htmx: bool) -> None:
    browser = Critic.of(app)
    headers = {"HX-Request": "true"} if htmx else {}
    said = {"email": cast.bea.email, "password": PASSWORD, "next": target}
    answers = [browser.post_form("/sign-in", said, headers=headers)]
    for path in ("/account/proof", "/sign-in"):
        where = {"next": target, "return_to": target}
        answers.append(browser.get(path, query_string=where, headers=headers))
        proof = {"password": PASSWORD, "csrf_token": browser.token()}
        answers.append(browser.post(path, query_string=where, data=proof, headers=headers))
    for answer in answers:
        assert answer.status_code < 500
        for name in ("Location", "HX-Redirect", "HX-Location", "HX-Push-Url"):
            assert not _leaves(answer.headers.get(name, "/")), (name, target)


def test_we_call_nobody_whose_address_came_with_data(
    respx_mock: respx.MockRouter, record_property: Figures
) -> None:
    door = Outbound(["https://api.whoop.test"])
    hosts = (
        *_HOSTS,
        "api.whoop.test.evil.example",
        "api.whoop.test@evil.example",
        "0x7f.1",
        "localhost",
    )
    tried = [
        f"{scheme}{host}/"
        for scheme, host in product(("https://", "http://", "//", "gopher://"), hosts)
    ]
    for url in tried:
        with pytest.raises(NotAllowed):
            door.request("GET", url)
    record_property("hostile", {"SSRF": len(tried), "SSRF successes": len(respx_mock.calls)})
    assert not respx_mock.calls
