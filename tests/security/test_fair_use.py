"""What costs much may be done often, and not without end: by a person, or by all of a business."""

from collections.abc import Callable
from time import time
from uuid import UUID

import pytest
from flask import Flask
from redis import Redis
from redis.exceptions import ConnectionError as NotThere
from werkzeug.test import TestResponse

from coach.accounts.fair_use import CONNECT, EXPORT, IMPORT, INVITE, SEARCH, Use
from tests.cast import Cast
from tests.critic import Critic

Do = Callable[[Critic, Cast], TestResponse]
GUEST = {"name": "N", "email": "n@example.org", "role": "client", "timezone": "UTC"}


def _get(path: str) -> Do:
    return lambda browser, cast: browser.get(path.format(cast.bea.client_id))


def _post(path: str, **fields: str) -> Do:
    return lambda browser, _: browser.post_form(path, fields)


WAYS: dict[str, tuple[Use, str, Do]] = {
    "link": (CONNECT, "bea", _post("/cabinet/whoop/connect", agree="yes")),
    "everything": (EXPORT, "bea", _get("/cabinet/export/data.zip")),
    "a table": (EXPORT, "bea", _get("/cabinet/export/days.csv")),
    "everything later": (EXPORT, "bea", _post("/cabinet/data/export")),
    "a summary": (EXPORT, "bea", _get("/cabinet/summary.pdf")),
    "a client's days": (EXPORT, "ann", _get("/dashboard/clients/{}/export.csv")),
    "a client's summary": (EXPORT, "ann", _get("/dashboard/clients/{}/summary.pdf")),
    "an upload": (IMPORT, "bea", _post("/cabinet/imports")),
    "an invitation": (INVITE, "ann", _post("/invitations", **GUEST)),
    "invitations": (INVITE, "ann", _post("/invitations/many", list="n@example.org")),
    "a search": (SEARCH, "ann", _get("/dashboard?q=bea")),
}


def use_up(app: Flask, use: Use, who: UUID, most: int) -> None:
    """Let somebody have done so much in this window, and in the one that may begin meanwhile."""
    redis: Redis = app.extensions["redis"]
    for window in range(2):
        key = f"coach:use:{use.name}:{who}:{int(time()) // use.seconds + window}"
        redis.set(key, most, ex=use.seconds)


@pytest.mark.parametrize("way", WAYS)
def test_a_person_who_has_had_enough_is_told_when_to_come_back(
    app: Flask, cast: Cast, way: str
) -> None:
    use, name, do = WAYS[way]
    browser = Critic.of(app).sign_in(getattr(cast, name))
    assert do(browser, cast).status_code in {200, 303, 422}
    use_up(app, use, getattr(cast, name).user_id, use.per_person)
    refused = do(browser, cast)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= use.seconds
    assert "Too many tries" in refused.text


def test_what_a_business_has_used_up_is_used_up_for_all_of_it_and_nobody_else(
    app: Flask, cast: Cast
) -> None:
    use_up(app, EXPORT, cast.ann.organisation_id, EXPORT.per_organisation)
    for somebody, code in ((cast.bea, 429), (cast.carl, 429), (cast.xenia, 200)):
        browser = Critic.of(app).sign_in(somebody)
        assert browser.get("/cabinet/export/days.csv").status_code == code


def test_a_long_list_counts_by_its_rows(app: Flask, cast: Cast) -> None:
    use_up(app, INVITE, cast.ann.user_id, INVITE.per_person - 2)
    ann = Critic.of(app).sign_in(cast.ann)
    listed = "\n".join(f"{letter}@example.org" for letter in "abc")
    assert ann.post_form("/invitations/many", {"list": listed}).status_code == 429


def test_while_redis_is_away_nobody_is_held_up(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise NotThere

    bea = Critic.of(app).sign_in(cast.bea)
    use_up(app, EXPORT, cast.bea.user_id, EXPORT.per_person)
    monkeypatch.setattr("redis.client.Pipeline.execute", away)
    assert bea.get("/cabinet/export/days.csv").status_code == 200
