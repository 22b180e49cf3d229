"""One life told twice, by the API to one client and by the export to another: the same days.

Both ways are the real ones: the pages, the sync against the simulated WHOOP, the upload. The oracle,
which imports nothing of the application, reads the same records and files and must agree with each.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count

import pytest
from flask import Flask

from coach.app import create_app
from coach.database.tenancy import acting_for
from coach.days.metrics import METRICS
from coach.days.models import DailyLog
from coach.extensions import db
from coach.simulator.export import export_files, export_zip
from coach.simulator.life import life
from coach.simulator.members import Member
from coach.simulator.payloads import payload
from config import Settings
from tests.cast import Cast, Somebody
from tests.conftest import close
from tests.critic import Critic
from tests.verification.oracle import (
    ApiLife,
    ExportFiles,
    agree,
    expected_days,
    expected_doubts,
    tolerance,
)
from tests.whoop.conftest import NOW, Linker, SimulatedWhoop
from tests.whoop.syncing import sync_at

WINDOW_DAYS = 120
SAMPLE, MORE = ("mara", "lena"), ("tessa", "omar", "ines", "hugo", "priya")
ONLY_API = {"step_count"}
# The export shows none of the exertion of a cycle that is still open.
EXERTION = {"strain", "energy_kj", "average_heart_rate", "max_heart_rate"}
# The app keeps hours to four decimals; everything else as it came.
ROUNDING = 6e-5

# The simulated WHOOP lets so many calls pass a minute; each test has minutes of its own.
_minutes = count(step=5)

Told = dict[date, dict[str, object]]


@pytest.fixture(scope="module")
def linked_app(settings: Settings, whoop: SimulatedWhoop) -> Iterator[Flask]:
    """The application as it is, but for WHOOP's addresses and a first sync that reads far back."""
    changes = {
        "whoop_api_base_url": f"{whoop.origin}/developer",
        "whoop_oauth_base_url": f"{whoop.origin}/oauth/oauth2",
        "whoop_first_sync_days": WINDOW_DAYS,
    }
    made = create_app(settings.model_copy(update=changes))
    yield made
    close(made)


@dataclass(frozen=True)
class SameLife:
    """What the days are for the client who linked and for the one who uploaded."""

    api: ApiLife
    export: ExportFiles
    by_api: Told
    by_export: Told

    @property
    def dates(self) -> list[date]:
        """Give the dates both cover, but the oldest two, where the first sync's window cuts."""
        oldest = min(self.by_api) + timedelta(days=2)
        return sorted(day for day in self.by_api if day >= oldest)

    def export_told(self, day: date) -> dict[str, object]:
        return self.by_export.get(day, {})


def lived(linker: Linker, cast: Cast, name: str, *, nap_rows: bool = False) -> SameLife:
    """Let Bea link what Carl uploads."""
    now = linker.whoop.now = NOW + next(_minutes) * timedelta(minutes=1)
    member = linker.whoop.app.extensions["simulator"].member_by_email(f"{name}@members.example")
    browser = linker.link(cast.bea, name)
    sync_at(linker.app, cast.bea, now)
    browser.post_form("/cabinet/whoop/disconnect", {"history": "keep"})  # others link them too
    _upload(linker, cast.carl, export_zip(member, now, nap_rows=nap_rows))
    export = _export(member, now, nap_rows=nap_rows)
    told = _told(linker.app, cast.bea), _told(linker.app, cast.carl)
    return SameLife(_api_life(member, now), export, *told)


def _upload(linker: Linker, who: Somebody, content: bytes) -> None:
    browser = Critic.of(linker.app).sign_in(who)
    sent = {"file": (io.BytesIO(content), "my_whoop_data.zip")}
    report = browser.post_form("/cabinet/imports", sent)
    assert report.status_code == 303
    linker.work(who.organisation_id)
    browser.post_form(f"{report.location}/application")
    linker.work(who.organisation_id)
    assert "up to date" in browser.get(report.location).text


def _told(app: Flask, who: Somebody) -> Told:
    """Read a client's daily logs, without what is empty and without what no life tells."""
    names = METRICS.keys() - {"weight_kg", "mood", "notes"}
    with app.app_context(), acting_for(who.organisation_id):
        logs = db.session.scalars(db.select(DailyLog).where(DailyLog.client_id == who.client_id))
        return {
            log.date: {name: it for name in names if (it := getattr(log, name)) is not None}
            | {"doubtful": set(log.doubtful), "state": log.state}
            for log in logs
        }


def _fields(told: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in told.items() if name in METRICS}


def _api_life(member: Member, now: datetime) -> ApiLife:
    since = now - timedelta(days=WINDOW_DAYS + 5)
    chapters = [chapter for chapter in life(member, now) if chapter.cycle.start > since]
    return ApiLife(
        [payload(chapter.cycle) for chapter in chapters],
        [payload(sleep) for chapter in chapters for sleep in chapter.sleeps],
        [payload(recovery) for chapter in chapters for recovery in chapter.recoveries],
        [payload(workout) for chapter in chapters for workout in chapter.workouts],
    )


def _export(member: Member, now: datetime, *, nap_rows: bool) -> ExportFiles:
    files = export_files(member, now, nap_rows=nap_rows)
    names = ("physiological_cycles.csv", "sleeps.csv", "workouts.csv")
    return ExportFiles(*(files[name] for name in names))


def _nearly(field: str, one: object, other: object) -> bool:
    """Tell whether two values are one but for the export's rounding and our four decimals."""
    if isinstance(one, float) and isinstance(other, float) and field.endswith("_hours"):
        return abs(one - other) <= tolerance(field) + 2 * ROUNDING
    return agree(field, one, other)


def _exactly(one: object, other: object) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= max(ROUNDING, 1e-3 * (abs(one) > 1000))
    return one == other


def _apart(ours: Told, expected: Mapping[date, Mapping[str, tuple[object, str]]]) -> list[object]:
    """List where the application and the oracle differ over the application's dates."""
    apart: list[object] = []
    for day, told in ours.items():
        fields, oracles = _fields(told), expected.get(day, {})
        apart += [(day, name, "only one") for name in fields.keys() ^ oracles.keys()]
        apart += [
            (day, name, fields[name], oracles[name][0])
            for name in fields.keys() & oracles.keys()
            if not _exactly(fields[name], oracles[name][0])
        ]
    return apart


@pytest.mark.parametrize(
    "name", [*SAMPLE, *(pytest.param(each, marks=pytest.mark.slow) for each in MORE)]
)
def test_api_and_export_tell_the_same_days(linker: Linker, cast: Cast, name: str) -> None:
    same = lived(linker, cast, name)
    assert len(same.dates) > WINDOW_DAYS * 0.7
    for day in same.dates:
        api, export = _fields(same.by_api[day]), _fields(same.export_told(day))
        missing = ONLY_API | (EXERTION if same.by_api[day]["state"] == "provisional" else set())
        assert api.keys() - missing == export.keys() - missing, day
        for field in api.keys() & export.keys():
            assert _nearly(field, api[field], export[field]), (day, field)
    uncovered = {day for day in same.by_export if day > min(same.dates)} - same.by_api.keys()
    assert not uncovered
    expected = expected_days(same.api, None)
    assert not _apart({day: same.by_api[day] for day in same.dates}, expected)
    assert not _apart(same.by_export, expected_days(None, same.export))


@pytest.mark.parametrize("name", ["ines", pytest.param("mara", marks=pytest.mark.slow)])
def test_an_export_that_shows_naps_for_nights_is_doubted_where_it_does(
    linker: Linker, cast: Cast, name: str
) -> None:
    same = lived(linker, cast, name, nap_rows=True)
    doubted = {day: told["doubtful"] for day, told in same.by_export.items() if told["doubtful"]}
    assert doubted == expected_doubts(None, same.export)
    assert doubted
    assert not _apart(same.by_export, expected_days(None, same.export))
    assert not any(told["doubtful"] for told in same.by_api.values())
