"""Whatever has a day is listed by it: records as WHOOP told them, syncs, uploads and alerts too."""

from datetime import UTC, datetime, timedelta

from flask import Flask

from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.whoop.models import SyncRun
from tests.alerts.made import an_alert
from tests.api.conftest import MakeProgram, Program, a_token
from tests.cast import Cast
from tests.csv_import.uploader import Uploader, zipped
from tests.insights.lives import TODAY
from tests.whoop.conftest import Linker, linked_app, linker, whoop

__all__ = ["linked_app", "linker", "whoop"]
RAW = {"sleep": "sleeps", "recovery": "recoveries", "workout": "workouts", "cycle": "cycles"}
EVER = "start_date=0001-01-01&end_date=9999-12-31"


def ids(caller: Program, path: str) -> set[str]:
    answer = caller.get(f"/clients/me/{path}&limit=400")
    assert answer.status_code == 200, answer.text
    return {each["id"] for each in answer.json["items"]}


def test_raw_records_are_of_the_days_of_what_was_made_of_them(linker: Linker, cast: Cast) -> None:
    linker.link(cast.bea, "mara")
    linker.work(cast.bea.organisation_id)
    bea = Program(linker.app.test_client(use_cookies=False), a_token(linker.app, cast.bea))
    days = [each["date"] for each in bea.get("/clients/me/days?limit=5").json["items"]]
    first, last = days[-1], days[0]
    for kind, path in RAW.items():
        everything = ids(bea, f"raw-records?kind={kind}")
        assert everything == ids(bea, f"raw-records?kind={kind}&{EVER}")
        span = f"start_date={first}&end_date={last}"
        within = ids(bea, f"raw-records?kind={kind}&{span}")
        assert within == ids(bea, f"{path}?{span}")
        by_day = [ids(bea, f"raw-records?kind={kind}&start_date={it}&end_date={it}") for it in days]
        assert sum(map(len, by_day)) == len(within) < len(everything)
    nights = bea.get(f"/clients/me/sleeps?start_date={first}&end_date={last}").json["items"]
    assert {each["date"] for each in nights} <= set(days)
    dated = {each["id"]: each["date"] for each in nights}
    recoveries = bea.get("/clients/me/recoveries?limit=5").json["items"]
    assert all(dated.get(each["id"], each["date"]) == each["date"] for each in recoveries)
    (newest, *_) = bea.get("/clients/me/cycles?limit=1").json["items"]
    assert newest == bea.get("/clients/me/cycles/latest").json
    assert newest["date"] == last
    measured = bea.get(f"/clients/me/raw-records?kind=body_measurement&{EVER}").json["items"]
    assert len(measured) == 1


def test_syncs_and_uploads_are_of_the_day_on_which_they_began(linker: Linker, cast: Cast) -> None:
    linker.link(cast.bea, "mara")
    linker.work(cast.bea.organisation_id)
    Uploader(linker.app, cast.bea).read(zipped())
    bea = Program(linker.app.test_client(use_cookies=False), a_token(linker.app, cast.bea))
    now = datetime.now(UTC).date()
    around = f"start_date={now - timedelta(days=1)}&end_date={now + timedelta(days=1)}"
    for path in ("syncs", "imports"):
        assert len(ids(bea, f"{path}?{around}")) == len(ids(bea, f"{path}?{EVER}")) == 1
        assert ids(bea, f"{path}?start_date={now + timedelta(days=2)}") == set()
        assert ids(bea, f"{path}?end_date={now - timedelta(days=2)}") == set()


def test_alerts_are_of_the_day_on_which_they_were_raised(
    app: Flask, cast: Cast, program: MakeProgram
) -> None:
    an_alert(app, cast.ann, cast.bea)
    ann = program(cast.ann)
    assert len(ann.get(f"/alerts?start_date={TODAY}&end_date={TODAY}").json["items"]) == 1
    assert ann.get(f"/alerts?start_date={TODAY + timedelta(days=1)}").json["items"] == []


def test_a_sync_that_was_cut_short_does_not_go_on_for_ever(linker: Linker, cast: Cast) -> None:
    linker.link(cast.bea, "mara")
    linker.work(cast.bea.organisation_id)
    with linker.app.app_context(), acting_for(cast.bea.organisation_id):
        db.session.execute(db.update(SyncRun).values(outcome=None, ended_at=None))
        db.session.commit()
        db.session.remove()
    bea = Program(linker.app.test_client(use_cookies=False), a_token(linker.app, cast.bea))
    (listed,) = bea.get("/clients/me/syncs").json["items"]
    assert (listed["status"], listed["error"]) == ("failed", "Interrupted")
    assert bea.get(f"/clients/me/syncs/{listed['id']}").json["status"] == "failed"
