"""What is no export, whose an upload is, and how long it is kept."""

import io
import os
import stat

import pytest
from flask import Flask

from coach.app import create_app
from coach.csv_import import importing
from coach.csv_import.models import Import
from coach.extensions import db, settings
from config import Settings
from tests.cast import Cast
from tests.conftest import close
from tests.csv_import.uploader import CYCLE_1, Uploader, archived, zipped
from tests.factories import export

REFUSED = {
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "a.png", "picture", "This is a picture"),
    "a page": (b"<!doctype html><p>Sign in", "export.zip", "html_page", "web page"),
    "a PDF": (b"%PDF-1.7 ", "export.pdf", "pdf_file", "This is a PDF"),
    "blanks": (b" \n\n", "sleeps.csv", "empty", "The file is empty"),
    "no CSV": (archived({"readme.txt": "hello"}), "x.zip", "no_csv_in_zip", "no CSV file"),
    "another CSV": (b"date,amount\n2025-05-02,3\n", "x.csv", "not_an_export", "not WHOOP"),
    "another ZIP": (archived({"x.csv": "a,b\n1,2\n"}), "x.zip", "not_an_export", "not WHOOP"),
    "half a ZIP": (zipped()[:-60], "my_whoop_data.zip", "broken_archive", "damaged"),
    "GDPR": (
        archived({"Health/cycles.csv": "created_at,during,scaled_strain,day_kilojoules\n"}),
        "x.zip",
        "gdpr_archive",
        "privacy archive",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_another_file_is_refused_in_plain_words(bea: Uploader, what: str) -> None:
    content, name, code, words = REFUSED[what]
    refused = bea.upload(content, name)
    assert (refused.state, refused.refusal) == ("refused", code)
    assert words in bea.report()
    assert (bea.rows(), bea.days()) == ([], {})


@pytest.mark.parametrize("content", [{}, {"file": (io.BytesIO(b""), "")}, {"file": "text"}])
def test_without_a_file_the_form_says_so(bea: Uploader, content: dict[str, object]) -> None:
    answer = bea.browser.post_form("/cabinet/imports", content)
    assert answer.status_code == 422
    assert "Choose the ZIP" in answer.text


def test_an_empty_file_is_refused_at_once(bea: Uploader) -> None:
    answer = bea.post(b"", "sleeps.csv")
    assert answer.status_code == 422
    assert "This one was empty" in answer.text
    with bea.inside():
        assert db.session.scalar(db.select(Import.id)) is None


def test_an_archive_and_a_table_chosen_together_are_one_upload(bea: Uploader) -> None:
    rest = zipped()
    journal = export.text(export.J6, [CYCLE_1 | export.answer("Any late meal?")]).encode()
    files = [(io.BytesIO(rest), "my_whoop_data.zip"), (io.BytesIO(journal), "more.csv")]
    assert bea.browser.post_form("/cabinet/imports", {"file": files}).status_code == 303
    bea.work()
    assert bea.apply().file_name == "my_whoop_data.zip, more.csv"
    assert any("Any late meal?" in key for _, key, _ in bea.rows())
    assert len(bea.rows()) == 8


def test_a_file_over_the_limit_gets_a_page(settings: Settings, cast: Cast) -> None:
    small = create_app(settings.model_copy(update={"upload_max_mb": 1}))
    try:
        browser = Uploader(small, cast.bea).browser
        head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="x.zip"\r\n\r\n'
        answer = browser.post(
            "/cabinet/imports",
            data=head + bytes(2_000_000) + b"\r\n--x--\r\n",
            content_type="multipart/form-data; boundary=x",
        )
    finally:
        close(small)
    assert answer.status_code == 413
    assert "too large" in answer.text


def test_nobody_sees_the_import_of_somebody_else(
    app: Flask, bea: Uploader, carl: Uploader, cast: Cast
) -> None:
    path = f"/cabinet/imports/{bea.upload(zipped()).id}"
    assert bea.browser.get(path).status_code == 200
    assert carl.browser.get(path).status_code == 404
    assert Uploader(app, cast.xenia).browser.get(path).status_code == 404
    assert Uploader(app, cast.ann).browser.get(path).status_code == 403


def test_uploads_are_private_and_forgotten_but_their_rows_stay(bea: Uploader) -> None:
    done = bea.upload(zipped())
    with bea.inside():
        path = importing.upload_path(done.id)
        assert path.parent == settings().coach_home.absolute() / "uploads"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        importing.forget_old_uploads()
        assert path.exists()
        old = path.stat().st_mtime - (settings().upload_keep_days + 1) * 86_400
        os.utime(path, (old, old))
        assert importing.forget_old_uploads() == 1
        assert not path.exists()
    assert len(bea.rows()) == 7
    assert "up to date" in bea.report()
