"""Recording, editing and rebuilding days on a real PostgreSQL."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event

from coach.database.tenancy import acting_for
from coach.days import store
from coach.days.editing import USE_DEVICE, Edit, Impossible, Stale, type_values
from coach.days.merge import Day, Reading, merge
from coach.days.metrics import METRICS, Source, Value
from coach.days.models import DailyLog, DayChange, DayReading
from coach.extensions import db
from tests.cast import Cast

DAY = date(2026, 5, 14)
API = Reading(
    Source.WHOOP,
    {
        "recovery_score": 66.0,
        "hrv": 61.84,
        "strain": 11.2468,
        "sleep_hours": 7.25,
        "sleep_started_at": datetime(2026, 5, 13, 21, 10, 30, 851_000, UTC),
        "spo2": 97.1,
    },
    provisional=True,
    calibrating=True,
)
EXPORT = Reading(
    Source.EXPORT,
    {"recovery_score": 65.0, "hrv": 62.0, "sleep_consistency": 80.0, "spo2": 97.0},
    doubtful=frozenset({"recovery_score", "sleep_consistency"}),
)
TYPED: Mapping[str, Edit] = {"hrv": 70.0, "mood": 7, "strain": None}
MANUAL = Reading(Source.MANUAL, {"hrv": 70.0, "mood": 7, "strain": None})


@dataclass(frozen=True)
class Diary:
    """One client's days, written and read as the application does."""

    client_id: UUID
    by: UUID

    def tell(self, reading: Reading, *days: date) -> int:
        said = dict.fromkeys(days or (DAY,), reading)
        return store.record(self.client_id, reading.source, said)

    def hush(self, source: Source, *days: date) -> int:
        return store.record(self.client_id, source, {}, silent=days or (DAY,))

    def type(self, edits: Mapping[str, Edit], day: date = DAY) -> None:
        row = self.row(day)
        version = row.version if row else 0
        type_values(self.client_id, day, edits, by=self.by, version=version)

    def row(self, day: date = DAY) -> DailyLog | None:
        db.session.expire_all()
        return db.session.scalar(
            db.select(DailyLog).where(DailyLog.client_id == self.client_id, DailyLog.date == day)
        )

    def shown(self, name: str, day: date = DAY) -> tuple[Value, object]:
        row = self.row(day)
        assert row is not None
        return getattr(row, name), row.sources.get(name)

    def version(self) -> int:
        row = self.row()
        return row.version if row else 0

    def changes(self) -> set[tuple[str, str | None, str | None, str, UUID | None]]:
        mine = db.select(DayChange).where(DayChange.client_id == self.client_id)
        return {
            (each.field, each.old, each.new, each.source, each.changed_by)
            for each in db.session.scalars(mine)
        }


@pytest.fixture
def diary(app: Flask, cast: Cast) -> Iterator[Diary]:
    assert cast.bea.client_id
    with app.app_context(), acting_for(cast.bea.organisation_id):
        yield Diary(cast.bea.client_id, cast.bea.user_id)
        db.session.rollback()
        db.session.remove()


def assert_row(row: DailyLog | None, merged: Day) -> None:
    assert row is not None
    assert {name: getattr(row, name) for name in METRICS} == {
        name: merged.values.get(name) for name in METRICS
    }
    assert row.sources == merged.sources
    assert row.doubtful == sorted(merged.doubtful)
    assert (row.state, row.source) == (merged.state, merged.source)
    assert row.calibrating == merged.calibrating


def _type_and_take_back(diary: Diary, day: date) -> None:
    diary.type({"spo2": 80.0}, day)
    diary.type({"spo2": USE_DEVICE}, day)


ARRIVALS: tuple[Callable[[Diary, date], object], ...] = (
    lambda diary, day: diary.tell(API, day),
    lambda diary, day: diary.tell(EXPORT, day),
    lambda diary, day: diary.type(TYPED, day),
    _type_and_take_back,
)


def test_whatever_comes_first_the_rows_end_the_same(diary: Diary) -> None:
    expected = merge([API, EXPORT, MANUAL])
    for number, arrivals in enumerate(permutations(ARRIVALS)):
        day = DAY + timedelta(days=number)
        for arrive in arrivals:
            arrive(diary, day)
        assert_row(diary.row(day), expected)


@pytest.mark.parametrize(
    ("silent", "left"),
    [
        (Source.WHOOP, [EXPORT, MANUAL]),
        (Source.EXPORT, [API, MANUAL]),
    ],
)
def test_a_source_that_goes_silent_clears_only_its_own(
    diary: Diary, silent: Source, left: list[Reading]
) -> None:
    diary.tell(API)
    diary.tell(EXPORT)
    diary.type(TYPED)
    assert diary.hush(silent) == 1
    assert_row(diary.row(), merge(left))


def test_when_nobody_speaks_the_day_is_gone(diary: Diary) -> None:
    diary.tell(API)
    assert diary.hush(Source.WHOOP) == 1
    assert diary.row() is None
    assert diary.hush(Source.WHOOP) == 0


def test_a_field_whoop_drops_is_what_the_export_says(diary: Diary) -> None:
    diary.tell(EXPORT)
    diary.tell(API)
    diary.tell(Reading(Source.WHOOP, {"strain": 12.0}))
    assert diary.shown("hrv") == (62, "whoop_export")
    assert diary.shown("strain") == (12, "whoop")


def test_changes_tell_old_new_and_who(diary: Diary) -> None:
    diary.tell(Reading(Source.WHOOP, {"hrv": 61.84}))
    assert diary.changes() == set()  # a device's first word
    diary.tell(Reading(Source.WHOOP, {"hrv": 62.0}))
    diary.type({"hrv": 70.0, "mood": 7})
    diary.type({"hrv": USE_DEVICE})
    assert diary.changes() == {
        ("hrv", "61.84", "62", "whoop", None),
        ("hrv", "62", "70", "manual", diary.by),
        ("mood", None, "7", "manual", diary.by),
        ("hrv", "70", "62", "manual", diary.by),
    }


def test_who_confirms_a_value_or_empties_an_empty_one_is_kept(diary: Diary) -> None:
    diary.tell(Reading(Source.WHOOP, {"hrv": 62.0}))
    diary.type({"hrv": 62.0, "strain": None})
    assert diary.changes() == {
        ("strain", None, None, "manual", diary.by),
        ("hrv", "62", "62", "manual", diary.by),
    }


def test_versions_count_changes_and_nothing_else(diary: Diary) -> None:
    diary.tell(API)
    assert diary.version() == 1
    assert diary.tell(API) == 0
    assert diary.version() == 1
    diary.type({"hrv": 70.0})
    assert diary.version() == 2
    diary.type({"hrv": 70.0})
    assert diary.version() == 2
    store.rebuild(diary.client_id, [DAY], source=Source.WHOOP)
    assert diary.version() == 2


@pytest.mark.parametrize("seen", [0, 2])
def test_an_edit_of_an_older_day_is_refused_with_the_newest_version(
    diary: Diary, seen: int
) -> None:
    diary.tell(API)
    with pytest.raises(Stale) as stale:
        type_values(diary.client_id, DAY, {"hrv": 70.0}, by=diary.by, version=seen)
    assert stale.value.newest == 1
    assert diary.shown("hrv") == (61.84, "whoop")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hrv", 0.5),
        ("hrv", float("nan")),
        ("hrv", "70"),
        ("mood", 11),
        ("mood", 7.5),
        ("mood", True),
        ("notes", 7),
        ("sleep_efficiency", 90.0),  # not for people
    ],
)
def test_what_cannot_be_is_not_stored(diary: Diary, name: str, value: Value) -> None:
    with pytest.raises(Impossible) as refused:
        type_values(diary.client_id, DAY, {name: value}, by=diary.by, version=0)
    assert refused.value.field == name
    assert diary.row() is None


def test_empty_on_purpose_stays_empty_through_every_sync(diary: Diary) -> None:
    diary.tell(API)
    diary.type({"hrv": None})
    for hrv in (61.84, 63.0, 64.0):
        diary.tell(Reading(Source.WHOOP, {"hrv": hrv}))
        diary.tell(EXPORT)
        assert diary.shown("hrv") == (None, "manual")
    diary.type({"hrv": USE_DEVICE})
    assert diary.shown("hrv") == (64.0, "whoop")


def test_taking_back_what_no_device_knows_leaves_nothing(diary: Diary) -> None:
    diary.type({"mood": 7})
    diary.type({"mood": USE_DEVICE})
    assert diary.row() is None


def test_notes_hold_whatever_a_keyboard_gives(diary: Diary) -> None:
    diary.type({"notes": "caf\u00e9 \U0001f634\nslept \0 badly"})
    assert diary.shown("notes") == ("caf\u00e9 \U0001f634\nslept \ufffd badly", "manual")
    diary.type({"mood": 3})
    assert diary.version() == 2


def test_a_reading_once_seen_in_this_session_is_read_anew(diary: Diary) -> None:
    diary.tell(API)
    held = db.session.scalars(db.select(DayReading)).all()
    diary.tell(Reading(Source.WHOOP, {"hrv": 50.0}))
    assert diary.shown("hrv") == (50.0, "whoop")
    assert held[0].values == {"hrv": 50}


def test_other_days_and_clients_are_left_alone(diary: Diary, cast: Cast) -> None:
    assert cast.carl.client_id
    carls = Diary(cast.carl.client_id, cast.carl.user_id)
    next_day = DAY + timedelta(days=1)
    diary.tell(API, DAY, next_day)
    carls.tell(API)
    diary.hush(Source.WHOOP)
    assert diary.row() is None
    assert_row(diary.row(next_day), merge([API]))
    assert_row(carls.row(), merge([API]))


def test_a_hundred_days_cost_as_many_statements_as_one(diary: Diary) -> None:
    def statements(first: int, number: int) -> int:
        days = [DAY + timedelta(days=first + each) for each in range(number)]
        gone = [DAY - timedelta(days=first + each) for each in range(number)]
        diary.tell(API, *days, *gone)
        diary.type({"hrv": 70.0}, days[0])
        said = dict.fromkeys(days, Reading(Source.WHOOP, {"strain": 12.0}))
        asked: list[str] = []
        listener = lambda *args: asked.append(args[2])  # noqa: E731  removed by identity
        event.listen(db.engine, "before_cursor_execute", listener)
        try:
            store.record(diary.client_id, Source.WHOOP, said, silent=gone)
        finally:
            event.remove(db.engine, "before_cursor_execute", listener)
        return len(asked)

    assert statements(1, 1) == statements(200, 100) <= 10
