"""The walk through WHOOP's own pages, by plain requests."""

import re
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.loopback import TRUSTS_NOBODY


def target_of(page: str) -> str:
    """Find the link that leads on to WHOOP."""
    found = re.search(r'href="(http[^"]+/auth\?[^"]+)"', page)
    assert found, page
    return found[1].replace("&amp;", "&")


def allow_at(origin: str, page: str, member: str, decision: str = "allow") -> str:
    """Sign in at WHOOP as `member` and decide; returns where the browser is sent back to."""
    with httpx.Client(verify=TRUSTS_NOBODY) as client:
        login = client.get(target_of(page)).headers["location"]
        challenge = parse_qs(urlsplit(login).query)["login_challenge"][0]
        consent = client.post(
            f"{origin}/oauth/login",
            data={
                "login_challenge": challenge,
                "email": f"{member}@members.example",
                "password": "x",
            },
        ).headers["location"]
        challenge = parse_qs(urlsplit(consent).query)["consent_challenge"][0]
        back = client.post(
            f"{origin}/oauth/consent",
            data={"consent_challenge": challenge, "decision": decision},
        ).headers["location"]
    parts = urlsplit(back)
    return f"{parts.path}?{parts.query}"
