"""The app as a whole: where it runs, what it remembers, what it writes down."""

import re
import subprocess
import sys
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from threading import Thread
from urllib.request import urlopen

import pytest

from coach.simulator.app import NotInProduction, server
from tests.simulator.browser import HEAVY_TRAINER, STATE, Browser, Clock
from tests.simulator.conftest import Build


def test_it_refuses_to_start_in_production(build: Build) -> None:
    with pytest.raises(NotInProduction, match="ENVIRONMENT=production"):
        build(environment="production")


def test_two_of_the_same_seed_answer_alike_and_another_seed_does_not(build: Build) -> None:
    answers = []
    for seed in (1, 1, 2):
        browser = Browser(build(seed=seed))
        token = browser.link(HEAVY_TRAINER)["access_token"]
        answers.append(browser.get(token, "/v2/activity/sleep", limit="25").data)
    assert answers[0] == answers[1] != answers[2]


def test_grants_and_the_first_day_outlive_a_restart(
    build: Build, clock: Clock, tmp_path: Path
) -> None:
    state = tmp_path / "simulator" / "state.json"
    first = Browser(build(state_file=state))
    pair = first.link(HEAVY_TRAINER)
    before = first.records(pair["access_token"], "/v2/cycle")
    clock.forward(days=2)
    second = Browser(build(state_file=state))
    pair = second.refresh(pair["refresh_token"]).get_json()
    after = second.records(pair["access_token"], "/v2/cycle")
    assert after[-1] == before[-1]
    assert len(after) == len(before) + timedelta(days=2).days


def test_the_state_file_is_private_and_holds_no_token(build: Build, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    pair = Browser(build(state_file=state)).link(HEAVY_TRAINER)
    assert state.stat().st_mode & 0o777 == 0o600
    assert pair["access_token"] not in state.read_text()
    assert pair["refresh_token"] not in state.read_text()


def test_a_revoked_grant_stays_revoked_after_a_restart(build: Build, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    first = Browser(build(state_file=state))
    pair = first.link(HEAVY_TRAINER)
    first.client.post(f"/_simulator/revoke/{HEAVY_TRAINER}")
    assert Browser(build(state_file=state)).refresh(pair["refresh_token"]).status_code == 400


def test_every_request_is_written_down(browser: Browser) -> None:
    token = browser.link(HEAVY_TRAINER)["access_token"]
    browser.get(token, "/v2/cycle", limit="3")
    journal = browser.client.application.extensions["journal"]
    assert (journal[0].method, journal[0].path, journal[0].status) == (
        "GET",
        "/oauth/oauth2/auth",
        302,
    )
    assert (journal[-1].path, journal[-1].query) == ("/developer/v2/cycle", "limit=3")
    told = browser.client.get("/_simulator/journal").get_json()["calls"]
    assert told[-1] == {
        "at": "2026-11-20T14:00:00+00:00",
        "method": "GET",
        "path": "/developer/v2/cycle",
        "query": "limit=3",
        "status": 200,
        "app": "coach-client",
        "member": HEAVY_TRAINER,
        "token": sha256(token.encode()).hexdigest()[:12],
        "fault": None,
        "number": len(told),
    }


def test_every_page_has_one_heading_that_begins_its_title(browser: Browser) -> None:
    pages = [
        browser.client.get("/").text,
        browser.client.get(browser.authorize().location).text,
        browser.client.get(browser.consent_page(HEAVY_TRAINER, state=STATE)).text,
        browser.authorize(client_id="other").text,
    ]
    for page in pages:
        (heading,) = re.findall(r"<h1>(.*?)</h1>", page)
        title = " ".join(re.findall(r"<title>(.*?)</title>", page, re.DOTALL)[0].split())
        assert title == f"{heading} · Simulated WHOOP"
        assert "<script" not in page
        assert "style=" not in page


def test_the_style_sheet_is_a_file_of_its_own(browser: Browser) -> None:
    with browser.client.get("/static/simulator.css") as answer:
        assert answer.mimetype == "text/css"


def test_it_serves_on_a_port_of_its_own(build: Build) -> None:
    running = server(build())
    thread = Thread(target=running.serve_forever)
    thread.start()
    try:
        with urlopen(f"http://127.0.0.1:{running.port}/", timeout=10) as page:
            assert "Simulated WHOOP" in page.read().decode()
    finally:
        running.shutdown()
        thread.join()
        running.server_close()


def test_it_imports_nothing_else_of_coach() -> None:
    code = "import sys, coach.simulator.app; print(*(m for m in sys.modules if m[:6] == 'coach.'))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603  our own words
    assert all(name.startswith("coach.simulator") for name in found.stdout.split())
