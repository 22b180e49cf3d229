"""What a person sees and presses, from the upload to the report and back."""

import io
import re
from uuid import UUID

import pytest

from coach.accounts.models import Consent
from coach.csv_import import importing, standing
from coach.csv_import.models import Import, ImportState
from coach.days import deriving
from coach.extensions import db
from coach.work.models import Work
from tests.csv_import.uploader import CYCLES, FIRST, Uploader, archived, told, zipped
from tests.factories import export
from tests.factories.export import C26
from tests.factories.exports import years

CHANGED = [CYCLES[0], {**CYCLES[1], "Heart rate variability (ms)": "70"}]


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def page(who: Uploader, import_id: UUID, query: str = "") -> str:
    answer = who.browser.get(f"/cabinet/imports/{import_id}{query}")
    assert answer.status_code == 200
    return answer.text


def test_the_page_looks_again_until_the_file_is_read(bea: Uploader) -> None:
    bea.post(zipped())
    waiting = bea.report()
    assert "0 rows read so far" in waiting
    assert 'hx-trigger="every 1s"' in waiting
    bea.work()
    read = bea.report()
    assert "Nothing has changed yet" in read
    assert "hx-trigger" not in read
    assert bea.days() == {}


def test_a_preview_tells_span_languages_counts_and_values(bea: Uploader) -> None:
    bea.upload(zipped())
    bea.browser.type_value(f"/cabinet/days/{FIRST}", "strain", "3")
    read = bea.read(zipped(CHANGED))
    seen = words(page(bea, read.id))
    assert "1 May 2025 to 2 May 2025" in seen
    assert "0 New" in seen
    assert "1 Changed" in seen
    assert "1 Same" in seen
    assert "61 ms → becomes 70 ms" in seen
    assert "Strain stays 3.0, as you typed it; the file says 11.4." in seen
    assert "Days · English · form since 2024" in seen
    assert "Nothing changes." in words(page(bea, read.id, "?show=same"))


def test_times_are_told_on_the_clock_of_the_place(bea: Uploader) -> None:
    seen = words(page(bea, bea.read(zipped()).id))
    assert "Fell asleep 23:10" in seen
    assert "Woke up 07:00" in seen


def test_a_long_preview_comes_in_pages(bea: Uploader) -> None:
    life = years.export(cycles=70, naps=3, workouts=5, answers=10, seed=7)
    read = bea.read(archived(life))
    first, last = page(bea, read.id), page(bea, read.id, "?show=new&page=3")
    assert (first.count("<h3>"), last.count("<h3>")) == (30, 10)
    assert "Page 1 of 3" in first
    assert "Newer" in last
    assert "Older" not in last
    assert page(bea, read.id, "?show=nonsense&page=99").count("<h3>") == 10


def test_applying_asks_a_worker_once_and_ends_in_a_report(bea: Uploader) -> None:
    read = bea.read(zipped())
    for _ in range(2):
        assert bea.press(read.id, "application").status_code == 303
    assert "being brought up to date" in bea.report()
    bea.work()
    report = words(bea.report())
    assert "Your days are up to date." in report
    assert "1 May 2025 to 2 May 2025" in report
    assert told(bea.days())[FIRST] == (66, 61, 11.4, 7, 0.5, 1)
    bea.press(read.id, "application")
    with bea.inside():
        asked = db.select(Work.state).where(Work.subject_id == read.id).order_by(Work.id)
        assert db.session.scalars(asked).all() == ["done", "done"]


def test_discarding_deletes_the_file_and_its_rows_and_lets_it_come_again(bea: Uploader) -> None:
    read = bea.read(zipped())
    assert bea.press(read.id, "discard").location.endswith("/cabinet/imports")
    assert "Discarded" in words(bea.browser.get("/cabinet/imports").text)
    assert (bea.rows(), bea.days()) == ([], {})
    with bea.inside():
        assert not importing.upload_path(read.id).exists()
    assert "You discarded this upload" in bea.report()
    bea.press(read.id, "application")
    bea.work()
    assert bea.days() == {}
    assert bea.upload(zipped()).state == "done"


def test_what_is_applied_cannot_be_discarded_nor_what_is_read_now(bea: Uploader) -> None:
    done = bea.upload(zipped())
    bea.press(done.id, "discard")
    assert bea.newest().state == "done"
    bea.post(zipped(CHANGED))
    bea.press(bea.newest().id, "discard")
    assert bea.newest().state == "waiting"


def test_undoing_is_asked_about_first_and_says_what_stays(bea: Uploader) -> None:
    done = bea.upload(zipped())
    asked = words(page(bea, done.id, "/undo"))
    assert "The 8 rows of this upload will not count any more" in asked
    assert "what you typed by hand" in asked
    assert bea.press(done.id, "undo").status_code == 303
    assert len(bea.days()) == 2
    assert "being taken back out of your days" in bea.report()
    bea.work()
    assert "2 days changed" in bea.report()
    assert "its rows do not count any more" in bea.report()
    assert bea.days() == {}
    assert "nothing to undo" in page(bea, done.id, "/undo")


def test_the_same_file_is_recognised_at_once_whatever_became_of_it(bea: Uploader) -> None:
    first = bea.upload(zipped())
    again = bea.post(zipped())
    assert again.location.endswith(str(first.id))
    assert "You uploaded this very file on" in bea.browser.get(again.location).text
    with bea.inside():
        assert db.session.scalar(db.select(db.func.count()).select_from(Import)) == 1


def test_two_uploads_wait_side_by_side_and_each_tells_what_it_would_change_now(
    bea: Uploader,
) -> None:
    one = bea.read(zipped())
    two = bea.read(zipped(CHANGED))
    assert "2 New" in words(page(bea, two.id))
    bea.press(one.id, "application")
    bea.work()
    stale = words(page(bea, two.id))
    assert "2 New" in stale
    assert "Your days have changed since this was worked out" in stale
    bea.press(two.id, "preview")
    assert "being compared with your days" in page(bea, two.id)
    bea.work()
    again = words(page(bea, two.id))
    assert "1 Changed" in again
    assert "have changed since" not in again
    bea.press(two.id, "application")
    bea.work()
    assert told(bea.days())[FIRST][1] == 70


def test_the_journal_is_shared_only_when_it_is_ticked(bea: Uploader) -> None:
    def shared() -> set[str]:
        with bea.inside():
            mine = db.select(Consent.field_group).where(Consent.client_id == bea.who.client_id)
            return set(db.session.scalars(mine))

    form = bea.browser.get("/cabinet/imports").text
    assert "The journal holds intimate answers" in form
    assert 'value="journal"' in form
    bea.read(zipped())
    assert shared() == set()
    ticked = {"file": (io.BytesIO(zipped(CHANGED)), "x.zip"), "share": ["sleep", "journal"]}
    assert bea.browser.post_form("/cabinet/imports", ticked).status_code == 303
    assert shared() == {"sleep", "journal"}
    form = bea.browser.get("/cabinet/imports").text
    assert 'value="journal"' not in form
    assert "You share already: Sleep, Journal." in words(form)


def test_the_history_says_each_state_in_words(bea: Uploader) -> None:
    bea.upload(zipped())
    bea.read(zipped(CHANGED))
    bea.read(b"%PDF-1.7 ", "a.pdf")
    history = words(bea.browser.get("/cabinet/imports").text)
    for said in ("Applied", "Waits for you", "Refused", "by you", "8 rows"):
        assert said in history


def test_a_refused_line_is_told_with_column_value_class_and_reason(bea: Uploader) -> None:
    spoiled = {**CYCLES[1], "Cycle start time": "yesterday"}
    bea.read(export.text(C26, [CYCLES[0], spoiled]).encode(), "physiological_cycles.csv")
    report = words(bea.report())
    assert "physiological_cycles.csv, line 3 Cycle start time (text): a time in a form" in report
    assert "yesterday" not in report


def test_a_worker_killed_while_applying_leaves_no_half_and_the_next_one_ends_it(
    bea: Uploader, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = bea.read(zipped())
    bea.press(read.id, "application")
    with monkeypatch.context() as patched:
        patched.setattr(deriving, "derive", _dies)
        with pytest.raises(SystemExit):
            bea.work()
    assert (bea.newest().state, bea.days()) == ("preview", {})
    assert "being brought up to date" in bea.report()
    bea.take_back("waiting")
    bea.work()
    assert bea.newest().state == "done"
    assert told(bea.days())[FIRST] == (66, 61, 11.4, 7, 0.5, 1)


def test_applying_that_was_given_up_says_so_and_can_be_tried_again(bea: Uploader) -> None:
    read = bea.read(zipped())
    bea.press(read.id, "application")
    bea.take_back("failed")
    assert "Applying failed on our side" in bea.report()
    assert bea.apply().state == "done"


def test_reading_that_was_given_up_says_so_and_the_same_file_starts_it_again(
    bea: Uploader,
) -> None:
    bea.post(zipped())
    bea.take_back("failed")
    assert "Reading this file failed on our side" in bea.report()
    assert "Reading failed" in bea.browser.get("/cabinet/imports").text
    assert bea.upload(zipped()).state == "done"


def test_nobody_presses_the_buttons_of_somebody_else(bea: Uploader, carl: Uploader) -> None:
    read, done = bea.read(zipped()), bea.upload(zipped(CHANGED))
    for import_id in (read.id, done.id):
        for button in ("application", "discard", "undo"):
            assert carl.press(import_id, button).status_code == 404
        assert carl.browser.get(f"/cabinet/imports/{import_id}/undo").status_code == 404
    with bea.inside():
        assert standing.imports_of(bea.who.client_id or read.id) == [done.id]
        kept = db.session.get_one(Import, (bea.who.organisation_id, read.id))
        assert kept.state == ImportState.PREVIEW


def _dies(*_: object, **__: object) -> None:
    raise SystemExit
