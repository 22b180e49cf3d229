"""What we export and import again says the same: days, sleeps, workouts and answers."""

from collections import Counter
from datetime import timedelta

import pytest

from coach.csv_import.guarding import guarded
from coach.csv_import.models import ImportState
from coach.days.metrics import METRICS
from coach.simulator.export import Form, export_zip
from tests.csv_import.uploader import counts
from tests.exporting.carrying import exported, readings, singles, take_in, unpacked
from tests.factories import export
from tests.factories.exports.fixtures import archive
from tests.factories.exports.table import FIXTURES
from tests.verification.one_client import OneClient
from tests.verification.test_interleavings import NAMES, lived, member, records
from tests.whoop.conftest import NOW

MINE = "whoop_export"
WEEK = timedelta(days=7)
TAKEN = sorted(name for name, it in FIXTURES.items() if not it.refusal)
SAMPLE = TAKEN[::8]
EXACT_TO = {"hours": 2e-4, "kj": 2e-3}


def same_again(bea: OneClient, carl: OneClient) -> None:
    take_in(carl, exported(bea))
    assert readings(bea, MINE)
    assert readings(carl, MINE) == readings(bea, MINE)
    assert singles(carl) == singles(bea)


@pytest.mark.parametrize("name", NAMES[:1])
def test_a_life_that_was_imported_is_the_same_again(
    bea: OneClient, carl: OneClient, name: str
) -> None:
    take_in(bea, export_zip(member(name), NOW))
    same_again(bea, carl)


@pytest.mark.slow
@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("name", NAMES)
def test_every_life_in_every_form_is_the_same_again(
    bea: OneClient, carl: OneClient, name: str, form: Form
) -> None:
    take_in(bea, export_zip(member(name), NOW, form=form))
    same_again(bea, carl)


def test_nights_and_distances_that_only_an_older_export_had_come_along(
    bea: OneClient, carl: OneClient
) -> None:
    take_in(bea, export_zip(member("ines"), NOW - 20 * WEEK, form=Form.OLDER))
    take_in(bea, export_zip(member("ines"), NOW - 10 * WEEK, nap_rows=False))
    take_in(bea, export_zip(member("ines"), NOW, nap_rows=True))
    same_again(bea, carl)


def test_a_nap_told_by_its_look_alone_stays_one(bea: OneClient, carl: OneClient) -> None:
    cycles = unpacked(export_zip(member("ines"), NOW))["physiological_cycles.csv"]
    take_in(bea, archive({"physiological_cycles.csv": cycles}))
    assert any(row["nap"] for row in singles(bea)["sleeps"])
    same_again(bea, carl)


@pytest.mark.parametrize("name", SAMPLE)
def test_odd_and_translated_exports_are_the_same_again(
    bea: OneClient, carl: OneClient, name: str
) -> None:
    again(bea, carl, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", TAKEN)
def test_every_odd_and_translated_export_is_the_same_again(
    bea: OneClient, carl: OneClient, name: str
) -> None:
    again(bea, carl, name)


def again(bea: OneClient, carl: OneClient, name: str) -> None:
    take_in(bea, FIXTURES[name].content)
    take_in(carl, exported(bea))
    assert readings(carl, MINE) == readings(bea, MINE)
    assert singles(carl) == singles(bea)


def test_the_second_copy_is_the_first_letter_for_letter(bea: OneClient, carl: OneClient) -> None:
    take_in(bea, export_zip(member("mara"), NOW))
    first = unpacked(exported(bea))
    take_in(carl, exported(bea))
    second = unpacked(exported(carl))
    assert second == first


def test_our_tables_beside_them_are_left_out_with_a_kind_word(
    bea: OneClient, carl: OneClient
) -> None:
    take_in(bea, export_zip(member("mara"), NOW))
    done = take_in(carl, exported(bea))
    assert done.state == ImportState.DONE
    said = Counter(str(each["reason"]) for each in done.refused)
    assert said["our_table"] == 6
    ours = [told for name, told in counts(done).items() if name.startswith("coach-")]
    assert ours == [{"remarks": 1}] * 6


def test_one_of_our_tables_alone_is_declined_in_words_that_help(
    bea: OneClient, carl: OneClient
) -> None:
    alone = unpacked(exported(bea))["coach-days.csv"]
    refused = take_in(carl, archive({"coach-days.csv": alone}))
    assert (refused.state, refused.refusal) == ("refused", "our_table")


def test_text_that_looks_like_a_formula_comes_back_as_it_was(
    bea: OneClient, carl: OneClient
) -> None:
    texts = ["=1+1", "+1", "-1", "@x", "'=1+1", "''-", "plain", "it's", "'quoted'", "＝1"]  # noqa: RUF001 - full width
    within = export.within("2025-05-01 23:10:00", "2025-05-02 23:00:00")
    lines = [within | export.answer(guarded(it), "true", guarded(f"{it}, noted")) for it in texts]
    take_in(bea, archive({"journal_entries.csv": export.text(export.J6, lines).encode()}))
    take_in(carl, exported(bea))
    assert singles(carl) == singles(bea)
    told = {(row["question"], row["notes"]) for row in singles(carl)["journal_entries"]}
    assert told == {(it, f"{it}, noted") for it in texts}


@pytest.mark.parametrize("name", NAMES)
def test_what_the_api_told_becomes_an_upload_that_tells_the_same(
    bea: OneClient, carl: OneClient, name: str
) -> None:
    chapters = lived(name, 0)
    bea.sync(records(chapters), chapters[0].cycle.start)
    take_in(carl, exported(bea))
    told, again = readings(bea, "whoop"), readings(carl, MINE)
    assert told.keys() == again.keys()
    for day, (values, *_) in told.items():
        assert _apart(values, again[day][0]) == []
    before, after = singles(bea), singles(carl)
    assert [len(rows) for rows in before.values()] == [len(rows) for rows in after.values()]


def test_of_a_cycle_that_both_sources_tell_the_finer_word_is_exported(
    bea: OneClient, carl: OneClient
) -> None:
    chapters = lived("mara", 0)
    take_in(bea, export_zip(member("mara"), NOW))
    bea.sync(records(chapters), chapters[0].cycle.start)
    take_in(carl, exported(bea))
    told, uploaded = readings(bea, "whoop"), readings(bea, MINE)
    again = readings(carl, MINE)
    assert again.keys() == told.keys() | uploaded.keys()
    for day, (values, *_) in told.items():
        assert _apart(values, again[day][0]) == []


def _apart(told: object, again: object) -> list[tuple[str, object, object]]:
    """List where an upload says something else than the API did, but for what it cannot say."""
    assert isinstance(told, dict)
    assert isinstance(again, dict)
    only_api = {"step_count", "weight_kg", "workout_count"}
    return [
        (name, told.get(name), again.get(name))
        for name in (told.keys() & METRICS.keys()) - only_api
        if not _nearly(name, told.get(name), again.get(name))
    ]


def _nearly(name: str, one: object, other: object) -> bool:
    if METRICS[name].kind == "time":
        return str(one)[:19] == str(other)[:19]
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= EXACT_TO.get(name.rpartition("_")[2], 1e-9)
    return one == other
