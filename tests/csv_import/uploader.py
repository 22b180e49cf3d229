"""Clients who upload made-up exports, and the worker who reads them."""

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import cast
from uuid import UUID

from flask import Flask
from werkzeug.test import TestResponse

from coach.csv_import.models import Import, ImportRow, ImportState
from coach.database.tenancy import acting_for
from coach.days.models import DailyLog
from coach.extensions import db
from coach.work.models import Work
from coach.work.perform import perform
from tests.cast import Somebody
from tests.critic import Critic
from tests.factories import export
from tests.factories.export import C26, J6, S18, W17, Cells

FIRST, SECOND = date(2025, 5, 2), date(2025, 5, 3)
CYCLE_1 = export.within("2025-05-01 23:10:00", "2025-05-02 23:00:00")
CYCLE_2 = export.within("2025-05-02 23:00:00")
NIGHT_1 = export.night("2025-05-01 23:10:05", "2025-05-02 07:00:01")
NIGHT_2 = export.night("2025-05-02 23:00:05", "2025-05-03 07:10:00", Asleep="400")
NAP = export.nap("2025-05-02 14:00:00", "2025-05-02 14:40:00")
RUN = export.workout("2025-05-02 18:00:00", "2025-05-02 18:45:30")
COFFEE = CYCLE_1 | export.answer("Have any caffeine? ")
CYCLES = [CYCLE_2 | export.day() | NIGHT_2, CYCLE_1 | export.day() | NIGHT_1]
SLEEPS = [
    CYCLE_2 | NIGHT_2 | {"Nap": "false"},
    CYCLE_1 | NAP,
    CYCLE_1 | NIGHT_1 | {"Nap": "false"},
]


def zipped(cycles: Sequence[Cells] = CYCLES, **more: str | bytes) -> bytes:
    """One whole export; `more` adds or replaces files, by name without `.csv`."""
    files: dict[str, str | bytes] = {
        "physiological_cycles": export.text(C26, cycles),
        "sleeps": export.text(S18, SLEEPS),
        "workouts": export.text(W17, [CYCLE_1 | RUN]),
        "journal_entries": export.text(J6, [COFFEE, COFFEE]),
        **more,
    }
    return archived({f"{name}.csv": content for name, content in files.items()})


def archived(files: Mapping[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            # Without the time of day: the same files are the same upload.
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


class Uploader:
    """A client who uploads, and the worker who reads it."""

    def __init__(self, app: Flask, who: Somebody) -> None:
        self.app, self.who = app, who
        self.browser: Critic = Critic.of(app).sign_in(who)

    def post(self, content: bytes, name: str = "my_whoop_data.zip") -> TestResponse:
        return self.browser.post_form("/cabinet/imports", {"file": (io.BytesIO(content), name)})

    def read(self, content: bytes, name: str = "my_whoop_data.zip") -> Import:
        """Upload, let it be read, and give the import to be looked at or as it was refused."""
        answer = self.post(content, name)
        assert answer.status_code == 303, answer.text
        self.work()
        return self.newest()

    def upload(self, content: bytes, name: str = "my_whoop_data.zip") -> Import:
        """Upload, let it be read, apply it, and give the import as it ended."""
        self.read(content, name)
        return self.apply()

    def apply(self) -> Import:
        """Press Apply if there is one, and give the newest import as it ended."""
        read = self.newest()
        if read.state == ImportState.PREVIEW:
            self.press(read.id, "application")
            self.work()
        return self.newest()

    def press(self, import_id: UUID, button: str) -> TestResponse:
        """Press a button of the page of an import."""
        return self.browser.post_form(f"/cabinet/imports/{import_id}/{button}")

    def report(self) -> str:
        return self.browser.get(f"/cabinet/imports/{self.newest().id}").text

    def work(self) -> None:
        with self.app.app_context():
            open_work = db.select(Work.id).where(
                Work.organisation_id == self.who.organisation_id, Work.state == "waiting"
            )
            ids = list(db.session.scalars(open_work))
            db.session.remove()
            for work_id in ids:
                perform(str(work_id))

    def take_back(self, state: str) -> None:
        """Let work that a dead worker held, or that waits, become something else."""
        with self.app.app_context():
            mine = (Work.organisation_id == self.who.organisation_id, Work.state != "done")
            db.session.execute(db.update(Work).where(*mine).values(state=state, lease_until=None))
            db.session.commit()

    @contextmanager
    def inside(self) -> Iterator[None]:
        with self.app.app_context(), acting_for(self.who.organisation_id):
            yield

    def newest(self) -> Import:
        with self.inside():
            mine = db.select(Import).where(Import.client_id == self.who.client_id)
            return db.session.scalars(mine.order_by(Import.id.desc()).limit(1)).one()

    def days(self) -> dict[date, DailyLog]:
        with self.inside():
            mine = db.select(DailyLog).where(DailyLog.client_id == self.who.client_id)
            return {log.date: log for log in db.session.scalars(mine)}

    def rows(self) -> list[tuple[str, str, dict[str, object]]]:
        with self.inside():
            mine = db.select(ImportRow).where(ImportRow.client_id == self.who.client_id)
            return sorted((row.kind, row.key, row.parsed) for row in db.session.scalars(mine))


def counts(done: Import) -> dict[str, dict[str, int]]:
    """Give how often each thing happened in each file, without what never did."""
    found = cast("dict[str, dict[str, int]]", done.counts)
    return {
        name: {what: n for what, n in file.items() if n and isinstance(n, int)}
        for name, file in found.items()
    }


def told(days: Mapping[date, DailyLog]) -> dict[date, tuple[object, ...]]:
    shown = ("recovery_score", "hrv", "strain", "sleep_hours", "nap_hours", "workout_count")
    return {day: tuple(getattr(log, name) for name in shown) for day, log in days.items()}
