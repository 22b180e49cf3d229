"""Insights in words: sentences by rule with their numbers, and once more by a model, if it is fit."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from coach.accounts.models import FieldGroup
from coach.database.tenancy import act_for, act_for_nobody
from coach.extensions import db
from coach.insights.formulas import FORMULA_VERSION
from coach.insights.models import Insight
from coach.insights.words_rewriting import REWRITE, is_fit
from coach.work.models import Work
from coach.work.perform import perform
from tests.api.conftest import MakeProgram, Program
from tests.cast import Cast

DAY = date(2026, 5, 14)
PATH = f"/insights/words?date={DAY}"
SIGNAL = {
    "name": "hrv_day",
    "direction": "below",
    "value": 41.0,
    "usual": 61.0,
    "low": 50.0,
    "high": 70.0,
    "days": 2,
    "n": 30,
    "window": 3,
    "confidence": "ok",
}


@pytest.fixture
def bea(app: Flask, cast: Cast, program: MakeProgram) -> Program:
    """Give Bea's program, of whose day something is known."""
    with app.app_context():
        act_for(cast.bea.organisation_id, user_id=None, session=db.session())
        db.session.add(
            Insight(
                organisation_id=cast.bea.organisation_id,
                client_id=cast.bea.client_id,
                date=DAY,
                formula_version=FORMULA_VERSION,
                hrv_week_ms=48.6,
                hrv_low_ms=55.2,
                hrv_high_ms=68.1,
                hrv_position="below",
                hrv_days_outside=3,
                rhr_drift_bpm=2.14,
                rhr_raised=False,
                sleep_hours=6.5,
                sleep_balance_hours=-0.75,
                sleep_debt_hours=3.5,
                load_change_percent=12.4,
                hooper_week=14.25,
                attention=100,
                behind={"hrv_range": {"n": 60, "confidence": "ok"}},
                signals=[SIGNAL],
            )
        )
        db.session.commit()
        act_for_nobody()
    return program(cast.bea)


def test_each_sentence_holds_its_numbers_and_no_claim(bea: Program) -> None:
    said = bea.get(f"/clients/me{PATH}").json
    by_name = {each["about"]: each for each in said["sentences"]}
    assert by_name["hrv"]["text"] == (
        "HRV of the last 7 days: 49 ms, below the own range of 55 to 68 ms; days in a row: 3."
    )
    assert by_name["hrv"]["numbers"] == {"week_ms": 49, "low_ms": 55, "high_ms": 68, "days": 3}
    assert by_name["sleep_debt"]["numbers"] == {"debt_hours": 3.5}
    assert by_name["load"]["text"].endswith("12% above the usual week.")
    assert by_name["hrv_day"]["text"].startswith("Worth a look: ")
    text = " ".join(each["text"] for each in said["sentences"]).lower()
    assert not re.search(r"risk|injur|illness|predict|detect|overtrain|burnout", text)
    assert (said["language"], said["rewritten"]) == ("en", None)


def test_a_day_of_which_nothing_is_known_is_absent(bea: Program) -> None:
    assert bea.get("/clients/me/insights/words?date=2026-05-13").status_code == 404


@pytest.mark.usefixtures("bea")
def test_what_is_not_shared_makes_no_sentence(
    cast: Cast, program: MakeProgram, sharing: Callable[..., None]
) -> None:
    ann, path = program(cast.ann), f"/clients/{cast.bea.client_id}{PATH}"
    assert ann.get(path).status_code == 404
    sharing(FieldGroup.SLEEP)
    told = {each["about"] for each in ann.get(path).json["sentences"]}
    assert told == {"sleep_balance", "sleep_debt", "signals"}


@pytest.mark.parametrize("language", ["es", "ru"])
def test_the_words_are_in_the_readers_language_with_the_same_numbers(
    bea: Program, language: str
) -> None:
    english = bea.get(f"/clients/me{PATH}").json
    answer = bea.get(f"/clients/me{PATH}", headers={"Accept-Language": language}).json
    assert answer["language"] == language
    numbers = [[each["numbers"] for each in it["sentences"]] for it in (english, answer)]
    assert numbers[0] == numbers[1]


def test_known_words_are_not_sent_again(bea: Program) -> None:
    tag = bea.get(f"/clients/me{PATH}").headers["ETag"]
    assert bea.get(f"/clients/me{PATH}", headers={"If-None-Match": tag}).status_code == 304


@dataclass
class Model:
    """A stand-in for a language model: what it is asked, and what it says."""

    origin: str
    status: int = 200
    word: Callable[[str], object] = field(default=lambda by_rule: by_rule.replace("\n", " "))
    asked: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture
def model(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    found: list[Model] = []

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            model, length = found[0], int(self.headers["Content-Length"])
            said = json.loads(self.rfile.read(length))
            model.asked.append({"path": self.path, "key": self.headers["Authorization"], **said})
            text = model.word(said["messages"][-1]["content"])
            body = json.dumps({"choices": [{"message": {"content": text}}]}).encode()
            self.send_response(model.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_said: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    found.append(Model(f"http://127.0.0.1:{server.server_port}"))
    chosen = {
        "language_model_url": f"{found[0].origin}/v1",
        "language_model_name": "small",
    }
    monkeypatch.setitem(app.config, "SETTINGS", app.config["SETTINGS"].model_copy(update=chosen))
    yield found[0]
    server.shutdown()
    thread.join()
    server.server_close()


def rewritten(app: Flask, bea: Program) -> object:
    """Ask for the words, let a worker do its work, and ask again."""
    assert bea.get(f"/clients/me{PATH}").json["rewritten"] is None
    with app.app_context():
        waits = select(Work.id).where(Work.kind == REWRITE.name, Work.state == "waiting")
        ids = db.session.scalars(waits).all()
        db.session.remove()
        for work_id in ids:
            perform(str(work_id))
    return bea.get(f"/clients/me{PATH}").json["rewritten"]


def agree(bea: Program, *, agreed: bool = True) -> None:
    answer = bea("PUT", "/clients/me/insights/rewriting", json={"agreed": agreed})
    assert answer.json == {"agreed": agreed, "offered": True}


def test_a_model_is_told_the_sentences_and_nothing_else(
    app: Flask, cast: Cast, bea: Program, model: Model
) -> None:
    agree(bea)
    text = rewritten(app, bea)
    assert isinstance(text, str)
    assert "49 ms" in text
    (asked,) = model.asked
    by_rule = [each["text"] for each in bea.get(f"/clients/me{PATH}").json["sentences"]]
    assert asked["messages"][-1]["content"] == "\n".join(by_rule)
    assert (asked["path"], asked["model"]) == ("/v1/chat/completions", "small")
    for secret in (str(cast.bea.client_id), str(cast.bea.user_id), cast.bea.email):
        assert secret not in json.dumps(asked)
    bea.get(f"/clients/me{PATH}")
    assert len(model.asked) == 1  # kept


def test_without_a_clients_word_no_model_hears_of_them(
    app: Flask, bea: Program, model: Model
) -> None:
    assert rewritten(app, bea) is None
    agree(bea)
    assert rewritten(app, bea) is not None
    agree(bea, agreed=False)
    assert rewritten(app, bea) is None
    assert len(model.asked) == 1


@pytest.mark.parametrize(
    "word",
    [
        lambda by_rule: by_rule.replace("49", "94"),
        lambda by_rule: by_rule + " That is 20 % less.",
        lambda by_rule: by_rule.replace("49 ms", "low"),
        lambda by_rule: by_rule + " You are at risk of injury.",
        lambda by_rule: by_rule + " So" * 2000,
        lambda _: "",
        lambda _: None,
        lambda _: {"text": "x"},
    ],
)
def test_what_a_model_makes_up_is_not_shown(
    app: Flask, bea: Program, model: Model, word: Callable[[str], object]
) -> None:
    model.word = word
    agree(bea)
    assert rewritten(app, bea) is None
    assert len(model.asked) == 1


def test_a_model_that_fails_changes_nothing(app: Flask, bea: Program, model: Model) -> None:
    model.status = 500
    agree(bea)
    assert rewritten(app, bea) is None


def test_two_numbers_changed_about_are_noticed() -> None:
    by_rule = "HRV: 49 ms, range 55 to 68 ms."
    assert is_fit("HRV was 49 ms; the range goes from 55 to 68 ms.", by_rule)
    assert not is_fit("HRV was 55 ms; the range goes from 49 to 68 ms.", by_rule)
