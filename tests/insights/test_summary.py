"""What a reader is shown of clients on a day: shared values, reasons and order of need."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import event

from coach.accounts.access import Viewer
from coach.accounts.models import Consent, FieldGroup
from coach.check_ins.models import CheckIn, DayTag, TagKind
from coach.extensions import db
from coach.insights import summary
from coach.insights.morning import (
    NOT_SHARED,
    Dated,
    LowRecovery,
    Morning,
    Quiet,
    State,
)
from coach.insights.signals import SignalName
from tests.cast import Cast, Somebody
from tests.check_ins.test_check_ins import viewer_of
from tests.insights.conftest import Client
from tests.insights.lives import TODAY, Made, ago, steady

ALL = tuple(FieldGroup)
LOW_HRV = {"hrv": steady("hrv", then=[45.0] * 7)}


@pytest.fixture
def ann(cast: Cast) -> Viewer:
    return viewer_of(cast.ann)


def share(who: Somebody, *groups: FieldGroup) -> None:
    for group in groups:
        whose = {"organisation_id": who.organisation_id, "client_id": who.client_id}
        db.session.add(Consent(field_group=group, text_version="1", **whose))
    db.session.flush()


def say(who: Somebody, row: CheckIn | DayTag) -> None:
    assert who.client_id
    row.organisation_id, row.client_id = who.organisation_id, who.client_id
    db.session.add(row)
    db.session.flush()


def look(bea: Client, by: Viewer, made: Made | None, *groups: FieldGroup) -> Morning:
    share(bea.who, *(groups or ALL))
    if made is not None:
        bea.lives(made)
        bea.refresh()
    return summary.mornings({bea.id: TODAY}, by=by)[bea.id]


def names(morning: Morning) -> list[str]:
    return [getattr(each, "name", type(each).__name__) for each in morning.reasons]


def test_a_calm_morning_has_its_figures_with_their_dates(bea: Client, ann: Viewer) -> None:
    runs = {"recovery_score": [70.0] * 100}
    seen = look(bea, ann, Made(runs))
    assert (seen.state, seen.reasons, seen.attention) == (State.CALM, (), 0)
    assert seen.recovery == Dated(70.0, TODAY)
    assert seen.night == Dated(7.7, TODAY)
    assert seen.strain_yesterday == Dated(14.0, ago(1))
    assert seen.balance == pytest.approx(-0.3)
    assert seen.hrv is not NOT_SHARED
    assert seen.hrv
    assert (len(seen.hrv.days), seen.hrv.days[-1], seen.hrv.newest) == (28, 66.0, TODAY)
    assert seen.hrv.week.n == 7
    assert seen.hrv.range.value < seen.hrv.week.value < seen.hrv.high_ms  # type: ignore[operator]


def test_a_signal_is_the_reason_and_comes_first(bea: Client, ann: Viewer) -> None:
    seen = look(bea, ann, Made({**LOW_HRV, "recovery_score": [20.0] * 100}))
    assert seen.state is State.ATTENTION
    assert seen.low_recovery
    assert names(seen)[0] == SignalName.HRV_WEEK
    assert names(seen)[-1] == "LowRecovery"


def test_what_is_not_shared_is_said_so_and_moves_nobody_up(bea: Client, ann: Viewer) -> None:
    seen = look(bea, ann, Made(LOW_HRV), FieldGroup.SLEEP)
    hidden = (seen.recovery, seen.hrv, seen.drift, seen.strain_yesterday, seen.check_in, seen.tags)
    assert set(hidden) == {NOT_SHARED}
    assert seen.night == Dated(7.7, TODAY)
    assert (seen.reasons, seen.attention, seen.state) == ((), 0, State.CALM)


def test_who_shares_nothing_is_neither_missing_nor_calm(bea: Client, ann: Viewer) -> None:
    bea.lives(Made(LOW_HRV))
    bea.refresh()
    seen = summary.mornings({bea.id: TODAY}, by=ann)[bea.id]
    assert (seen.state, seen.reasons, seen.no_data) == (State.NOT_SHARED, (), False)


def test_yesterdays_red_recovery_is_no_red_recovery(bea: Client, ann: Viewer) -> None:
    seen = look(bea, ann, Made({"recovery_score": [*[20.0] * 99, None]}))
    assert seen.recovery == Dated(20.0, ago(1))
    assert not seen.low_recovery


def test_who_has_gone_quiet_is_said_so_with_the_days(bea: Client, ann: Viewer) -> None:
    nothing = [None] * 4
    runs = {name: steady(name, then=nothing) for name in ("hrv", "resting_heart_rate", "strain")}
    nights = {name: steady(name, then=nothing) for name in ("sleep_hours", "respiratory_rate")}
    seen = look(bea, ann, Made({**runs, **nights}))
    assert (seen.state, seen.quiet_days) == (State.NO_DATA, 4)


def test_who_has_never_sent_anything_has_no_data(bea: Client, ann: Viewer) -> None:
    seen = look(bea, ann, None)
    assert (seen.state, seen.quiet_days, seen.recovery, seen.hrv) == (
        State.NO_DATA,
        None,
        None,
        None,
    )


def test_a_tag_of_today_is_shown_and_one_that_is_over_is_not(bea: Client, ann: Viewer) -> None:
    say(bea.who, DayTag(kind=TagKind.INJURED, first_date=ago(3), last_date=None))
    say(bea.who, DayTag(kind=TagKind.HOLIDAY, first_date=ago(9), last_date=ago(2)))
    seen = look(bea, ann, Made(LOW_HRV))
    assert seen.tags not in (None, NOT_SHARED)
    assert [tag.kind for tag in seen.tags] == [TagKind.INJURED]
    assert seen.state is State.TAGGED


def test_a_check_in_counts_the_whole_days_that_are_missing(bea: Client, ann: Viewer) -> None:
    say(bea.who, CheckIn(date=ago(3), sleep=2))
    seen = look(bea, ann, Made())
    assert seen.check_in not in (None, NOT_SHARED)
    assert (seen.check_in.answered, seen.check_in.missed) == (False, 2)


def test_the_order_of_need(bea: Client, ann: Viewer) -> None:
    calm = look(bea, ann, Made())
    two, one = replace(calm, attention=203), replace(calm, attention=107)
    low = replace(calm, reasons=(LowRecovery(20),))
    tagged, quiet = replace(calm, attention=50), replace(calm, reasons=(Quiet(3),))
    needs = [seen.need for seen in (two, one, low, tagged, quiet, calm)]
    assert needs == sorted(set(needs), reverse=True)


def test_three_statements_whatever_the_number_of_clients(
    bea: Client, ann: Viewer, cast: Cast
) -> None:
    share(cast.bea, *ALL)
    share(cast.carl, *ALL)
    for client in (bea, Client(cast.carl)):
        client.lives()
        client.refresh()
    assert _statements({cast.bea.client_id, cast.carl.client_id}, ann) == 3
    assert _statements({cast.bea.client_id}, ann) == 3


def _statements(ids: set[UUID | None], by: Viewer) -> int:
    said: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    summary.mornings({each: TODAY for each in ids if each}, by=by)
    event.remove(db.engine, "before_cursor_execute", note)
    return len(said)
