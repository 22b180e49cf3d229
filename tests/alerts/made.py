"""Rules and alerts made by hand, and looks at what is stored; each in a context of its own."""

from datetime import datetime
from uuid import UUID

from flask import Flask

from coach.alerts import coaches, raising
from coach.alerts.models import Alert, AlertRule
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.ids import new_id
from tests.cast import Somebody
from tests.insights.lives import NOON, TODAY


def a_rule(app: Flask, coach: Somebody, **chosen: object) -> UUID:
    """Keep the usual rule of a coach, but for what is chosen."""
    with app.app_context(), acting_for(coach.organisation_id):
        usual = coaches.usual(coach.membership_id, "Europe/Berlin")
        rule = AlertRule(**{**usual, **chosen})
        db.session.add(rule)
        db.session.commit()
        rule_id = rule.id
        db.session.remove()
    return rule_id


def an_alert(app: Flask, coach: Somebody, client: Somebody) -> UUID:
    """Raise an alert about a client's link, which says nothing of their values."""
    rule_id, alert_id = a_rule(app, coach), new_id()
    row: dict[str, object] = {
        "signal": "reconnect",
        "date": TODAY,
        "shown_until": TODAY,
        "formula_version": 1,
        "evidence": {"since": TODAY.isoformat()},
        "client_id": client.client_id,
    }
    with app.app_context(), acting_for(coach.organisation_id):
        of_rule = {"organisation_id": coach.organisation_id, "rule_id": rule_id}
        db.session.add(Alert(id=alert_id, **of_rule, **row))
        db.session.commit()
        db.session.remove()
    return alert_id


def look(app: Flask, coach: Somebody, rule_id: UUID, *, now: datetime = NOON) -> None:
    """Look as the worker would."""
    with app.app_context(), acting_for(coach.organisation_id):
        raising.look(rule_id, now=now)
        db.session.commit()
        db.session.remove()


def alerts_of(app: Flask, coach: Somebody) -> list[Alert]:
    """List the alerts on data that are stored for a coach's organisation, by signal."""
    with app.app_context(), acting_for(coach.organisation_id):
        chosen = db.select(Alert).where(Alert.field_group.is_not(None))
        found = list(db.session.scalars(chosen.order_by(Alert.signal, Alert.date)))
        db.session.expunge_all()
        db.session.remove()
    return found
