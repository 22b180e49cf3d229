"""Imports from the page to the days, on a real PostgreSQL."""

import io
from collections.abc import Sequence

import pytest

from coach.csv_import import importing
from coach.csv_import.reading import Accepted
from coach.csv_import.storing import RowStore
from coach.extensions import db
from coach.work.models import Work
from tests.csv_import.uploader import (
    COFFEE,
    CYCLE_1,
    CYCLES,
    FIRST,
    NIGHT_2,
    RUN,
    SECOND,
    SLEEPS,
    Uploader,
    counts,
    told,
    zipped,
)
from tests.factories import export
from tests.factories.export import C26, J6, S18, W17


def test_an_upload_becomes_days_and_a_report(bea: Uploader) -> None:
    done = bea.upload(zipped())
    assert (done.state, done.rows_done, done.refused) == ("done", 8, [])
    assert counts(done) == {
        "physiological_cycles.csv": {"new": 2},
        "sleeps.csv": {"new": 3},
        "workouts.csv": {"new": 1},
        "journal_entries.csv": {"new": 1, "repeated": 1},
    }
    assert told(bea.days()) == {
        FIRST: (66, 61, 11.4, 7, 0.5, 1),
        SECOND: (66, 61, 11.4, 6.6667, None, 0),
    }
    assert bea.days()[SECOND].state == "provisional"
    assert "up to date" in bea.report()


def test_a_bad_line_is_told_and_the_others_are_taken(bea: Uploader) -> None:
    spoiled = {**CYCLES[1], "Cycle start time": "yesterday"}
    wild = {**CYCLES[0], "Recovery score %": "166"}
    done = bea.upload(zipped([wild, spoiled]))
    assert done.state == "done"
    assert counts(done)["physiological_cycles.csv"] == {"refused": 1, "cells": 1, "new": 1}
    lines = {(each["line"], each["reason"]) for each in done.refused}
    assert lines == {(2, "implausible"), (3, "not_a_time")}
    assert "yesterday" not in str(done.refused)
    assert "line 3" in bea.report()
    assert bea.days()[SECOND].recovery_score is None
    assert bea.days()[SECOND].strain == 11.4


def test_the_same_file_again_is_the_import_it_already_is(bea: Uploader) -> None:
    first = bea.upload(zipped())
    answer = bea.post(zipped())
    assert answer.location.endswith(str(first.id))
    assert bea.newest().id == first.id


def test_the_same_rows_in_another_file_change_nothing(bea: Uploader) -> None:
    bea.upload(zipped())
    before = {day: log.version for day, log in bea.days().items()}
    again = bea.upload(zipped(journal_entries=export.text(J6, [COFFEE])))
    assert counts(again) == {
        "physiological_cycles.csv": {"unchanged": 2},
        "sleeps.csv": {"unchanged": 3},
        "workouts.csv": {"unchanged": 1},
        "journal_entries.csv": {"unchanged": 1},
    }
    assert {day: log.version for day, log in bea.days().items()} == before


def test_a_newer_export_updates(bea: Uploader) -> None:
    bea.upload(zipped())
    ended = export.within("2025-05-02 23:00:00", "2025-05-03 23:30:00")
    newer = bea.upload(zipped([ended | export.day(Day_Strain="15.2") | NIGHT_2, CYCLES[1]]))
    assert counts(newer)["physiological_cycles.csv"] == {"changed": 1, "unchanged": 1}
    day = bea.days()[SECOND]
    assert (day.strain, day.state, day.version) == (15.2, "final", 2)
    assert bea.days()[FIRST].version == 1


def test_parts_that_come_one_by_one_end_as_the_whole(bea: Uploader, carl: Uploader) -> None:
    carl.upload(zipped())
    bea.upload(export.text(S18, SLEEPS).encode(), "sleeps.csv")
    assert told(bea.days())[FIRST] == (None, None, None, 7, 0.5, None)
    bea.upload(export.text(W17, [CYCLE_1 | RUN]).encode(), "workouts.csv")
    bea.upload(export.text(C26, CYCLES).encode(), "physiological_cycles.csv")
    assert told(bea.days()) == told(carl.days())


def test_an_import_that_was_killed_ends_the_same(
    bea: Uploader, carl: Uploader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)
    bea.post(zipped())
    with monkeypatch.context() as patched:
        patched.setattr(RowStore, "add", _dies_after(2))
        with pytest.raises(SystemExit):
            bea.work()
    assert (bea.newest().state, len(bea.rows()), bea.days()) == ("reading", 4, {})
    _lease_ends(bea)
    bea.work()
    assert bea.newest().state == "preview"
    assert bea.apply().rows_done == 8
    carl.upload(zipped())
    assert bea.rows() == carl.rows()
    assert told(bea.days()) == told(carl.days())


def test_what_a_killed_import_left_says_nothing(
    bea: Uploader, monkeypatch: pytest.MonkeyPatch
) -> None:
    bea.post(zipped())
    with monkeypatch.context() as patched:
        patched.setattr(RowStore, "add", _dies_after(1))
        with pytest.raises(SystemExit):
            bea.work()
    done = bea.upload(export.text(W17, [CYCLE_1 | RUN]).encode(), "workouts.csv")
    assert counts(done) == {"workouts.csv": {"new": 1}}
    assert told(bea.days()) == {FIRST: (None, None, None, None, None, 1)}


def test_a_typed_value_survives_every_import(bea: Uploader) -> None:
    bea.upload(zipped())
    bea.browser.type_value(f"/cabinet/days/{FIRST}", "hrv", "88")
    bea.browser.type_value(f"/cabinet/days/{FIRST}", "strain", do="empty")
    newer = [CYCLES[0], {**CYCLES[1], "Heart rate variability (ms)": "70", "Blood oxygen %": "98"}]
    bea.upload(zipped(newer))
    day = bea.days()[FIRST]
    assert (day.hrv, day.strain, day.spo2) == (88, None, 98)
    assert (day.sources["hrv"], day.sources["spo2"]) == ("manual", "whoop_export")


def test_several_csvs_are_one_upload(bea: Uploader) -> None:
    files = [
        (io.BytesIO(export.text(C26, CYCLES).encode()), "physiological_cycles.csv"),
        (io.BytesIO(export.text(S18, SLEEPS).encode()), "../../sleeps.csv"),
    ]
    assert bea.browser.post_form("/cabinet/imports", {"file": files}).status_code == 303
    bea.work()
    assert bea.apply().file_name == "physiological_cycles.csv, sleeps.csv"
    assert told(bea.days())[FIRST] == (66, 61, 11.4, 7, 0.5, None)


def _dies_after(batches: int) -> object:
    """Stand in for the storing of batches in a worker that is killed."""
    add = RowStore.add
    done: list[int] = []

    def add_or_die(rows: RowStore, lines: Sequence[Accepted]) -> object:
        if len(done) == batches:
            raise SystemExit
        done.append(1)
        return add(rows, lines)

    return add_or_die


def _lease_ends(uploader: Uploader) -> None:
    with uploader.app.app_context():
        mine = Work.organisation_id == uploader.who.organisation_id
        db.session.execute(db.update(Work).where(mine).values(state="waiting", lease_until=None))
        db.session.commit()
