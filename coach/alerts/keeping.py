"""The life of alerts as rows: raised, going on, open again, over; four statements at most."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert

from coach.accounts.models import FieldGroup
from coach.alerts.coaches import as_rule
from coach.alerts.models import Alert, AlertRule, AlertState
from coach.alerts.quiet import QuietState
from coach.alerts.rules import Firing, Rule, may_raise
from coach.days.calendar import today
from coach.extensions import db
from coach.ids import new_id
from coach.insights.formulas import FORMULA_VERSION
from coach.insights.signals import as_json


@dataclass(frozen=True, slots=True)
class Showing:
    """Something that is worth an alert on a client's day."""

    client_id: UUID
    sign: str
    group: FieldGroup | None
    day: date
    evidence: Mapping[str, object]


def evidence_of(fired: Firing) -> dict[str, object]:
    """Write down the numbers and days behind an alert."""
    return {"signal": as_json(fired.signal), "dates": [day.isoformat() for day in fired.dates]}


def bring_up_to_date(
    rule: AlertRule, shows: Sequence[Showing], *, unjudged: Collection[UUID], now: datetime
) -> None:
    """Make the rows say what shows now; alerts on data of `unjudged` clients stay as they are."""
    latest = _latest(rule)
    showing = {(each.client_id, each.sign): each for each in shows}
    live = {key: each for key, each in latest.items() if each.state != AlertState.ENDED}
    _raise(rule, [it for key, it in showing.items() if _is_due(as_rule(rule), latest.get(key), it)])
    going_on = {key: each for key, each in live.items() if key in showing}
    _go_on([(each, showing[key]) for key, each in going_on.items()])
    _reopen(list(going_on.values()), until=today(now, rule.timezone), now=now)
    over = (each for key, each in live.items() if key not in showing)
    _end([each for each in over if not _is_unjudged(each, unjudged)], now=now)


def _is_unjudged(alert: Alert, unjudged: Collection[UUID]) -> bool:
    return alert.client_id in unjudged and alert.signal not in set(QuietState)


def _latest(rule: AlertRule) -> dict[tuple[UUID, str], Alert]:
    """Find the newest alert of each client and signal, live or over."""
    found = db.session.scalars(
        select(Alert)
        .where(Alert.organisation_id == rule.organisation_id, Alert.rule_id == rule.id)
        .ext(distinct_on(Alert.client_id, Alert.signal))
        .order_by(Alert.client_id, Alert.signal, Alert.date.desc())
        .execution_options(populate_existing=True)  # bulk statements pass the session by
    )
    return {(each.client_id, each.signal): each for each in found}


def _is_due(rule: Rule, last: Alert | None, it: Showing) -> bool:
    if last is None:
        return True
    return last.state == AlertState.ENDED and may_raise(rule, last.shown_until, it.day)


def _raise(rule: AlertRule, fresh: Sequence[Showing]) -> None:
    rows = [
        {
            "organisation_id": rule.organisation_id,
            "id": new_id(),
            "rule_id": rule.id,
            "client_id": each.client_id,
            "signal": each.sign,
            "field_group": each.group,
            "date": each.day,
            "shown_until": each.day,
            "formula_version": FORMULA_VERSION,
            "evidence": each.evidence,
        }
        for each in fresh
    ]
    if rows:
        db.session.execute(insert(Alert).on_conflict_do_nothing(), rows)


def _go_on(pairs: Sequence[tuple[Alert, Showing]]) -> None:
    """Write what it rests on today; whether a coach has seen it is not touched."""
    rows = [
        {
            "organisation_id": alert.organisation_id,
            "id": alert.id,
            "shown_until": now.day,
            "evidence": now.evidence,
            "formula_version": FORMULA_VERSION,
        }
        for alert, now in pairs
        if (alert.shown_until, alert.evidence) != (now.day, now.evidence)
    ]
    if rows:
        db.session.execute(update(Alert), rows)


def _reopen(going_on: Sequence[Alert], *, until: date, now: datetime) -> None:
    """Open what was put off until today, or an earlier day."""
    due = [each.id for each in going_on if each.snoozed_until and each.snoozed_until <= until]
    _change(due, AlertState.SNOOZED, state=AlertState.OPEN, snoozed_until=None, opened_at=now)


def _end(over: Sequence[Alert], *, now: datetime) -> None:
    ids = [each.id for each in over]
    _change(ids, *_LIVE, state=AlertState.ENDED, snoozed_until=None, ended_at=now)


_LIVE = (AlertState.OPEN, AlertState.ACKNOWLEDGED, AlertState.SNOOZED)


def _change(ids: Sequence[UUID], *states: AlertState, **values: object) -> None:
    """Change alerts, if they are in one of these states still: a coach may act meanwhile."""
    if ids:
        db.session.execute(
            update(Alert)
            .where(Alert.id.in_(ids), Alert.state.in_(states))
            .values(**values)
            .execution_options(synchronize_session=False)
        )
