"""Who says where a request came from: as many proxies as are trusted, and nobody else."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask, request

from coach.web.security import secure
from config import Settings

REAL, PROXY, FORGED = "203.0.113.7", "10.0.0.1", "198.51.100.9"
CHAINS: tuple[tuple[dict[str, str], int, str], ...] = (
    ({}, 0, REAL),
    ({"X-Forwarded-For": FORGED}, 0, REAL),
    ({"X-Forwarded-For": REAL}, 1, REAL),
    ({"X-Forwarded-For": f"{FORGED}, {REAL}"}, 1, REAL),
    ({"X-Forwarded-For": f"{FORGED}, {REAL}, {PROXY}"}, 2, REAL),
    ({"X-Real-IP": FORGED, "Forwarded": f"for={FORGED}", "Client-IP": FORGED}, 1, REAL),
)


@contextmanager
def behind(settings: Settings, hops: int) -> Iterator[Flask]:
    app = Flask("behind")
    app.add_url_rule("/", "seen", lambda: f"{request.remote_addr} {request.scheme} {request.host}")
    secure(app, settings.model_copy(update={"trusted_proxies": hops}))
    yield app


@pytest.mark.parametrize(("headers", "hops", "seen"), CHAINS)
def test_the_address_is_the_one_that_the_trusted_proxy_added(
    settings: Settings, headers: dict[str, str], hops: int, seen: str
) -> None:
    with behind(settings, hops) as app:
        given = {"REMOTE_ADDR": REAL if hops == 0 or not headers.get("X-Forwarded-For") else PROXY}
        answer = app.test_client().get("/", headers=headers, environ_overrides=given)
    assert answer.text.split()[0] == seen


@pytest.mark.parametrize("hops", [0, 1, 2])
def test_no_header_names_our_host(settings: Settings, hops: int) -> None:
    forged = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Prefix": "/evil",
        "Forwarded": "host=evil",
    }
    with behind(settings, hops) as app:
        assert app.test_client().get("/", headers=forged).text.split()[2] == "localhost"


def test_without_a_proxy_nobody_says_that_this_is_https(settings: Settings) -> None:
    with behind(settings, 0) as app:
        answer = app.test_client().get("/", headers={"X-Forwarded-Proto": "https"})
    assert answer.text.split()[1] == "http"


@pytest.mark.parametrize("address", ["https://coach.example.org", "http://localhost"])
def test_on_https_browsers_are_told_to_stay_there(settings: Settings, address: str) -> None:
    with behind(settings.model_copy(update={"base_url": address}), 0) as app:
        kept = app.test_client().get("/").headers.get("Strict-Transport-Security")
    assert kept == ("max-age=63072000; includeSubDomains" if address[:5] == "https" else None)
