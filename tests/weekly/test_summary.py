"""One page: the same words on screen and in the PDF, and never more than one page."""

import re
import subprocess
import zlib
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask_babel import force_locale

from coach.accounts.models import Client, FieldGroup
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.weekly import paper
from coach.weekly.summary import Part, Row, Summary
from coach.work import clock
from tests.cast import Cast
from tests.critic import Critic
from tests.dashboard.mornings import ALL, LOW_HRV, lives
from tests.insights.lives import NOON

ROW = Row("HRV", "58 ms (7 days)", "60 ms (7 days)", "-2 ms", (58.0, None, 61.0, 60.0, None))
TOLD = Summary("Bea", "1 June - 30 June", ("June", "May"), [ROW], [Part("Tags", ["Ill"])], ["Foot"])
STRANGE = (
    'Bea #panic("no") $x$ \\ [*_',
    "\N{HEBREW LETTER ALEF}\N{HEBREW LETTER BET}" * 40,
    "\N{ARABIC LETTER MEEM}\N{ARABIC LETTER HAH} \N{RIGHT-TO-LEFT OVERRIDE}x",
    "Яна Берг",
    "\U0001f600\N{CJK UNIFIED IDEOGRAPH-65E5}\x01\u200b\ufeff",
    "A" * 5000,
    "",
)


@pytest.fixture
def spoken(app: Flask) -> Iterator[None]:
    """Speak English, as no request says what to speak."""
    with app.app_context(), force_locale("en"):
        yield


def pages(pdf: bytes) -> int:
    """Count the pages, which may stand in packed objects."""
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    plain = [pdf]
    for each in packed:
        try:
            plain.append(zlib.decompress(each))
        except zlib.error:
            continue
    return sum(len(re.findall(rb"/Type\s*/Page(?![s\w])", each)) for each in plain)


@pytest.mark.parametrize("name", STRANGE)
@pytest.mark.usefixtures("spoken")
def test_any_name_gives_one_page(name: str) -> None:
    made = paper.typeset(replace(TOLD, name=name))
    assert made.startswith(b"%PDF-")
    assert pages(made) == 1


@pytest.mark.usefixtures("spoken")
def test_however_much_there_is_to_say_it_is_one_page() -> None:
    much = [Part(f"Part {number}", ["word " * 60] * 8) for number in range(9)]
    gaps = replace(ROW, points=(None,) * 92)
    assert pages(paper.typeset(replace(TOLD, parts=much, rows=[ROW, gaps] * 10))) == 1
    assert pages(paper.typeset(replace(TOLD, rows=[], parts=[], foot=[]))) == 1


@pytest.mark.usefixtures("spoken")
def test_a_typesetter_that_hangs_is_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    stuck = f"{tmp_path}/stuck.py"
    with open(stuck, "w") as file:  # noqa: PTH123
        file.write("import time; time.sleep(60)")
    monkeypatch.setattr(paper, "TYPESETTER", stuck)
    monkeypatch.setattr(paper, "SECONDS", 0.3)
    with pytest.raises(paper.CannotTypeset):
        paper.typeset(TOLD)


def test_a_coach_and_the_client_get_the_page_and_the_pdf(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, LOW_HRV, *ALL)
    coach, bea = Critic.of(app).sign_in(cast.ann), Critic.of(app).sign_in(cast.bea)
    of_bea = f"/dashboard/clients/{cast.bea.client_id}/summary"
    with clock.stopped_at(NOON):
        page, pdf = coach.get(of_bea).text, coach.get(f"{of_bea}.pdf?days=90")
        own, own_pdf = bea.get("/cabinet/summary").text, bea.get("/cabinet/summary.pdf")
    for text in (page, own):
        assert "HRV below own range" in text
        assert "30 of 30 days have a value" in text
        assert "Not a medical device" in text
    for made in (pdf, own_pdf):
        assert made.mimetype == "application/pdf"
        assert "attachment" in made.headers["Content-Disposition"]
        assert pages(made.data) == 1


def test_the_page_holds_what_is_shared_and_names_what_is_not(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, LOW_HRV, FieldGroup.SLEEP)
    of_bea = f"/dashboard/clients/{cast.bea.client_id}/summary"
    with clock.stopped_at(NOON):
        page = Critic.of(app).sign_in(cast.ann).get(of_bea).text
    assert "Sleep" in page
    assert "HRV below" not in page
    assert "Not shared: Recovery" in page


def test_when_there_is_no_pdf_the_page_says_so(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_args: object, **_more: object) -> None:
        raise subprocess.TimeoutExpired("typesetter", 10)

    monkeypatch.setattr("coach.weekly.paper.subprocess.run", fails)
    answer = Critic.of(app).sign_in(cast.bea).get("/cabinet/summary.pdf", follow_redirects=True)
    assert "Print this page instead" in answer.text


def test_a_long_right_to_left_name_is_in_the_file_name(app: Flask, cast: Cast) -> None:
    with app.app_context(), acting_for(cast.bea.organisation_id):
        found = db.session.get(Client, (cast.bea.organisation_id, cast.bea.client_id))
        assert found
        found.name = STRANGE[1]
        db.session.commit()
        db.session.remove()
    made = Critic.of(app).sign_in(cast.bea).get("/cabinet/summary.pdf")
    assert made.status_code == 200
    assert "filename*=UTF-8''" in made.headers["Content-Disposition"]
