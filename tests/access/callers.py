"""People at their browsers who call the routes of the matrix, each signed in once."""

import re
from collections.abc import Mapping
from uuid import UUID

from flask import Flask
from werkzeug.test import TestResponse

from tests.access.matrix import VISITOR, Rule
from tests.cast import Cast
from tests.critic import Critic

# After these somebody has to sign in again.
ENDS_THE_SESSION = frozenset({"accounts.sign_out"})


class Caller:
    """Somebody of the cast, or a visitor; the session and its CSRF token serve every call."""

    def __init__(self, app: Flask, cast: Cast, person: str) -> None:
        self._app, self._cast, self.person = app, cast, person
        self._begin()

    def call(self, rule: Rule, ids: Mapping[str, UUID], *, method: str = "") -> TestResponse:
        """Call a route with the ids of some objects."""
        path, method = rule.path.format(**ids), method or rule.method
        data = {"csrf_token": self._token} if method == "POST" else None
        answer = self.browser.open(path, method=method, data=data)
        if rule.endpoint in ENDS_THE_SESSION:
            self._begin()
        return answer

    def is_signed_in(self) -> bool:
        return self.browser.get("/account").status_code == 200

    def _begin(self) -> None:
        self.browser = Critic.of(self._app)
        if self.person != VISITOR:
            self.browser.sign_in(getattr(self._cast, self.person))
        self._token = self.browser.token()


def allowed(person: str, rule: Rule) -> frozenset[int]:
    """Say which answers the matrix allows somebody; a visitor is sent to the sign-in page."""
    if person not in rule.role:
        return frozenset({303}) if person == VISITOR else frozenset({403})
    if rule.sees is not None and person not in rule.sees:
        return frozenset({404})
    return rule.ok


def told(answer: TestResponse) -> tuple[int, str, list[tuple[str, str]]]:
    """Give what an answer tells, without what differs by itself: ids of requests, CSRF masks."""
    text = re.sub(r"404 / \w+", "", answer.text)
    text = re.sub(r'(csrf_token"\s+value=|X-CSRFToken": )"[^"]+"', "", text)
    changing = {"x-request-id", "date", "content-length", "set-cookie", "server-timing"}
    headers = [(name, value) for name, value in answer.headers if name.lower() not in changing]
    return answer.status_code, text, headers
