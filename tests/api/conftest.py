"""Programs that call the API: one for each person of the cast, and a service."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from coach.accounts.models import Consent, FieldGroup
from coach.api import tokens
from coach.api.models import Holder
from coach.api.scopes import Scope
from coach.database.tenancy import act_for, act_for_nobody
from coach.extensions import db
from tests.cast import Cast, Somebody

EVERYTHING = tuple(Scope)


class Answer(TestResponse):
    """An answer whose JSON a test may look into without asking whether there is any."""

    json: Any


@dataclass
class Program:
    """A program with a token, or without one."""

    client: FlaskClient
    token: str | None

    def __call__(self, method: str, path: str, **more: Any) -> Answer:
        headers = dict(more.pop("headers", {}))
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        answer = self.client.open(f"/api/v1{path}", method=method, headers=headers, **more)
        return cast("Answer", answer)

    def get(self, path: str, **more: Any) -> Answer:
        return self("GET", path, **more)

    def post(self, path: str, said: object = None, **more: Any) -> Answer:
        return self("POST", path, json={} if said is None else said, **more)


MakeProgram = Callable[..., Program]


def a_token(app: Flask, who: Somebody, *scopes: Scope, service: bool = False) -> str:
    """Make a token of somebody, or of their organisation's service."""
    holder = Holder.SERVICE if service else Holder.PERSON
    with app.app_context():
        act_for(who.organisation_id, user_id=None, session=db.session())
        wanted = tokens.Wanted("test", holder, scopes or EVERYTHING)
        _made, token = tokens.make(
            wanted, organisation_id=who.organisation_id, user_id=who.user_id, by=who.user_id
        )
        db.session.commit()
        act_for_nobody()
    return token


@pytest.fixture
def program(app: Flask) -> MakeProgram:
    """Give a program of somebody with some scopes; all of them, when none is named."""

    def make(who: Somebody | None, *scopes: Scope, service: bool = False) -> Program:
        client = app.test_client(use_cookies=False)
        token = a_token(app, who, *scopes, service=service) if who else None
        return Program(client, token)

    return make


@pytest.fixture
def sharing(app: Flask, cast: Cast) -> Callable[..., None]:
    """Let Bea share some field groups with all her coaches."""

    def share(*groups: FieldGroup) -> None:
        with app.app_context():
            act_for(cast.bea.organisation_id, user_id=None, session=db.session())
            db.session.add_all(
                Consent(
                    organisation_id=cast.bea.organisation_id,
                    client_id=cast.bea.client_id,
                    field_group=group,
                    text_version="1",
                )
                for group in groups or FieldGroup
            )
            db.session.commit()
            act_for_nobody()

    return share
