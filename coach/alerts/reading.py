"""The alerts one person may see now: their own rule's, of clients who share what it is about.

One statement; consent is part of it, so what is taken back is gone with the next look.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from flask import g
from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import aliased

from coach.accounts.access import Viewer
from coach.accounts.models import Client, Consent, Membership
from coach.alerts.models import Alert, AlertRule, AlertState
from coach.alerts.rules import is_urgent
from coach.extensions import db
from coach.insights.signals import Signal

_SIGNAL = TypeAdapter(Signal)
_ORDER = (AlertState.OPEN, AlertState.SNOOZED, AlertState.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class Told:
    """One alert as its reader sees it; `signal` is None where it is about the link.

    `dates` are those behind it, newest first. `is_mine` tells whether it is the reader's own.
    """

    id: UUID
    client_id: UUID
    name: str
    sign: str
    signal: Signal | None
    dates: tuple[date, ...]
    raised: date
    state: AlertState
    opened_at: datetime
    snoozed_until: date | None
    acted_at: datetime | None
    acted_by: str | None
    is_mine: bool
    urgent: bool = False


def live(viewer: Viewer) -> list[Told]:
    """List the reader's alerts that are still true, those to look at first at the top."""
    mine = AlertRule.coach_id == viewer.membership_id
    return _in_order(_read(viewer, mine, Alert.state != AlertState.ENDED))


def _in_order(found: Sequence[Told]) -> list[Told]:
    told = [replace(each, urgent=_is_urgent(each, found)) for each in found]
    return sorted(told, key=rank)


def open_ones(viewer: Viewer) -> list[Told]:
    """List what waits for a reader; read once a request, which asks in several places."""
    kept: dict[UUID, list[Told]] = g.setdefault("open_alerts", {})
    if viewer.membership_id not in kept:
        kept[viewer.membership_id] = _open(live(viewer))
    return kept[viewer.membership_id]


def _open(told: Sequence[Told]) -> list[Told]:
    return [each for each in told if each.state is AlertState.OPEN]


def of_client(viewer: Viewer, client_id: UUID) -> list[Told]:
    """List what is told of one client to any coach, each sign once: the reader's own if there."""
    chosen = or_(Alert.client_id == client_id, AlertRule.coach_id == viewer.membership_id)
    told = _read(viewer, chosen, Alert.state != AlertState.ENDED)
    # The same statement tells what the menu counts.
    mine = _in_order([each for each in told if each.is_mine])
    g.setdefault("open_alerts", {})[viewer.membership_id] = _open(mine)
    found = [each for each in told if each.client_id == client_id]
    of_sign = {each.sign: each for each in sorted(found, key=lambda it: it.is_mine)}
    seen = {each.sign: each for each in found if each.state is AlertState.ACKNOWLEDGED}
    return [_with_seen(each, seen.get(each.sign)) for each in sorted(of_sign.values(), key=rank)]


def one_or_404(viewer: Viewer, alert_id: UUID) -> Alert:
    """Find an alert the reader may act on; a stranger's and an absent one answer alike."""
    mine = (Alert.id == alert_id, AlertRule.coach_id == viewer.membership_id)
    chosen = select(Alert).join(AlertRule, _OF_RULE).where(*mine, _may_see(viewer))
    found: Alert = db.first_or_404(chosen.where(Alert.state != AlertState.ENDED))
    return found


def _with_seen(told: Told, other: Told | None) -> Told:
    """Say who has seen it, where that was another coach."""
    if other is None or told.acted_by:
        return told
    return replace(told, acted_by=other.acted_by, acted_at=other.acted_at)


def _read(viewer: Viewer, *which: ColumnElement[bool]) -> list[Told]:
    rows = db.session.execute(_select().where(_may_see(viewer), *which)).all()
    return [_told(*row, reader=viewer) for row in rows]


_OF_RULE = and_(AlertRule.organisation_id == Alert.organisation_id, AlertRule.id == Alert.rule_id)
_Actor = aliased(Membership)


def _select() -> Select[Alert, str, UUID, str | None]:
    actor = and_(_Actor.organisation_id == Alert.organisation_id, _Actor.id == Alert.acted_by)
    of_client = and_(Client.organisation_id == Alert.organisation_id, Client.id == Alert.client_id)
    return (
        select(Alert, Client.name, AlertRule.coach_id, _Actor.name)
        .join(AlertRule, _OF_RULE)
        .join(Client, of_client)
        .join(_Actor, actor, isouter=True)
        .execution_options(populate_existing=True)
    )


def _may_see(viewer: Viewer) -> ColumnElement[bool]:
    """Say in SQL of which clients, and on what they share, somebody is told."""
    known = viewer.clients().with_only_columns(Client.id)
    given = select(Consent.id).where(
        viewer.consents(),
        Consent.client_id == Alert.client_id,
        Consent.field_group == Alert.field_group,
    )
    return and_(
        Alert.organisation_id == viewer.organisation_id,
        Alert.client_id.in_(known),
        or_(Alert.field_group.is_(None), given.exists()),
    )


def _told(alert: Alert, name: str, coach_id: UUID, acted_by: str | None, *, reader: Viewer) -> Told:
    evidence = alert.evidence
    dates = evidence.get("dates") or [evidence.get("since")]
    return Told(
        id=alert.id,
        client_id=alert.client_id,
        name=name,
        sign=alert.signal,
        signal=_SIGNAL.validate_python(evidence["signal"]) if "signal" in evidence else None,
        dates=tuple(date.fromisoformat(str(day)) for day in _listed(dates)),
        raised=alert.date,
        state=AlertState(alert.state),
        opened_at=alert.opened_at,
        snoozed_until=alert.snoozed_until,
        acted_at=alert.acted_at,
        acted_by=acted_by,
        is_mine=coach_id == reader.membership_id,
    )


def _listed(dates: object) -> Sequence[object]:
    return dates if isinstance(dates, list) else []


def _is_urgent(told: Told, among: Sequence[Told]) -> bool:
    return is_urgent(each.sign for each in among if each.client_id == told.client_id)


def rank(told: Told) -> tuple[int, bool, bool, str, str]:
    """Order: what waits first, two things at once before one, measured before silent."""
    return (
        _ORDER.index(told.state),
        not told.urgent,
        told.signal is None,
        told.name.casefold(),
        told.sign,
    )
