"""The export tells the same life as the API, in the export's own words."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zipfile import ZipFile

import pytest

from coach.simulator.export import Form, export_files, export_zip
from coach.simulator.life import Chapter, life
from coach.simulator.members import Member, cast
from tests.simulator.browser import (
    EARLY_BIRD,
    HEAVY_TRAINER,
    NAPPER,
    OLD_STRAP,
    TRAVELLER,
    Browser,
)

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
CAST = {member.user_id: member for member in cast(seed=1, today=NOW.date())}
everybody = pytest.mark.parametrize("member", CAST.values(), ids=lambda member: member.name)
CYCLES, SLEEPS, WORKOUTS, JOURNAL = (
    "physiological_cycles.csv",
    "sleeps.csv",
    "workouts.csv",
    "journal_entries.csv",
)
Row = dict[str, str]


def table(
    member: Member, name: str, *, nap_rows: bool = False, form: Form = Form.NEWEST
) -> list[Row]:
    text = export_files(member, NOW, form=form, nap_rows=nap_rows)[name]
    return list(csv.DictReader(io.StringIO(text)))


def in_utc(text: str, offset: str) -> datetime:
    """Read a local time as an importer has to."""
    zone = "+00:00" if offset == "UTCZ" else offset.removeprefix("UTC")
    return datetime.fromisoformat(text + zone).astimezone(UTC)


def chapters_with_rows(member: Member) -> Iterator[tuple[Chapter, Row]]:
    return zip(reversed(life(member, NOW)), table(member, CYCLES), strict=True)


@pytest.mark.parametrize(
    ("form", "widths"), [(Form.OLDER, (25, 17, 20, 6)), (Form.NEWEST, (26, 18, 17, 6))]
)
def test_the_headers_are_those_of_their_time(form: Form, widths: tuple[int, ...]) -> None:
    files = export_files(CAST[HEAVY_TRAINER], NOW, form=form)
    headers = [text.split("\n", 1)[0].split(",") for text in files.values()]
    assert tuple(map(len, headers)) == widths
    assert headers[1][-1] == "Nap"
    assert headers[0][:5] == [
        "Cycle start time", "Cycle end time", "Cycle timezone",
        "Recovery score %", "Resting heart rate (bpm)",
    ]  # fmt: skip
    assert headers[3] == [*headers[0][:3], "Question text", "Answered yes", "Notes"]


@everybody
def test_a_cycle_starts_at_the_apis_start_cut_to_the_second(member: Member) -> None:
    for chapter, row in chapters_with_rows(member):
        start = in_utc(row["Cycle start time"], row["Cycle timezone"])
        assert start == chapter.cycle.start.replace(microsecond=0)
        assert row["Cycle timezone"] == f"UTC{chapter.cycle.timezone_offset}"
        if chapter.cycle.end:
            end = in_utc(row["Cycle end time"], row["Cycle timezone"])
            assert end == chapter.cycle.end.replace(microsecond=0)


@everybody
def test_the_open_cycle_is_the_first_row_without_end_or_exertion(member: Member) -> None:
    first, *others = table(member, CYCLES)
    for name in ("Cycle end time", "Day Strain", "Energy burned (cal)", "Max HR (bpm)"):
        assert first[name] == ""
        assert all(row[name] for row in others)


@everybody
def test_numbers_are_the_apis_rounded(member: Member) -> None:
    for chapter, row in chapters_with_rows(member):
        recovery = chapter.recovery_of(chapter.main)
        if recovery and recovery.score:
            assert (
                abs(recovery.score.hrv_rmssd_milli - int(row["Heart rate variability (ms)"])) <= 0.5
            )
            assert int(row["Recovery score %"]) == recovery.score.recovery_score
        if row["Day Strain"] and chapter.cycle.score:
            assert abs(chapter.cycle.score.strain - float(row["Day Strain"])) <= 0.0501
            kilojoules = int(row["Energy burned (cal)"]) * 4.184
            assert abs(chapter.cycle.score.kilojoule - kilojoules) <= 2.1


@everybody
def test_minutes_are_cut_stage_by_stage_and_then_added(member: Member) -> None:
    sleeps = {
        each.start.replace(microsecond=0): each for c in life(member, NOW) for each in c.sleeps
    }
    for row in table(member, SLEEPS):
        sleep = sleeps.pop(in_utc(row["Sleep onset"], row["Cycle timezone"]))
        assert row["Nap"] == ("true" if sleep.nap else "false")
        if sleep.score is None:
            assert row["Asleep duration (min)"] == ""
            continue
        parts = [
            int(row[f"{name} duration (min)"]) for name in ("Light sleep", "Deep (SWS)", "REM")
        ]
        assert int(row["Asleep duration (min)"]) == sum(parts)
        assert parts[2] == sleep.score.stage_summary.total_rem_sleep_time_milli // 60_000
        assert (
            int(row["In bed duration (min)"]) - sum(parts) - int(row["Awake duration (min)"]) >= 0
        )
    assert sleeps == {}


@everybody
def test_every_row_finds_its_cycle(member: Member) -> None:
    keys = {(row["Cycle start time"], row["Cycle timezone"]) for row in table(member, CYCLES)}
    for name in (SLEEPS, WORKOUTS, JOURNAL):
        rows = table(member, name)
        found = {(row["Cycle start time"], row["Cycle timezone"]) for row in rows}
        assert found - {("", "")} <= keys


def test_workouts_have_names_not_slugs_and_ground_only_in_the_older_form() -> None:
    newest = table(CAST[HEAVY_TRAINER], WORKOUTS)
    older = table(CAST[HEAVY_TRAINER], WORKOUTS, form=Form.OLDER)
    assert {"Running", "Strength Trainer"} <= {row["Activity name"] for row in newest}
    assert all(row["GPS enabled"] == "false" for row in newest)
    assert any(float(row["Distance (meters)"] or 0) > 1000 for row in older)
    assert all(sum(int(row[f"HR Zone {n} %"] or 0) for n in range(1, 6)) <= 100 for row in newest)


def test_all_rows_come_newest_first() -> None:
    columns = {CYCLES: "Cycle start time", SLEEPS: "Sleep onset", WORKOUTS: "Workout start time"}
    for name, column in columns.items():
        rows = table(CAST[TRAVELLER], name)
        moments = [in_utc(row[column], row["Cycle timezone"]) for row in rows]
        assert moments == sorted(moments, reverse=True)


def test_an_old_strap_leaves_the_skin_columns_empty() -> None:
    rows = table(CAST[OLD_STRAP], CYCLES)
    assert {(row["Skin temp (celsius)"], row["Blood oxygen %"]) for row in rows} == {("", "")}


def test_no_offset_is_written_as_z() -> None:
    assert {row["Cycle timezone"] for row in table(CAST[EARLY_BIRD], CYCLES)} == {"UTCZ"}


def test_the_newest_form_can_show_naps_in_place_of_nights() -> None:
    member = CAST[NAPPER]
    naps = {row["Sleep onset"] for row in table(member, SLEEPS) if row["Nap"] == "true"}
    hit = [row for row in table(member, CYCLES, nap_rows=True) if row["Sleep onset"] in naps]
    assert 0.3 < len(hit) / len(naps) < 0.7
    assert all(row["Sleep consistency %"] == "" for row in hit)
    assert max(int(row["Recovery score %"]) for row in hit) <= 28
    for form, nap_rows in ((Form.NEWEST, False), (Form.OLDER, True)):
        rows = table(member, CYCLES, form=form, nap_rows=nap_rows)
        assert naps.isdisjoint(row["Sleep onset"] for row in rows)


def test_the_journal_has_odd_notes_and_an_answer_without_a_cycle() -> None:
    rows = table(CAST[HEAVY_TRAINER], JOURNAL)
    assert rows[0]["Cycle start time"] == ""
    assert any("\n" in row["Notes"] for row in rows)
    assert any("," in row["Notes"] for row in rows)
    assert any('"' in row["Notes"] for row in rows)


def test_a_later_export_changes_nothing_but_the_open_cycle() -> None:
    member = CAST[HEAVY_TRAINER]
    earlier = export_files(member, NOW - timedelta(days=16))[CYCLES].splitlines()[2:]
    later = export_files(member, NOW)[CYCLES].splitlines()
    assert later[-len(earlier) :] == earlier


def test_the_archive_is_made_as_whoop_makes_it() -> None:
    content = export_zip(CAST[HEAVY_TRAINER], NOW)
    with ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [CYCLES, SLEEPS, WORKOUTS, JOURNAL]
        assert all(entry.flag_bits & 0x8 for entry in archive.infolist())
        assert b"\r" not in archive.read(CYCLES)
    assert content == export_zip(CAST[HEAVY_TRAINER], NOW)


def test_an_export_can_be_taken_from_the_simulator(browser: Browser) -> None:
    answer = browser.client.get(f"/_simulator/export/{HEAVY_TRAINER}")
    assert answer.mimetype == "application/zip"
    assert "my_whoop_data_2026_11_20.zip" in answer.headers["Content-Disposition"]
    assert answer.data == export_zip(CAST[HEAVY_TRAINER], NOW)
    assert browser.client.get("/_simulator/export/1").status_code == 404
