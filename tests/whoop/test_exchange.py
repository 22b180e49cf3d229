"""The way back from WHOOP when WHOOP is not well: plain words, the right status, nothing stored."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses
from flask import Flask

from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.whoop.models import Integration
from coach.work.models import Work
from tests.cast import Cast
from tests.critic import Critic
from tests.whoop.walk import target_of

TOKEN = "https://whoop.test/oauth/oauth2/token"
GRANT = {"access_token": "a" * 40, "expires_in": 3600, "token_type": "bearer"}


def _come_back(app: Flask, cast: Cast) -> tuple[Critic, str]:
    """Begin the linking; gives the browser and the address WHOOP would send it to."""
    browser = Critic.of(app).sign_in(cast.bea)
    target = target_of(browser.post_form("/cabinet/whoop/connect", {"agree": "yes"}).text)
    asked = parse_qs(urlsplit(target).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["state"][0]) >= 32
    return browser, f"/cabinet/whoop-callback?code=c0de&state={asked['state'][0]}"


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        ({"status": 503, "body": "<html>down</html>"}, 503, "did not answer"),
        ({"body": requests.ConnectTimeout()}, 503, "did not answer"),
        ({"status": 200, "body": "not json"}, 503, "did not answer"),
        ({"status": 400, "json": {"error": "invalid_grant"}}, 400, "not valid any more"),
        ({"status": 401, "json": {"error": "invalid_client"}}, 502, "does not accept this"),
        ({"status": 200, "json": {**GRANT, "scope": "read:cycles"}}, 403, "allow all"),
    ],
)
def test_a_failed_exchange_says_what_to_do_and_stores_nothing(
    app: Flask, cast: Cast, answer: dict[str, object], status: int, words: str
) -> None:
    browser, back = _come_back(app, cast)
    with responses.RequestsMock() as whoop:
        whoop.post(TOKEN, **answer)
        page = browser.get(back)
        sent = whoop.calls[0].request.body
    assert page.status_code == status
    assert words in page.text
    assert "code_verifier=" in str(sent)
    assert "redirect_uri=http%3A%2F%2Flocalhost%2Fcabinet%2Fwhoop-callback" in str(sent)
    with app.app_context(), acting_for(cast.bea.organisation_id):
        assert db.session.scalar(db.select(Integration.id)) is None
        kinds = db.session.scalars(
            db.select(Work.kind).where(Work.organisation_id == cast.bea.organisation_id)
        )
        assert "whoop_sync" not in set(kinds)
        db.session.remove()


def test_verifiers_and_states_never_repeat(app: Flask, cast: Cast) -> None:
    browser = Critic.of(app).sign_in(cast.bea)
    seen = set()
    for _ in range(20):
        text = browser.post_form("/cabinet/whoop/connect", {"agree": "yes"}).text
        found = re.search(r"code_challenge=([\w-]+)", target_of(text))
        assert found
        seen.add(found[1])
    assert len(seen) == 20


def test_without_the_tick_nothing_begins(app: Flask, cast: Cast) -> None:
    browser = Critic.of(app).sign_in(cast.bea)
    answer = browser.post_form("/cabinet/whoop/connect", {"share": "sleep"})
    assert answer.status_code == 422
    assert "Tick the box to agree" in answer.text
    assert "checked" not in browser.get("/cabinet/sharing").text


def test_the_callback_is_never_kept_or_told_to_others(app: Flask, cast: Cast) -> None:
    browser = Critic.of(app).sign_in(cast.bea)
    answer = browser.get("/cabinet/whoop-callback?error=access_denied&error_description=<b>")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<b>" not in answer.text
