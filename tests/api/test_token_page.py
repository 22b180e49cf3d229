"""The page of tokens, and the command."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from flask import Flask

from coach.__main__ import coach
from coach.api import tokens
from coach.api.models import ApiToken, Holder
from coach.api.scopes import Scope
from coach.database.tenancy import act_for, act_for_nobody
from coach.extensions import db
from tests.api.conftest import Program, a_token
from tests.cast import Cast
from tests.critic import Critic
from tests.test_cli import environment

FORM = {"name": "Our app", "scope": ["read:days"], "days": "90"}


def made_by(browser: Critic, form: Mapping[str, object] = FORM) -> str:
    page = browser.post_form("/account/tokens", dict(form)).text
    found = re.search(r"<code data-token>(coach_[\w-]+)</code>", page)
    assert found
    return found[1]


def test_a_token_is_shown_once_and_works_until_it_is_revoked(
    app: Flask, cast: Cast, browser: Critic
) -> None:
    token = made_by(browser.sign_in(cast.bea))
    program = Program(app.test_client(use_cookies=False), token)
    assert program.get("/clients/me/profile").status_code == 200
    page = browser.get("/account/tokens").text
    assert token not in page
    path = re.search(r'action="(/account/tokens/[^"]+/revocation)"', page)
    assert path
    browser.post_form(path[1])
    assert program.get("/clients/me/profile").status_code == 401


def test_only_an_owner_makes_a_token_of_a_service(app: Flask, cast: Cast) -> None:
    said = {**FORM, "holder": "service", "scope": ["read:roster"]}
    tokens_of = [made_by(Critic.of(app).sign_in(who), said) for who in (cast.olga, cast.carla)]
    counts = [
        len(Program(app.test_client(use_cookies=False), token).get("/clients").json["items"])
        for token in tokens_of
    ]
    assert counts == [2, 0]


def test_a_token_without_a_name_or_scope_is_not_made(cast: Cast, browser: Critic) -> None:
    answer = browser.sign_in(cast.bea).post_form("/account/tokens", {"name": ""})
    assert answer.status_code == 422


def test_nobody_revokes_anothers_token(app: Flask, cast: Cast, browser: Critic) -> None:
    a_token(app, cast.ann)
    with app.app_context():
        act_for(cast.ann.organisation_id, user_id=None, session=db.session())
        token_id = db.session.scalar(db.select(ApiToken.id))
        act_for_nobody()
    answer = browser.sign_in(cast.bea).post_form(f"/account/tokens/{token_id}/revocation")
    assert answer.status_code == 404


def test_an_expired_token_opens_nothing(app: Flask, cast: Cast) -> None:
    with app.app_context():
        act_for(cast.bea.organisation_id, user_id=None, session=db.session())
        past = datetime.now(UTC) - timedelta(seconds=1)
        wanted = tokens.Wanted("old", Holder.PERSON, [Scope.READ_DAYS], past)
        mine = {"organisation_id": cast.bea.organisation_id, "user_id": cast.bea.user_id}
        _made, token = tokens.make(wanted, by=None, **mine)
        db.session.commit()
        act_for_nobody()
    answer = Program(app.test_client(use_cookies=False), token).get("/clients/me/profile")
    assert answer.status_code == 401


@pytest.fixture
def limited(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    few = app.config["SETTINGS"].model_copy(
        update={"api_rate_limit_per_minute": 2, "cors_origins": "https://app.example"}
    )
    monkeypatch.setitem(app.config, "SETTINGS", few)
    return app


def test_more_calls_than_a_minute_allows_wait(limited: Flask, cast: Cast) -> None:
    program = Program(limited.test_client(use_cookies=False), a_token(limited, cast.bea))
    answers = [program.get("/clients/me/profile") for _ in range(6)]
    refused = [each for each in answers if each.status_code == 429]
    assert refused  # a minute may end in between
    assert int(refused[0].headers["Retry-After"]) <= 60


def test_pages_of_origins_in_the_settings_may_call_without_credentials(
    limited: Flask, cast: Cast
) -> None:
    program = Program(limited.test_client(use_cookies=False), a_token(limited, cast.bea))
    ours = program("OPTIONS", "/clients", headers={"Origin": "https://app.example"})
    assert ours.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert "Access-Control-Allow-Credentials" not in ours.headers
    other = program("OPTIONS", "/clients", headers={"Origin": "https://other.example"})
    assert "Access-Control-Allow-Origin" not in other.headers


def test_a_cookie_of_a_signed_in_browser_means_nothing(cast: Cast, browser: Critic) -> None:
    assert browser.sign_in(cast.bea).get("/api/v1/clients/me/profile").status_code == 401


def test_the_command_makes_lists_and_revokes(app: Flask, cast: Cast) -> None:
    with app.app_context():
        act_for(cast.ann.organisation_id, user_id=None, session=db.session())
        slug = db.session.scalar(db.text("SELECT slug FROM organisations"))
        act_for_nobody()
    there = ["--organisation", str(slug)]

    def run(*words: str) -> dict[str, str]:
        done = CliRunner().invoke(coach, ["tokens", *words, *there], env=environment(app))
        assert done.exit_code == 0, done.output
        return dict(line.split("=", 1) for line in done.output.splitlines())

    made = run("create", "Our back end", "--scope", "read:roster")
    program = Program(app.test_client(use_cookies=False), made["token"])
    assert len(program.get("/clients").json["items"]) == 2
    assert run("list")["holder"] == "service"
    run("revoke", made["token_id"])
    assert program.get("/clients").status_code == 401
