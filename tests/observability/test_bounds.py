"""No page waits long for what does not answer: bounds, and what people are told then."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from flask import Flask

from coach import app as application
from coach.app import create_app
from coach.extensions import db
from coach.whoop.models import WebhookEvent
from config import Settings
from tests.cast import Cast
from tests.conftest import close
from tests.critic import Critic
from tests.whoop.announcing import body, post


@pytest.fixture
def silent_queue(
    settings: Settings, documented_patience: float, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Flask, socket.socket]]:
    """An application whose Redis takes connections and never says a word."""
    monkeypatch.setattr(application, "QUEUE_SECONDS", documented_patience)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        made = create_app(settings.model_copy(update={"redis_url": address}))
        yield made, silent
        close(made)


@pytest.fixture
def exhausted(watched: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An application whose every database connection is in somebody's hands."""
    with watched.app_context():
        pool = db.engine.pool
    monkeypatch.setattr(pool, "_timeout", 0.05)
    with ExitStack() as held:
        for _ in range(pool.size() + pool._max_overflow):  # type: ignore[attr-defined]  # noqa: SLF001  # both are QueuePool's
            held.callback(pool.connect().close)
        yield watched


def test_a_silent_queue_is_asked_once_and_for_less_than_a_second(
    silent_queue: tuple[Flask, socket.socket],
) -> None:
    app, silent = silent_queue
    answer = Critic.of(app).get("/readyz")
    assert answer.json == {"status": "unavailable", "database": "ok", "queue": "unreachable"}
    silent.setblocking(False)  # noqa: FBT003  # the socket's own way
    silent.accept()[0].close()
    with pytest.raises(BlockingIOError):
        silent.accept()  # it was not tried again
    waits = app.extensions["redis"].connection_pool.connection_kwargs
    assert waits["socket_timeout"] + waits["socket_connect_timeout"] < 1


def test_a_queue_that_takes_no_work_is_not_ready(watched: Flask) -> None:
    redis = watched.extensions["redis"]
    try:
        redis.config_set("maxmemory", 1)
        answer = Critic.of(watched).get("/readyz")
    finally:
        redis.config_set("maxmemory", 0)
    assert answer.status_code == 503
    assert answer.json == {"status": "unavailable", "database": "ok", "queue": "refuses writes"}


@pytest.mark.parametrize("path", ["/", "/sign-in", "/dashboard", "/cabinet"])
@pytest.mark.parametrize("cookie", [True, False])
def test_without_a_free_connection_pages_say_when_to_come_back(
    exhausted: Flask, path: str, *, cookie: bool
) -> None:
    browser = Critic.of(exhausted)
    if cookie:
        browser.set_cookie("coach", "somebody's session")
    answer = browser.get(path, follow_redirects=True)
    if answer.status_code == 200:
        assert (path, cookie) == ("/sign-in", False), "who is nobody asks the database nothing"
        return
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Try again in a minute" in answer.text


def test_without_a_free_connection_no_announcement_is_acknowledged(exhausted: Flask) -> None:
    answer = post(exhausted, body(trace_id="nobody-keeps-me"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert Critic.of(exhausted).get("/readyz").json == {
        "status": "unavailable",
        "database": "unreachable",
        "queue": "ok",
    }


@pytest.mark.usefixtures("context")
def test_after_many_errors_no_connection_is_missing(watched: Flask, cast: Cast) -> None:
    browser = Critic.of(watched).sign_in(cast.ann)
    for _ in range(100):
        assert browser.get("/dashboard/clients/nobody").status_code == 404
        assert post(watched, b"no json").status_code == 401
    with watched.app_context():
        assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # QueuePool's
    stored = db.select(WebhookEvent).where(WebhookEvent.trace_id == "nobody-keeps-me")
    assert db.session.scalars(stored).all() == []
