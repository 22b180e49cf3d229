"""A test client that reads every answer as a critic would."""

import re
from html.parser import HTMLParser
from typing import Any, ClassVar, Self

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.cast import PASSWORD, Somebody

# Tokens and ids, by which one page differs from the same one of a moment before.
OF_THIS_ANSWER = re.compile(r"[\w.-]{24,}")
VOID = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "use", "wbr"}


class Reader(HTMLParser):
    """Collects what a page must have, and what it must not."""

    def __init__(self) -> None:
        super().__init__()
        self.headings = 0
        self.title = ""
        self.open: list[str] = []
        self.faults: list[str] = []
        self._in_title = self._in_heading = False
        self.heading = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        self.faults += [
            f"{tag} has {name}" for name in given if name == "style" or name[:2] == "on"
        ]
        if tag == "style" or (tag == "script" and "src" not in given):
            self.faults.append(f"inline {tag}")
        if tag == "form" and given.get("method", "get").lower() == "post":  # type: ignore[union-attr]
            self.faults += [] if given.get("method") else ["form without method"]
        self.headings += tag == "h1"
        self._in_title = tag == "title" and "svg" not in self.open
        self._in_heading = tag == "h1"

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        if self._in_heading:
            self.heading += data

    def handle_endtag(self, tag: str) -> None:
        self._in_title = self._in_heading = False
        if tag not in VOID and (not self.open or self.open.pop() != tag):
            self.faults.append(f"</{tag}> closes something else")


class Critic(FlaskClient):
    """Signs people in, and refuses pages that break our own rules."""

    _known = ("", "")  # a session, and its CSRF token
    _fine: ClassVar[set[int]] = set()  # pages that were read, but for what differs each time

    def open(self, *args: Any, **keywords: Any) -> TestResponse:
        response = super().open(*args, **{"buffered": True, **keywords})
        if (response.content_type or "").startswith(
            "text/html"
        ) and response.status_code not in range(300, 400):
            self._judge(response)
        return response

    @classmethod
    def of(cls, app: Flask) -> Self:
        """Give a fresh browser for an application."""
        return cls(app, response_wrapper=TestResponse, use_cookies=True)

    def sign_in(self, who: Somebody, password: str = PASSWORD) -> Self:
        self.post_form("/sign-in", {"email": who.email, "password": password})
        return self

    def post_form(
        self, path: str, data: dict[str, Any] | None = None, *, page: str = "", **more: Any
    ) -> TestResponse:
        """Post with the CSRF token of this session, or of a page that is opened for it."""
        token = self.token(page) if page else self._token_of_session()
        return self.post(path, data={**(data or {}), "csrf_token": token}, **more)

    def type_value(self, day: str, name: str, value: str = "", *, do: str = "set") -> TestResponse:
        """Type into one field of a day, as its page shows it; `do` as its buttons say."""
        page = f"{day}/fields/{name}"
        seen = re.search(r'name="seen" value="(\w+)"', self.get(page).text)
        assert seen, page
        return self.post_form(page, {"do": do, "value": value, "seen": seen[1]})

    def token(self, page: str = "/sign-in") -> str:
        for candidate in (page, "/account"):
            found = re.search(r'name="csrf_token"\s+value="([^"]+)"', self.get(candidate).text)
            if found:
                return found[1]
        raise AssertionError("no form with a CSRF token here")

    def _token_of_session(self) -> str:
        """Ask for the token again only when the session is another one, or has ended."""
        session, token = self._known
        if not session or session != self._session():
            token = self.token()
            self._known = (self._session(), token)
        return token

    def _session(self) -> str:
        name: str = self.application.config["SESSION_COOKIE_NAME"]
        found = self.get_cookie(name)
        return found.value if found else ""

    def _judge(self, response: TestResponse) -> None:
        policy = response.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        words = OF_THIS_ANSWER.sub("", response.text)
        if hash(words) not in self._fine:
            self._read(response.text, response.request.path)
            self._fine.add(hash(words))

    @staticmethod
    def _read(page: str, path: str) -> None:
        reader = Reader()
        reader.feed(page)
        assert not reader.faults, reader.faults
        assert not reader.open, f"never closed: {reader.open}"
        if "<!doctype" in page.lower():
            assert reader.headings == 1, f"{reader.headings} h1 on {path}"
            assert reader.title.strip().startswith(reader.heading.strip())
