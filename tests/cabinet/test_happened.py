"""The client's own day tells of its sleeps, workouts and journal, and nobody else's page does."""

import re

from flask import Flask

from tests.cast import Cast
from tests.critic import Critic
from tests.csv_import.uploader import CYCLE_1, FIRST, SECOND, Uploader, zipped
from tests.factories import export
from tests.factories.export import J6

PAGE = f"/cabinet/days/{FIRST}"


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\N{EN DASH}", "-").split())


def test_a_client_finds_naps_workouts_and_the_journal_on_their_day(app: Flask, cast: Cast) -> None:
    bea = Uploader(app, cast.bea)
    assert "Journal" not in words(bea.browser.get(PAGE).text)
    noted = CYCLE_1 | export.answer("Shared your bed?") | {"Notes": "<b>snoring</b>"}
    bea.upload(zipped(journal_entries=export.text(J6, [noted])))
    page = bea.browser.get(PAGE).text
    seen = words(page)
    assert "Night 23:10 - 07:00" in seen
    assert "Nap 14:00 - 14:40" in seen
    assert "18:00 - 18:45" in seen
    assert "Shared your bed? yes" in seen
    assert "&lt;b&gt;snoring" in page
    other = words(bea.browser.get(f"/cabinet/days/{SECOND}").text)
    assert "Night 23:00 - 07:10" in other
    assert "Journal" not in other


def test_an_import_that_is_undone_takes_them_away(app: Flask, cast: Cast) -> None:
    bea = Uploader(app, cast.bea)
    done = bea.upload(zipped())
    assert "Have any caffeine?" in bea.browser.get(PAGE).text
    bea.press(done.id, "undo")
    bea.work()
    assert "Have any caffeine?" not in bea.browser.get(PAGE).text


def test_another_client_sees_nothing_of_it(app: Flask, cast: Cast) -> None:
    Uploader(app, cast.bea).upload(zipped())
    page = Critic.of(app).sign_in(cast.carl).get(PAGE).text
    assert "Have any caffeine?" not in page
    assert "Nap 14:00" not in words(page)
