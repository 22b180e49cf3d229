"""Somebody who is signed in, for requests that are sent without a browser."""

from flask import Flask

from tests.cast import Somebody
from tests.critic import Critic


def cookie_of(app: Flask, who: Somebody) -> str:
    """Sign in; the header by which every web process of the installation knows this person."""
    browser = Critic.of(app).sign_in(who)
    found = browser.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert found is not None
    return f"{found.key}={found.value}"
