"""Previews and undoing are work: kept, resumed, given up and asked for again."""

from collections.abc import Sequence

import pytest
from sqlalchemy import func

from coach.csv_import import comparing
from coach.csv_import.headers import Kind
from coach.csv_import.models import ImportDay
from coach.csv_import.reading import Accepted
from coach.csv_import.storing import RowStore
from coach.days import deriving
from coach.extensions import db
from tests.csv_import.uploader import CYCLES, FIRST, Uploader, told, zipped

CHANGED = [CYCLES[0], {**CYCLES[1], "Heart rate variability (ms)": "70"}]


def kept_days(who: Uploader) -> int:
    with who.inside():
        return int(db.session.scalar(db.select(func.count()).select_from(ImportDay)) or 0)


def test_a_preview_is_kept_until_it_is_decided_upon(bea: Uploader) -> None:
    bea.read(zipped())
    assert kept_days(bea) == 2
    bea.apply()
    assert kept_days(bea) == 0
    bea.press(bea.read(zipped(CHANGED)).id, "discard")
    assert kept_days(bea) == 0


def test_a_worker_killed_while_comparing_reads_nothing_twice(
    bea: Uploader, monkeypatch: pytest.MonkeyPatch
) -> None:
    bea.post(zipped())
    with monkeypatch.context() as patched:
        patched.setattr(comparing, "insert_rows", _dies)
        with pytest.raises(SystemExit):
            bea.work()
    assert (bea.newest().state, bea.newest().rows_done, kept_days(bea)) == ("preview", 8, 0)
    assert "being compared with your days" in bea.report()
    bea.take_back("waiting")
    bea.work()
    assert (bea.newest().rows_done, kept_days(bea)) == (8, 2)
    assert "Nothing has changed yet" in bea.report()


def test_while_a_file_is_read_its_page_says_how_far_of_how_much(
    bea: Uploader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def add_first(rows: RowStore, lines: Sequence[Accepted]) -> object:
        if lines[0].row.kind is not Kind.CYCLE:
            raise SystemExit
        return add(rows, lines)

    add = RowStore.add
    bea.post(zipped())
    with monkeypatch.context() as patched:
        patched.setattr(RowStore, "add", add_first)
        with pytest.raises(SystemExit):
            bea.work()
    page = bea.report()
    assert "2 of about 8 rows read" in page
    assert '<progress value="2" max="8">' in page
    bea.take_back("waiting")
    bea.work()
    assert "rows read" not in bea.report()


def test_a_preview_that_was_given_up_can_be_asked_for_or_done_without(bea: Uploader) -> None:
    read = bea.read(zipped())
    with bea.inside():
        db.session.execute(db.update(type(read)).values(compared_at=None, compared_with=None))
        db.session.commit()
    assert "was not compared with your days yet" in bea.report()
    bea.press(read.id, "preview")
    bea.work()
    assert "not compared" not in bea.report()
    assert bea.apply().state == "done"


def test_what_is_applied_while_it_is_compared_keeps_no_preview(bea: Uploader) -> None:
    read = bea.read(zipped())
    bea.press(read.id, "preview")
    bea.press(read.id, "application")
    assert "being brought up to date" in bea.report()
    bea.work()
    assert (bea.newest().state, kept_days(bea)) == ("done", 0)


def test_a_typed_value_makes_a_preview_stale(bea: Uploader) -> None:
    bea.upload(zipped())
    bea.read(zipped(CHANGED))
    assert "have changed since" not in bea.report()
    bea.browser.type_value(f"/cabinet/days/{FIRST}", "hrv", "88")
    assert "have changed since" in bea.report()


def test_a_worker_killed_while_undoing_leaves_all_and_the_next_one_ends_it(
    bea: Uploader, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = bea.upload(zipped())
    days = told(bea.days())
    bea.press(done.id, "undo")
    with monkeypatch.context() as patched:
        patched.setattr(deriving, "derive", _dies)
        with pytest.raises(SystemExit):
            bea.work()
    assert (bea.newest().state, told(bea.days())) == ("done", days)
    assert "being taken back" in bea.report()
    bea.take_back("waiting")
    bea.work()
    assert (bea.newest().state, bea.newest().days_changed, bea.days()) == ("undone", 2, {})


def test_undoing_that_was_given_up_says_so_and_can_be_tried_again(bea: Uploader) -> None:
    done = bea.upload(zipped())
    bea.press(done.id, "undo")
    bea.take_back("failed")
    assert "Undoing failed on our side" in bea.report()
    assert "Undoing failed" in bea.browser.get("/cabinet/imports").text
    bea.press(done.id, "undo")
    bea.work()
    assert bea.newest().state == "undone"


def test_undoing_twice_is_asked_once(bea: Uploader) -> None:
    done = bea.upload(zipped())
    for _ in range(2):
        assert bea.press(done.id, "undo").status_code == 303
    bea.work()
    bea.press(done.id, "undo")
    bea.work()
    assert (bea.newest().state, bea.days()) == ("undone", {})


def test_without_javascript_there_is_a_link_to_look_again(bea: Uploader) -> None:
    bea.post(zipped())
    _, _, after = bea.report().partition("<noscript>")
    assert "Look again" in after


def _dies(*_: object, **__: object) -> None:
    raise SystemExit
