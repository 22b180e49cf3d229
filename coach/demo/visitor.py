"""Walks the pages as a browser would: signs in, agrees, links, uploads, types."""

import html
import re
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

import httpx

PATIENCE_SECONDS = 60.0
LOOK_EVERY_SECONDS = 0.3
SHARED = ["recovery", "sleep", "strain", "workouts"]
EVERYTHING = [*SHARED, "journal", "check_in"]


class Lost(Exception):
    """A page was not what a person would expect there."""


class Visitor:
    """One person with one browser."""

    def __init__(self, base_url: str, whoop_origin: str) -> None:
        self._whoop = whoop_origin
        self._browser = httpx.Client(base_url=base_url, timeout=30, follow_redirects=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._browser.close()

    def sign_in(self, email: str, password: str) -> None:
        """Sign in with the form."""
        self._send("/sign-in", "/sign-in", {"email": email, "password": password})

    def link_whoop(self, member: str) -> None:
        """Agree, go to WHOOP, sign in there as `member`, allow, and come back."""
        leaving = self._send(
            "/cabinet/whoop/connect",
            "/cabinet/whoop/connect",
            {"agree": "yes", "share": SHARED},
        )
        login = self._browser.get(_link_to(leaving, "/oauth2/auth?"))
        consent = self._browser.post(
            f"{self._whoop}/oauth/login",
            data={
                "login_challenge": _parameter(login, "login_challenge"),
                "email": f"{member}@members.example",
                "password": "anything",
            },
        )
        back = self._browser.post(
            f"{self._whoop}/oauth/consent",
            data={
                "consent_challenge": _parameter(consent, "consent_challenge"),
                "decision": "allow",
            },
        )
        if back.status_code != 200 or "whoop-card" not in back.text:
            raise Lost(f"linking {member} ended at {back.url.path} with {back.status_code}")

    def wait_until_synced(self) -> None:
        """Look at the card until it says that WHOOP is linked."""
        self._wait("/cabinet/whoop", "badge--good")

    def upload(self, name: str, content: bytes) -> None:
        """Upload an export, apply it and wait for its report."""
        page = self.send_export(name, content)
        self._wait(page, f"{page}/application")
        self.apply_export(page)
        self._wait(page, "alert--success")

    def apply_export(self, page: str) -> None:
        """Press Apply on the page of an upload that was read."""
        self._send(page, f"{page}/application", {})

    def send_export(self, name: str, content: bytes) -> str:
        """Upload an export; gives the address of its page, where it is being read."""
        token = self._token("/cabinet/imports")
        page = self._browser.post(
            "/cabinet/imports",
            data={"csrf_token": token, "share": SHARED},
            files={"file": (name, content, "application/zip")},
        )
        return page.url.path

    def type_value(self, day: str, field: str, value: str) -> None:
        """Type a value of a day by hand."""
        page = f"/cabinet/days/{day}/fields/{field}"
        seen = _found(r'name="seen"[^>]*value="(\w+)"', self._browser.get(page).text)
        self._send(page, page, {"seen": seen, "do": "set", "value": value})

    def share_everything(self) -> None:
        """Share what linking has not asked about too."""
        fields: dict[str, str | list[str]] = {"share": EVERYTHING}
        self._send("/cabinet/sharing", "/cabinet/sharing", fields)

    def check_in(self, answers: Mapping[str, str]) -> None:
        """Say how one is this morning."""
        self._send("/cabinet/check-in", "/cabinet/check-in", {**answers})

    def tag_today(self, kind: str) -> None:
        """Tag the days from today on."""
        self._send("/cabinet/tags", "/cabinet/tags", {"kind": kind})

    def newest_day(self) -> str:
        """Read the date of the newest day in the list."""
        rows = r'row-link"\s+href="/cabinet/days/([0-9-]+)"'
        return _found(rows, self._browser.get("/cabinet/days").text)

    def _send(self, form: str, target: str, fields: dict[str, str | list[str]]) -> httpx.Response:
        answer = self._browser.post(target, data={**fields, "csrf_token": self._token(form)})
        if answer.status_code != 200:
            raise Lost(f"{target} answered {answer.status_code}")
        return answer

    def _token(self, page: str) -> str:
        text = self._browser.get(page).text
        return _found(r'name="csrf_token"[^>]*value="([^"]+)"', text)

    def _wait(self, page: str, sign: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while sign not in self._browser.get(page).text:
            if time.monotonic() > deadline:
                raise Lost(f"{page} did not show {sign} within {PATIENCE_SECONDS:.0f} s")
            time.sleep(LOOK_EVERY_SECONDS)


def _link_to(page: httpx.Response, part: str) -> str:
    links = (html.unescape(link) for link in re.findall(r'href="([^"]+)"', page.text))
    return next(link for link in links if part in link)


def _parameter(page: httpx.Response, name: str) -> str:
    return parse_qs(urlsplit(str(page.url)).query)[name][0]


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise Lost(f"nothing like {pattern} on the page")
    return html.unescape(found[1])
