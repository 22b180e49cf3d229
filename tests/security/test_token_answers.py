"""Whatever WHOOP's token endpoint answers, linking ends in words, and stores nothing by halves."""

import json

import pytest
import requests
from flask import Flask

from tests.cast import Cast
from tests.critic import Critic
from tests.whoop.walk import target_of

GRANT = {"access_token": "a", "refresh_token": "r", "scope": "offline", "token_type": "bearer"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>down</html>",
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        json.dumps({**GRANT, "expires_in": "soon"}).encode(),
        json.dumps({**GRANT, "expires_in": 10**30}).encode(),
        json.dumps({**GRANT, "scope": None}).encode(),
        json.dumps({"error": {"nested": ["odd"]}}).encode(),
    ],
)
def test_an_odd_answer_of_the_token_endpoint_ends_in_words(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    browser = Critic.of(app).sign_in(cast.bea)
    leaving = browser.post_form("/cabinet/whoop/connect", {"agree": "yes"})
    state = target_of(leaving.text).partition("state=")[2].partition("&")[0]

    def answer(*_: object, **__: object) -> requests.Response:
        made = requests.Response()
        made.status_code, made._content = 200, body  # noqa: SLF001  # no other way to make one
        made.headers["Content-Type"] = "application/json"
        return made

    monkeypatch.setattr(requests.Session, "send", answer)
    page = browser.get(f"/cabinet/whoop-callback?code=c&state={state}")
    assert page.status_code in {400, 403, 502, 503}
    assert "WHOOP was not linked" in page.text
