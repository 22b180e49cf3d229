"""WHOOP's data export: a life as four CSV files in an archive, in the forms of two times."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import Enum
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from coach.simulator.columns import (
    CONSISTENCY,
    DIARY,
    cycle_columns,
    sleep_columns,
    workout_columns,
)
from coach.simulator.csv_rows import Row, cycle_row, sleep_row, workout_row
from coach.simulator.diary import diary_rows
from coach.simulator.life import Chapter, life
from coach.simulator.members import Member

NAP_ROWS = 0.5  # of the cycles that hold a nap
NAP_WITHOUT_SPO2 = 0.3


class Form(Enum):
    """When the export was made: until June 2023, or since November 2025."""

    OLDER = "C25 S17 W20"
    NEWEST = "C26 S18 W17"


def export_zip(
    member: Member, now: datetime, *, form: Form = Form.NEWEST, nap_rows: bool = True
) -> bytes:
    """Return the archive WHOOP would send; `nap_rows` keeps the newest form's known fault."""
    pipe = _Pipe()
    with ZipFile(pipe, "w", ZIP_DEFLATED) as archive:
        for name, text in export_files(member, now, form=form, nap_rows=nap_rows).items():
            entry = ZipInfo(name, now.timetuple()[:6])
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, text.encode())
    return bytes(pipe.content)


def export_files(
    member: Member, now: datetime, *, form: Form = Form.NEWEST, nap_rows: bool = True
) -> Mapping[str, str]:
    """Return the four files, by name."""
    chapters, newest = life(member, now), form is Form.NEWEST
    latest = chapters[::-1]
    naps = nap_rows and newest
    cycles = (_cycle(member, chapter, naps=naps) for chapter in latest)
    return {
        "physiological_cycles.csv": _csv(cycle_columns(newest=newest), cycles),
        "sleeps.csv": _csv(sleep_columns(newest=newest), _rows(latest, _sleeps)),
        "workouts.csv": _csv(workout_columns(newest=newest), _rows(latest, _workouts)),
        "journal_entries.csv": _csv(DIARY, diary_rows(member, chapters, newest=newest)),
    }


class _Pipe:
    """Takes bytes and cannot go back: sizes come after the data, as in WHOOP's archives."""

    def __init__(self) -> None:
        self.content = bytearray()

    def write(self, some: bytes) -> int:
        self.content += some
        return len(some)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing has to be let go."""


def _rows(chapters: Iterable[Chapter], of: Callable[[Chapter], list[Row]]) -> Iterable[Row]:
    return (row for chapter in chapters for row in of(chapter))


def _sleeps(chapter: Chapter) -> list[Row]:
    newest_first = sorted(chapter.sleeps, key=lambda sleep: sleep.start, reverse=True)
    return [sleep_row(chapter.cycle, sleep) for sleep in newest_first]


def _workouts(chapter: Chapter) -> list[Row]:
    newest_first = sorted(chapter.workouts, key=lambda workout: workout.start, reverse=True)
    return [workout_row(chapter.cycle, workout) for workout in newest_first]


def _cycle(member: Member, chapter: Chapter, *, naps: bool) -> Row:
    """Return the cycle with its night, or, in every other cycle with a nap, with that instead."""
    chance = member.dice(chapter.cycle.start.date(), "nap row")
    nap = next((sleep for sleep in chapter.sleeps if sleep.nap and sleep.score), None)
    if not naps or nap is None or chance.random() > NAP_ROWS:
        return cycle_row(chapter.cycle, chapter.main, chapter.recovery_of(chapter.main))
    row = dict(cycle_row(chapter.cycle, nap, chapter.recovery_of(nap))) | {CONSISTENCY: ""}
    return row | {"Blood oxygen %": ""} if chance.random() < NAP_WITHOUT_SPO2 else row


def _csv(columns: tuple[str, ...], rows: Iterable[Row]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
