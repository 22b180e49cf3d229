"""What a client does not share shows nowhere: not in cells, charts, counts or the order of rows."""

import re

from flask import Flask

from tests.cast import Cast, Somebody
from tests.critic import Critic

CANARIES = {
    "recovery_score": "91",
    "strain": "19.7",
    "hrv": "173",
    "resting_heart_rate": "117",
    "sleep_hours": "11.95",
    "notes": "my canary",
}


def _log_today(app: Flask, who: Somebody, **values: str) -> Critic:
    browser = Critic.of(app).sign_in(who)
    found = re.search(r'href="(/cabinet/days/[\d-]+)"', browser.get("/cabinet").text)
    assert found
    for name, value in values.items():
        assert browser.type_value(found[1], name, value).status_code == 303
    return browser


def _seen(app: Flask, who: Somebody, client: Somebody) -> str:
    coach = Critic.of(app).sign_in(who)
    addresses = ["/dashboard", "/dashboard?sort=-recovery", "/dashboard?sort=hrv"]
    addresses += [f"/dashboard/clients/{client.client_id}?days={days}" for days in (7, 365)]
    return "\n".join(coach.get(address).text for address in addresses)


def _found(page: str) -> set[str]:
    """Find the values as they would be written, not as a part of an id or an address."""
    shown = ("91%", "19.7", "173", "117", "11 h 57 min", "11:57", "my canary")
    return {value for value in shown if re.search(rf"(?<![\w.-]){value}(?![\w.-])", page)}


def test_without_consent_no_value_shows_anywhere(app: Flask, cast: Cast) -> None:
    _log_today(app, cast.bea, **CANARIES)
    for who in (cast.ann, cast.olga):
        seen = _seen(app, who, cast.bea)
        assert _found(seen) == set()
        assert "recovery--" not in seen


def test_only_what_is_shared_shows_and_only_until_it_is_taken_back(app: Flask, cast: Cast) -> None:
    bea = _log_today(app, cast.bea, **CANARIES)
    bea.post_form("/cabinet/sharing", {"share": "strain"})
    seen = _seen(app, cast.ann, cast.bea)
    assert _found(seen) == {"19.7"}
    bea.post_form("/cabinet/sharing", {})
    assert _found(_seen(app, cast.ann, cast.bea)) == set()


def test_the_order_of_the_roster_tells_nothing_that_is_not_shared(app: Flask, cast: Cast) -> None:
    _log_today(app, cast.bea, recovery_score="10")
    _log_today(app, cast.carl, recovery_score="90")
    before = _order(app, cast)
    _log_today(app, cast.bea, recovery_score="99")
    assert _order(app, cast) == before


def _order(app: Flask, cast: Cast) -> list[list[str]]:
    coach = Critic.of(app).sign_in(cast.ann)
    pages = [coach.get(f"/dashboard?sort={sort}recovery").text for sort in ("", "-")]
    return [re.findall(r"Bea|Carl", page) for page in pages]
