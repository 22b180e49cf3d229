"""The oracle on rows made by hand."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from coach.days.metrics import METRICS
from tests.verification.hand_made import (
    C26,
    CSV_DAY,
    CSV_NIGHT,
    CYCLE,
    KEY,
    NAP,
    NAP_RECOVERY,
    NAP_ROW,
    NIGHT,
    RECOVERY,
    WHOLE_API,
    WHOLE_DAY,
    WHOLE_EXPORT,
    WORKOUT,
    table,
)
from tests.verification.oracle import (
    ApiLife,
    ExportFiles,
    agree,
    expected_days,
    expected_doubts,
    tolerance,
)
from tests.verification.oracle_sources import Json
from tests.verification.oracle_tables import POSSIBLE

DAY = date(2026, 5, 14)


def api_day(
    cycle: Json = CYCLE,
    sleeps: Sequence[Json] = (NIGHT,),
    recoveries: Sequence[Json] = (RECOVERY,),
) -> dict[str, object]:
    days = expected_days(ApiLife([cycle], sleeps, recoveries), None)
    return {name: value for name, (value, _) in days[DAY].items()}


def export_day(export: ExportFiles) -> dict[str, object]:
    return {name: value for name, (value, _) in expected_days(None, export)[DAY].items()}


def test_a_day_of_the_api() -> None:
    days = expected_days(WHOLE_API, None)
    assert {source for _, source in days[DAY].values()} == {"whoop"}
    day = {name: value for name, (value, _) in days.pop(DAY).items()}
    assert days == {}
    assert day.pop("sleep_started_at") == datetime(2026, 5, 13, 21, 10, 30, 851_000, UTC)
    assert day.pop("sleep_ended_at") == datetime(2026, 5, 14, 5, 10, 30, 851_000, UTC)
    assert day == pytest.approx(WHOLE_DAY)


def test_the_same_day_of_the_export_is_the_same_within_its_rounding() -> None:
    without_nap = ApiLife([CYCLE], [NIGHT], [RECOVERY], [WORKOUT])
    ours = expected_days(without_nap, None)[DAY]
    export = expected_days(None, WHOLE_EXPORT)[DAY]
    assert {source for _, source in export.values()} == {"whoop_export"}
    assert ours.keys() - export.keys() == {"step_count"}
    assert export.keys() - ours.keys() == {"nap_hours"}
    for name in ours.keys() & export.keys():
        assert agree(name, ours[name][0], export[name][0]), name


def test_where_both_speak_the_api_is_believed_and_a_person_above_all() -> None:
    manual: dict[date, dict[str, object]] = {
        DAY: {"hrv": 70.0, "strain": None},
        date(2026, 6, 1): {"mood": 7},
    }
    days = expected_days(ApiLife([CYCLE], [NIGHT], [RECOVERY]), WHOLE_EXPORT, manual)
    assert days[DAY]["hrv"] == (70.0, "manual")
    assert days[DAY]["strain"] == (None, "manual")
    assert days[DAY]["recovery_score"] == (66, "whoop")
    assert days[DAY]["nap_hours"] == (25 / 60, "whoop_export")
    assert days[date(2026, 6, 1)] == {"mood": (7, "manual")}


def test_a_nap_row_takes_its_sleep_from_sleeps_and_doubts_its_recovery() -> None:
    export = ExportFiles(NAP_ROW, WHOLE_EXPORT.sleeps)
    day = export_day(export)
    assert (day["sleep_hours"], day["nap_hours"], day["strain"]) == (448 / 60, 25 / 60, 11.2)
    doubtful = {"recovery_score", "resting_heart_rate", "hrv", "skin_temp_celsius"}
    assert expected_doubts(None, export) == {DAY: doubtful}
    api = ApiLife([CYCLE], [NIGHT], [RECOVERY])
    assert expected_doubts(api, export) == {}
    assert expected_doubts(None, export, {DAY: {"hrv": None}}) == {DAY: doubtful - {"hrv"}}


def test_a_nap_row_without_sleeps_has_no_sleep_to_tell() -> None:
    export = ExportFiles(NAP_ROW)
    assert not [name for name in export_day(export) if "sleep" in name]
    assert "recovery_score" in expected_doubts(None, export)[DAY]


def test_a_plain_row_without_sleeps_keeps_its_night() -> None:
    export = ExportFiles(WHOLE_EXPORT.physiological_cycles)
    day = export_day(export)
    assert day["sleep_hours"] == 448 / 60
    assert day.keys().isdisjoint({"nap_hours", "workout_count"})
    assert expected_doubts(None, export) == {}


def test_sleeps_alone_still_tell_the_night() -> None:
    day = export_day(ExportFiles(sleeps=WHOLE_EXPORT.sleeps))
    assert (day["sleep_hours"], day["nap_hours"]) == (448 / 60, 25 / 60)
    assert "strain" not in day


def test_the_open_row_of_an_export_has_recovery_but_no_strain() -> None:
    row = f"2026-05-13 23:10:30,,UTC+02:00,66,52,62,33.57,97.10,,,,,{CSV_NIGHT}"
    day = export_day(ExportFiles(table(C26, row)))
    assert (day["recovery_score"], day["spo2"]) == (66, 97.1)
    assert day.keys().isdisjoint({"strain", "energy_kj", "max_heart_rate", "average_heart_rate"})


def test_an_efficiency_above_a_hundred_is_a_hundred() -> None:
    night = CSV_NIGHT.replace(",94,", ",101,")
    export = ExportFiles(table(C26, f"{KEY},{CSV_DAY},{night}"))
    assert export_day(export)["sleep_efficiency"] == 100


@pytest.mark.parametrize(
    ("sleeps", "recoveries"),
    [
        ([NAP], [NAP_RECOVERY]),
        ([NIGHT, NAP], [NAP_RECOVERY]),
        ([NIGHT], [{**RECOVERY, "score_state": "PENDING_SCORE", "score": None}]),
        ([NIGHT], [{**RECOVERY, "sleep_id": "older"}]),
        ([], []),
    ],
)
def test_only_the_scored_recovery_of_the_main_sleep_counts(
    sleeps: list[Json], recoveries: list[Json]
) -> None:
    assert "recovery_score" not in api_day(CYCLE, sleeps, recoveries)


def test_what_is_not_scored_keeps_its_times() -> None:
    unscored = {**NIGHT, "score_state": "UNSCORABLE", "score": None}
    day = api_day({**CYCLE, "score_state": "PENDING_SCORE", "score": None}, [unscored], [])
    assert day.keys() == {
        "sleep_started_at",
        "sleep_ended_at",
        "sleep_offset_minutes",
        "step_count",
        "workout_count",
    }


def test_what_cannot_be_is_not_told() -> None:
    wild = {"strain": 22.0, "kilojoule": 0.0, "average_heart_rate": 0, "max_heart_rate": 300}
    day = api_day({**CYCLE, "score": wild})
    assert "strain" not in day
    assert day["energy_kj"] == 0


def test_the_main_sleep_is_the_first_by_onset() -> None:
    second = {
        **NIGHT,
        "id": "second",
        "start": "2026-05-14T20:00:00Z",
        "end": "2026-05-14T23:00:00Z",
    }
    assert api_day(CYCLE, [second, NIGHT])["sleep_ended_at"] == datetime(
        2026, 5, 14, 5, 10, 30, 851_000, UTC
    )


def test_the_longer_sleep_owns_a_double_date_alone() -> None:
    short = {**NIGHT, "id": "short", "cycle_id": 2, "end": "2026-05-14T19:00:00.000Z"}
    evening = {**CYCLE, "id": 2, "start": "2026-05-14T15:00:00Z", "end": "2026-05-14T21:00:00Z"}
    short["score_state"] = "UNSCORABLE"
    days = expected_days(ApiLife([evening, CYCLE], [short, NIGHT]), None)
    assert days.keys() == {DAY}
    assert days[DAY]["sleep_hours"][0] == pytest.approx(7.5)


def test_cuts_of_three_stages_add_up() -> None:
    assert agree("sleep_hours", 7.5, 7.5 - 2.9 / 60)
    assert not agree("sleep_hours", 7.5, 7.5 - 3.1 / 60)
    assert agree("strain", 11.25, 11.3)
    assert agree("notes", "a", "a")
    assert tolerance("workout_count") == 0


def test_the_oracle_and_the_app_hold_the_same_to_be_possible() -> None:
    assert {name: (METRICS[name].low, METRICS[name].high) for name in POSSIBLE} == POSSIBLE
