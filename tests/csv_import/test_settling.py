"""Two exports that tell of the same, though their times differ: one row each, in any order."""

import re
from collections.abc import Sequence
from itertools import permutations

import pytest

from coach.days.models import DailyLog, JournalEntry, Sleep, Workout
from coach.extensions import db
from tests.csv_import.uploader import (
    COFFEE,
    CYCLE_1,
    CYCLES,
    FIRST,
    NAP,
    NIGHT_1,
    RUN,
    SLEEPS,
    Uploader,
    archived,
    told,
    zipped,
)
from tests.factories import export
from tests.factories.export import C26, J6, S18, W17, Cells
from tests.factories.exports import years

TIMES = ("start time", "end time", "onset", "Wake onset")
# The uploader's rows, in cycles that begin between two minutes.
SECONDS = {
    "2025-05-01 23:10:00": "2025-05-01 23:10:07",
    "2025-05-02 23:00:00": "2025-05-02 23:00:09",
}
EXPORT = {
    "physiological_cycles": (C26, CYCLES),
    "sleeps": (S18, SLEEPS),
    "workouts": (W17, [CYCLE_1 | RUN]),
    "journal_entries": (J6, [COFFEE]),
}


def exact(rows: Sequence[Cells]) -> list[Cells]:
    return [{name: SECONDS.get(it, it) for name, it in row.items()} for row in rows]


def resaved(rows: Sequence[Cells]) -> list[Cells]:
    """Cut the seconds off, as a spreadsheet does; its dates go by the year first."""
    return [
        {name: it[:16] if it and name.endswith(TIMES) else it for name, it in row.items()}
        for row in exact(rows)
    ]


def copy(*names: str) -> bytes:
    """Give the export with some of its files saved again by a spreadsheet."""
    return archived(
        {
            f"{name}.csv": export.text(titles, resaved(rows) if name in names else exact(rows))
            for name, (titles, rows) in EXPORT.items()
        }
    )


def left(who: Uploader) -> dict[str, list[tuple[object, ...]]]:
    """Give what people see: days, sleeps, workouts, answers."""
    shown = {
        DailyLog: ("date", "recovery_score", "strain", "sleep_hours", "nap_hours", "workout_count"),
        Sleep: ("key", "date", "started_at", "nap", "sleep_hours"),
        Workout: ("key", "date", "started_at", "strain"),
        JournalEntry: ("key", "date", "question", "answered_yes"),
    }
    with who.inside():
        return {
            table.__tablename__: sorted(
                tuple(getattr(row, name) for name in names)
                for row in db.session.scalars(
                    db.select(table).filter_by(client_id=who.who.client_id)
                )
            )
            for table, names in shown.items()
        }


def test_a_copy_beside_the_export_doubles_nothing_in_any_order(
    bea: Uploader, carl: Uploader
) -> None:
    uploads = {"exact": copy(), "copy": copy(*EXPORT), "half": copy("sleeps", "journal_entries")}
    carl.upload(uploads["exact"])
    alone = left(carl)
    assert [len(rows) for rows in alone.values()] == [2, 3, 1, 1]
    for order in permutations(uploads):
        made = [bea.upload(uploads[name]).id for name in order]
        assert left(bea) == alone, order
        for import_id in made:
            bea.press(import_id, "undo")
            bea.work()
        assert [len(rows) for rows in left(bea).values()] == [0, 0, 0, 0]


@pytest.mark.parametrize("name", EXPORT)
def test_one_file_saved_again_still_finds_the_cycles_of_the_others(
    bea: Uploader, carl: Uploader, name: str
) -> None:
    carl.upload(copy())
    bea.upload(copy(name))
    assert told(bea.days()) == told(carl.days())
    assert [len(rows) for rows in left(bea).values()] == [2, 3, 1, 1]


def test_a_preview_of_the_copy_says_that_nothing_changes(bea: Uploader) -> None:
    bea.upload(copy())
    bea.read(copy(*EXPORT))
    report = " ".join(re.sub(r"<[^>]+>", " ", bea.report()).split())
    assert "0 Changed 0 Yours stays 0 New 2 Same" in report


def test_a_night_edited_between_two_exports_is_one_night(bea: Uploader, carl: Uploader) -> None:
    ended = export.within("2025-05-02 23:00:00", "2025-05-03 23:10:00")
    later = export.within("2025-05-03 23:10:00") | export.day()
    edited = NIGHT_1 | {"Sleep onset": "2025-05-01 23:40:05"}
    newer = archived(
        {
            "physiological_cycles.csv": export.text(
                C26, [later, {**CYCLES[0], **ended}, CYCLES[1] | edited]
            ),
            "sleeps.csv": export.text(
                S18, [*SLEEPS[:1], CYCLE_1 | NAP, CYCLE_1 | edited | {"Nap": "false"}]
            ),
        }
    )
    for who, order in ((bea, (zipped(), newer)), (carl, (newer, zipped()))):
        for content in order:
            who.upload(content)
    assert left(bea) == left(carl)
    nights = [row for row in left(bea)["sleeps"] if row[1] == FIRST and not row[3]]
    assert [str(row[2])[:16] for row in nights] == ["2025-05-01 21:40"]


def test_nothing_of_a_long_life_is_taken_for_something_else(bea: Uploader, carl: Uploader) -> None:
    life = archived(years.export(cycles=120, naps=30, workouts=90, answers=200, seed=4))
    carl.upload(life)
    bea.upload(archived(years.export(cycles=60, naps=15, workouts=45, answers=100, seed=4)))
    bea.upload(life)
    assert left(bea) == left(carl)
    assert [len(rows) for rows in left(bea).values()] == [120, 150, 90, 200]
