"""Browsers ask for an icon by themselves, beside every answer that names none."""

from tests.cast import Cast
from tests.critic import Critic


def test_the_icon_is_kept_and_costs_no_look_at_a_session(cast: Cast, browser: Critic) -> None:
    browser.sign_in(cast.ann)
    answer = browser.get("/favicon.ico")
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert answer.cache_control.max_age == 7 * 24 * 3600
    assert "Set-Cookie" not in answer.headers
