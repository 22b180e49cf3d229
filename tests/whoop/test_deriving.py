"""From stored records to days: what a sync must write again, and what a rebuild must not change."""

from datetime import date, timedelta

import pytest

from coach.database.tenancy import acting_for
from coach.days.models import DailyLog
from coach.extensions import db
from coach.whoop.models import Integration
from coach.whoop.sync.deriving import derive
from tests.cast import Cast, Somebody
from tests.whoop.conftest import NOW, Linker
from tests.whoop.syncing import sync_at

TODAY = NOW.date()
EARLIER = NOW - timedelta(days=12)  # long before the three days that every sync reads again
FORGET = """
UPDATE whoop_records SET raw = raw #- ARRAY['score', :field]
 WHERE kind = :kind AND coalesce(cycle_id, provider_id) IN (
   SELECT provider_id FROM whoop_records
    WHERE kind = 'cycle' AND starts_at BETWEEN :since AND :until)
"""


def logs(linker: Linker, who: Somebody) -> dict[date, DailyLog]:
    with linker.app.app_context(), acting_for(who.organisation_id):
        mine = db.select(DailyLog).where(DailyLog.client_id == who.client_id)
        return {log.date: log for log in db.session.scalars(mine)}


def told(linker: Linker, who: Somebody, field: str) -> dict[date, object]:
    return {day: getattr(log, field) for day, log in logs(linker, who).items()}


def forget(linker: Linker, who: Somebody, kind: str, field: str) -> None:
    """Leave one cycle's record as it was before WHOOP scored a field, and its day with it."""
    with linker.app.app_context(), acting_for(who.organisation_id):
        assert who.client_id
        span = {"since": EARLIER, "until": EARLIER + timedelta(days=1)}
        db.session.execute(db.text(FORGET), {"kind": kind, "field": field, **span})
        assert derive(who.client_id, since=None) == 1
        db.session.commit()


@pytest.mark.parametrize(
    ("kind", "field", "shown"),
    [
        ("cycle", "strain", "strain"),
        ("sleep", "respiratory_rate", "respiratory_rate"),
        ("recovery", "hrv_rmssd_milli", "hrv"),
    ],
)
def test_what_whoop_scores_late_reaches_its_day(
    linker: Linker, cast: Cast, kind: str, field: str, shown: str
) -> None:
    linker.link(cast.bea, "walter")
    sync_at(linker.app, cast.bea, NOW)
    scored = told(linker, cast.bea, shown)
    forget(linker, cast.bea, kind, field)
    assert told(linker, cast.bea, shown) != scored
    sync_at(linker.app, cast.bea, NOW)
    assert told(linker, cast.bea, shown) == scored


def test_a_weight_stands_on_the_date_where_the_client_lives(linker: Linker, cast: Cast) -> None:
    linker.link(cast.bea, "mara")
    sync_at(linker.app, cast.bea, NOW)
    weights = {day: it for day, it in told(linker, cast.bea, "weight_kg").items() if it}
    assert weights == {TODAY: 63.5}
    linker.whoop.now = late = NOW + timedelta(hours=11, minutes=30)  # past midnight in Berlin
    linker.link(cast.carl, "june")
    sync_at(linker.app, cast.carl, late)
    tomorrow = TODAY + timedelta(days=1)
    assert {day for day, it in told(linker, cast.carl, "weight_kg").items() if it} == {tomorrow}


def test_a_rebuild_counts_no_workouts_that_were_not_granted(linker: Linker, cast: Cast) -> None:
    linker.link(cast.bea, "hugo")
    with linker.app.app_context(), acting_for(cast.bea.organisation_id):
        integration = db.session.scalars(db.select(Integration)).one()
        integration.scopes = [scope for scope in integration.scopes if scope != "read:workout"]
        db.session.commit()
    sync_at(linker.app, cast.bea, NOW)
    assert set(told(linker, cast.bea, "workout_count").values()) == {None}
    with linker.app.app_context(), acting_for(cast.bea.organisation_id):
        assert cast.bea.client_id
        assert derive(cast.bea.client_id, since=None) == 0
        db.session.commit()
    assert set(told(linker, cast.bea, "workout_count").values()) == {None}
