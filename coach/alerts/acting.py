"""Say that an alert was seen, put it off until a date, and keep a rule."""

from datetime import date
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert

from coach.accounts import audit
from coach.accounts.access import Viewer
from coach.alerts import coaches
from coach.alerts.models import Alert, AlertRule, AlertState
from coach.extensions import db


def acknowledge(alert: Alert, *, by: Viewer) -> None:
    """Say that a coach has seen it; it comes back only when it has been over for a while."""
    _act(alert.id, by, state=AlertState.ACKNOWLEDGED, snoozed_until=None)
    audit.record("alert_acknowledged", by=by.user_id, subject=alert.client_id)


def snooze(alert: Alert, until: date, *, by: Viewer) -> None:
    """Put it off; if it still shows on that date it is open again."""
    _act(alert.id, by, state=AlertState.SNOOZED, snoozed_until=until)
    audit.record("alert_snoozed", by=by.user_id, subject=alert.client_id)


def reopen(alert: Alert, *, by: Viewer) -> None:
    """Take back that it was seen or put off: it waits again."""
    nobody = {"acted_by": None, "acted_at": None}
    waits = {"state": AlertState.OPEN, "snoozed_until": None, "opened_at": func.now()}
    _act(alert.id, by, **waits, **nobody)
    audit.record("alert_reopened", by=by.user_id, subject=alert.client_id)


def keep_rule(chosen: dict[str, object], *, by: Viewer) -> None:
    """Keep what a coach wants to be told of; the next look goes by it."""
    row = {**coaches.usual(by.membership_id, by.timezone), **chosen}
    again = {**chosen, "looked_at": None}
    db.session.execute(
        insert(AlertRule)
        .values(row)
        .on_conflict_do_update(
            index_elements=[AlertRule.organisation_id, AlertRule.coach_id], set_=again
        )
    )
    audit.record("alert_rule_changed", by=by.user_id)


def _act(alert_id: UUID, by: Viewer, **values: object) -> None:
    db.session.execute(
        update(Alert)
        .where(
            Alert.organisation_id == by.organisation_id,
            Alert.id == alert_id,
            Alert.state != AlertState.ENDED,
        )
        .values({"acted_by": by.membership_id, "acted_at": func.now(), **values})
        .execution_options(synchronize_session=False)
    )
