"""An import from its preview to its undoing, and which of several exports is believed."""

import io
from collections import Counter
from collections.abc import Mapping
from datetime import date
from threading import Barrier, Thread
from uuid import UUID

import pytest

from coach.csv_import import comparing, importing, uploads
from coach.days.differences import Fate
from coach.days.models import JournalEntry, Workout
from coach.extensions import db
from tests.csv_import.uploader import (
    CYCLE_1,
    CYCLE_2,
    CYCLES,
    FIRST,
    NAP,
    NIGHT_2,
    RUN,
    SECOND,
    Uploader,
    counts,
    told,
    zipped,
)
from tests.factories import export
from tests.factories.export import C26, W17, W20

CHANGED = [CYCLES[0], {**CYCLES[1], "Heart rate variability (ms)": "70"}]
THIRD = export.within("2025-05-03 23:10:00") | export.day(Recovery="41")
ENDED_2 = export.within("2025-05-02 23:00:00", "2025-05-03 23:10:00")
NEWER = [THIRD, ENDED_2 | export.day() | NIGHT_2, CYCLES[1]]


def preview(who: Uploader) -> tuple[Mapping[Fate, int], dict[date, Fate]]:
    with who.inside():
        days = comparing.preview(who.newest().id)
    return Counter(day.fate for day in days), {day.date: day.fate for day in days}


def importing_of(who: Uploader, step: object) -> object:
    with who.inside():
        done = step(who.newest().id)  # type: ignore[operator]  # one of importing's
        db.session.commit()
        return done


def test_a_preview_writes_no_day_and_says_what_would_change(bea: Uploader) -> None:
    read = bea.read(zipped())
    assert (read.state, read.rows_done) == ("preview", 8)
    assert bea.days() == {}
    assert preview(bea) == ({Fate.NEW: 2}, {FIRST: Fate.NEW, SECOND: Fate.NEW})
    assert importing_of(bea, importing.apply) == 2
    assert told(bea.days())[FIRST] == (66, 61, 11.4, 7, 0.5, 1)


def test_a_preview_tells_changed_from_same_and_what_is_kept(bea: Uploader) -> None:
    bea.upload(zipped())
    bea.read(zipped(CHANGED))
    assert preview(bea)[1] == {FIRST: Fate.CHANGED, SECOND: Fate.SAME}
    assert bea.browser.type_value(f"/cabinet/days/{FIRST}", "hrv", "88").status_code == 303
    with bea.inside():
        (first, _) = comparing.preview(bea.newest().id)
    assert (first.fate, first.kept, first.changed) == (Fate.KEPT, {"hrv": (88, 70)}, {})


def test_undoing_takes_back_the_import_and_nothing_else(bea: Uploader) -> None:
    bea.upload(export.text(C26, CYCLES).encode(), "physiological_cycles.csv")
    before = told(bea.days())
    bea.upload(zipped(CHANGED))
    bea.browser.type_value(f"/cabinet/days/{FIRST}", "strain", "3")
    assert importing_of(bea, importing.undo) == 2
    assert (bea.newest().state, bea.newest().undone_at is None) == ("undone", False)
    strain_by_hand = (*before[FIRST][:2], 3, *before[FIRST][3:])
    assert told(bea.days()) == before | {FIRST: strain_by_hand}
    with bea.inside():
        assert db.session.scalars(db.select(Workout).where(_of(bea, Workout))).all() == []
    assert importing_of(bea, importing.undo) == 0


def test_what_was_undone_can_be_imported_again(bea: Uploader) -> None:
    first = bea.upload(zipped())
    importing_of(bea, importing.undo)
    assert bea.days() == {}
    again = bea.upload(zipped())
    assert again.id != first.id
    assert told(bea.days())[FIRST] == (66, 61, 11.4, 7, 0.5, 1)


def test_the_same_file_at_the_same_moment_is_one_import(bea: Uploader) -> None:
    assert len(set(kept_at_once(bea, zipped()))) == 1


@pytest.mark.slow
def test_a_hundred_times_the_same_file_at_the_same_moment_is_one_import(bea: Uploader) -> None:
    for round_ in range(100):
        ids = kept_at_once(bea, zipped([{**CYCLES[0], "Day Strain": f"{round_ / 10}"}]))
        assert len(ids) == 2
        assert len(set(ids)) == 1
        with bea.inside():
            assert importing.discard(ids[0], by=None)
            db.session.commit()


def kept_at_once(bea: Uploader, content: bytes) -> list[UUID]:
    """Upload one file by two browsers at once; the imports it became."""
    start, kept = Barrier(2), list[UUID]()

    def upload() -> None:
        with bea.inside():
            start.wait(timeout=30)
            file = _File("export.zip", io.BytesIO(content))
            assert bea.who.client_id
            kept.append(uploads.keep([file], client_id=bea.who.client_id, by=None).upload.id)
            db.session.commit()

    threads = [Thread(target=upload) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return kept


def test_an_old_export_that_comes_late_overwrites_nothing(bea: Uploader) -> None:
    bea.upload(zipped(NEWER))
    days = told(bea.days())
    old = bea.upload(zipped([CYCLES[0], {**CYCLES[1], "Day Strain": "1.0"}]))
    assert counts(old)["physiological_cycles.csv"] == {"changed": 2}
    assert told(bea.days()) == days
    assert bea.days()[SECOND].state == "final"


def test_an_older_export_still_knows_the_night_that_a_newer_shows_as_a_nap(bea: Uploader) -> None:
    of_the_nap = CYCLE_1 | export.day(Recovery="6") | {**NAP, "Nap": ""}
    bea.upload(zipped([THIRD, of_the_nap]))
    day = bea.days()[FIRST]
    assert (day.recovery_score, "recovery_score" in day.doubtful) == (6, True)
    bea.upload(zipped())
    day = bea.days()[FIRST]
    assert (day.recovery_score, day.doubtful, day.sleep_hours) == (66, [], 7)


def test_a_newer_export_without_distances_takes_none_away(bea: Uploader) -> None:
    far = CYCLE_1 | RUN | {"Distance (meters)": "5000.00", "Altitude gain (meters)": "12.50"}
    bea.upload(export.text(W20, [far]).encode(), "workouts.csv")
    renamed = CYCLE_1 | RUN | {"Activity name": "Correr"}
    later = CYCLE_2 | export.workout("2025-05-03 18:00:00", "2025-05-03 18:45:00")
    bea.upload(export.text(W17, [later, renamed]).encode(), "workouts.csv")
    with bea.inside():
        mine = db.select(Workout).where(_of(bea, Workout)).order_by(Workout.started_at)
        rows = [(row.activity, row.distance_m) for row in db.session.scalars(mine)]
    assert rows == [("correr", 5000), ("running", None)]
    assert told(bea.days())[FIRST][-1] == 1


def test_a_killed_worker_that_had_applied_does_nothing_twice(bea: Uploader) -> None:
    done = bea.upload(zipped())
    importing_of(bea, importing.run)
    assert importing_of(bea, importing.apply) == 0
    assert (bea.newest().state, bea.newest().rows_done) == ("done", done.rows_done)


def test_answers_are_kept_word_for_word_and_once(bea: Uploader) -> None:
    lines = [
        CYCLE_1 | export.answer("Have any caffeine? ", "true", "two cups,\nthen tea"),
        CYCLE_1 | export.answer("Have any caffeine? ", "true", "two cups,\nthen tea"),
        {**CYCLE_2, "Cycle start time": "", "Cycle timezone": ""} | export.answer("Stretched?"),
    ]
    done = bea.upload(zipped(journal_entries=export.text(export.J6, lines)))
    assert counts(done)["journal_entries.csv"] == {"new": 1, "repeated": 1, "refused": 1}
    with bea.inside():
        (entry,) = db.session.scalars(db.select(JournalEntry).where(_of(bea, JournalEntry)))
    assert (entry.date, entry.question, entry.answered_yes, entry.notes) == (
        FIRST,
        "Have any caffeine?",
        True,
        "two cups,\nthen tea",
    )


class _File:
    def __init__(self, filename: str, stream: io.BytesIO) -> None:
        self.filename, self.stream = filename, stream


def _of(who: Uploader, table: type[Workout] | type[JournalEntry]) -> object:
    return table.client_id == who.who.client_id
