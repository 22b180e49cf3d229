"""The pages: who gets what, under which name, and who hears of it."""

import csv
import io
import json
import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from coach.accounts.models import AuditEntry, FieldGroup
from coach.accounts.sharing import fields_of
from coach.database.tenancy import acting_for
from coach.days.metrics import METRICS
from coach.exporting.tables import TABLES
from coach.extensions import db
from coach.simulator.export import export_zip
from tests.cast import Cast, Somebody
from tests.critic import Critic
from tests.exporting.carrying import take_in, unpacked
from tests.verification.one_client import OneClient
from tests.verification.test_interleavings import member
from tests.whoop.conftest import NOW

DAY = "2026-05-14"
CANARIES = {"recovery_score": "91", "strain": "19.7", "hrv": "173.25", "notes": "=my canary"}
EVERYTHING = "/cabinet/export/data.zip"


@pytest.fixture
def known(app: Flask, cast: Cast) -> Critic:
    """Bea has typed values and answered."""
    browser = Critic.of(app).sign_in(cast.bea)
    for name, value in CANARIES.items():
        assert browser.type_value(f"/cabinet/days/{DAY}", name, value).status_code == 303
    browser.post_form("/cabinet/check-in", {"mood": "7", "sleep": "2", "note": "@a canary too"})
    browser.post_form("/cabinet/tags", {"kind": "ill", "first_date": DAY, "note": "flu canary"})
    return browser


def rows(answer: TestResponse) -> list[dict[str, str]]:
    assert answer.status_code == 200
    text = answer.data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def of_client(app: Flask, who: Somebody, client: Somebody) -> TestResponse:
    coach = Critic.of(app).sign_in(who)
    return coach.get(f"/dashboard/clients/{client.client_id}/export.csv")


def test_a_client_downloads_each_table(known: Critic) -> None:
    page = known.get("/cabinet/export").text
    for table in TABLES:
        assert f"/cabinet/export/{table.name}.csv" in page
        got = rows(known.get(f"/cabinet/export/{table.name}.csv"))
        assert bool(got) == (table.name in {"days", "check-ins", "tags"})
    day = next(it for it in rows(known.get("/cabinet/export/days.csv")) if it["date"] == DAY)
    assert (day["hrv"], day["hrv_source"], day["notes"]) == ("173.25", "manual", "'=my canary")
    assert (day["provisional"], day["doubtful"], day["spo2_source"]) == ("false", "", "")
    (answer,) = rows(known.get("/cabinet/export/check-ins.csv"))
    assert (answer["mood"], answer["sleep"], answer["note"]) == ("7", "2", "'@a canary too")


def test_a_table_that_there_is_not_is_not_found(known: Critic) -> None:
    assert known.get("/cabinet/export/users.csv").status_code == 404


def test_a_download_says_what_it_is_and_is_kept_by_nobody(known: Critic) -> None:
    table, whole = known.get("/cabinet/export/days.csv"), known.get(EVERYTHING)
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert whole.headers["Content-Type"] == "application/zip"
    for answer, what in ((table, r"days\.csv"), (whole, r"data\.zip")):
        named = answer.headers["Content-Disposition"]
        assert re.fullmatch(
            rf"attachment; filename=\"[^\"]+ {what}\"; filename\*=UTF-8''\S+", named
        )
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Content-Encoding" not in answer.headers


def test_the_archive_holds_every_table_twice_and_explains_every_column(known: Critic) -> None:
    files = unpacked(known.get(EVERYTHING).data)
    readme = files["README.txt"].decode("utf-8-sig")
    told = json.loads(files["coach-data.json"])
    for section, table in zip(readme.split("\r\n\r\n")[2:], TABLES, strict=True):
        heading, *lines = section.strip().split("\r\n")
        assert heading.startswith(f"coach-{table.name}.csv: ")
        explained = [line.split(":")[0].strip() for line in lines]
        text = files[f"coach-{table.name}.csv"].decode("utf-8-sig")
        got = csv.DictReader(io.StringIO(text, newline=""))
        assert explained == got.fieldnames
        assert len(told[table.name]) == len(list(got))
    day = next(it for it in told["days"] if it["date"] == DAY)
    assert (day["hrv"], day["notes"], day["spo2"]) == (173.25, "=my canary", None)
    assert {name for name in files if name.startswith("whoop/")} == {
        "whoop/physiological_cycles.csv",
        "whoop/sleeps.csv",
        "whoop/workouts.csv",
        "whoop/journal_entries.csv",
    }


def test_single_nights_workouts_and_answers_are_in_the_archive(bea: OneClient) -> None:
    take_in(bea, export_zip(member("ines"), NOW))
    browser = Critic.of(bea.app).sign_in(bea.who)
    told = json.loads(unpacked(browser.get(EVERYTHING).data)["coach-data.json"])
    left = {name: len(them) for name, them in bea.left().items()}
    assert left["sleeps"] == len(told["sleeps"]) > 200  # more than a page
    assert left["workouts"] == len(told["workouts"])
    assert left["journal_entries"] == len(told["journal"])
    assert len({it["date"] for it in told["days"]}) == left["daily_logs"] == len(told["days"])


def test_a_coach_gets_what_is_shared_and_the_header_names_what_is_not(
    app: Flask, cast: Cast, known: Critic
) -> None:
    known.post_form("/cabinet/sharing", {"share": "strain"})
    (day,) = rows(of_client(app, cast.ann, cast.bea))
    withheld = {f"{group}_not_shared" for group in FieldGroup if group is not FieldGroup.STRAIN}
    assert (day["strain"], day["strain_source"]) == ("19.7", "manual")
    assert withheld < day.keys()
    assert {day[name] for name in withheld} == {"true"}
    assert day.keys() & METRICS.keys() == fields_of([FieldGroup.STRAIN])


@pytest.mark.parametrize("who", ["ann", "olga"])
def test_without_any_consent_a_coach_gets_a_header_that_says_so_and_no_date(
    app: Flask, cast: Cast, known: Critic, who: str
) -> None:
    assert known
    answer = of_client(app, getattr(cast, who), cast.bea)
    header = answer.data.decode("utf-8-sig").splitlines()
    assert len(header) == 1
    assert header[0].count("_not_shared") == len(FieldGroup)
    assert not any(canary in answer.text for canary in (DAY, *CANARIES.values()))


def test_a_day_of_which_nothing_is_shared_has_no_row(app: Flask, cast: Cast, known: Critic) -> None:
    known.post_form("/cabinet/sharing", {"share": "sleep"})
    assert rows(of_client(app, cast.ann, cast.bea)) == []


def test_what_was_shared_until_a_moment_ago_is_not_exported(
    app: Flask, cast: Cast, known: Critic
) -> None:
    known.post_form("/cabinet/sharing", {"share": ["strain", "recovery"]})
    known.post_form("/cabinet/sharing", {"share": "strain"})
    assert "173" not in of_client(app, cast.ann, cast.bea).text


@pytest.mark.parametrize("who", ["carl", "xenia"])
def test_another_clients_export_holds_nothing_of_hers(
    app: Flask, cast: Cast, known: Critic, who: str
) -> None:
    assert known
    browser = Critic.of(app).sign_in(getattr(cast, who))
    files = unpacked(browser.get(EVERYTHING).data)
    tables = {name: text for name, text in files.items() if name != "README.txt"}
    assert not any(b"canary" in text or b"173.25" in text for text in tables.values())


@pytest.mark.parametrize("who", ["zoe", "yan", "carla"])
def test_a_coach_who_may_not_know_her_gets_nothing(
    app: Flask, cast: Cast, known: Critic, who: str
) -> None:
    known.post_form("/cabinet/sharing", {"share": [group.value for group in FieldGroup]})
    assert of_client(app, getattr(cast, who), cast.bea).status_code == 404


def test_every_export_is_written_down(app: Flask, cast: Cast, known: Critic) -> None:
    known.get(EVERYTHING)
    known.get("/cabinet/export/journal.csv")
    of_client(app, cast.ann, cast.bea)
    with app.app_context(), acting_for(cast.bea.organisation_id):
        mine = db.select(AuditEntry).where(
            AuditEntry.subject_id == cast.bea.client_id, AuditEntry.action.like("%exported")
        )
        told = [
            (it.action, it.actor_id, it.details)
            for it in db.session.scalars(mine.order_by(AuditEntry.id))
        ]
    assert told == [
        ("data_exported", cast.bea.user_id, {}),
        ("data_exported", cast.bea.user_id, {"tables": ["journal"]}),
        ("client_exported", cast.ann.user_id, {"groups": []}),
    ]


def test_the_words_of_the_archive_are_the_readers(known: Critic) -> None:
    languages = {
        language: unpacked(known.get(EVERYTHING, headers={"Accept-Language": language}).data)[
            "README.txt"
        ]
        for language in ("en", "ru")
    }
    assert "Heart rate variability" in languages["en"].decode()
    assert "Heart rate variability" not in languages["ru"].decode()
