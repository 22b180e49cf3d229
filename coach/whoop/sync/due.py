"""What is due at a slot: what announcements have not brought, scores that are owed, a look.

A slot is a unique row, so however many schedulers run, it is taken once. After a downtime each link
has one slot that is due, and is caught up on by one sync.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, func, or_, select

from coach.accounts.models import AuditEntry, Client
from coach.database.tenancy import act_for, act_for_nobody, current_organisation
from coach.extensions import db, settings
from coach.web.models import UserSession
from coach.whoop import webhook
from coach.whoop.apps import limits_of
from coach.whoop.models import Integration, Status, Trigger, WhoopLink, WhoopRecord
from coach.whoop.payloads import RecordKind
from coach.whoop.quota.ledger import daily
from coach.whoop.sync import fencing, jobs, planning, scores
from coach.whoop.sync.cursors import LISTS, MISSED_AT, READ_AT, moment_of, moments_of, unread
from coach.whoop.sync.fencing import Gone
from coach.whoop.sync.planning import Known, Request
from coach.work import slots
from coach.work.models import Lane

# One failure of ours or of WHOOP never ends the schedule; only the client's own word does.
KEPT_UP = {Status.ACTIVE, Status.ERROR}
LOOKED_WITHIN = timedelta(hours=12)


def sync_due(*, now: datetime) -> int:
    """Take every due slot, make the work it asks for, plan the one after it; how many were due."""
    if not settings().feature_whoop_integration:
        return 0
    due = slots.take_due(jobs.SYNC.name, now=now)
    for subject_id, organisation_id, _ in due:
        _take(subject_id, organisation_id, now=now)
    owed = slots.take_due(scores.SLOT, now=now)
    for subject_id, organisation_id, _ in owed:
        _look_for_scores(subject_id, organisation_id)
    db.session.commit()
    act_for_nobody()
    return len(due) + len(owed)


def _take(integration_id: UUID, organisation_id: UUID | None, *, now: datetime) -> None:
    act_for(organisation_id, user_id=None, session=db.session())
    integration = db.session.get(Integration, (organisation_id, integration_id))
    if integration is None or integration.status not in KEPT_UP:
        return
    client = db.session.get_one(Client, (organisation_id, integration.client_id))
    known = _known(integration, now=now)
    if fencing.is_cared_for(client):
        _keep_up(integration, client, known, now=now)
    own = jobs.next_moment(integration.id, after=now)
    jobs.plan_next(integration, now=now, at=planning.next_slot(known, own=own, now=now))
    db.session.flush()


def _keep_up(integration: Integration, client: Client, known: Known, *, now: datetime) -> None:
    """Ask for what this part of the day has not brought; nothing at all on most slots."""
    if lists := _lists(integration, known, now=now):
        jobs.ask_for_sync(
            integration, lane=Lane.RECONCILE, trigger=Trigger.SCHEDULE, request=_whole(lists)
        )
    elif planning.wants_open_cycle(known, now=now) and _is_looked_at(client, now=now):
        jobs.ask_for_sync(
            integration,
            lane=Lane.BACKFILL,
            trigger=Trigger.LOOK,
            request=_whole([RecordKind.CYCLE]),
        )


def _lists(integration: Integration, known: Known, *, now: datetime) -> list[RecordKind]:
    healthy = integration.status == Status.ACTIVE and integration.last_sync is not None
    if not healthy:  # try whether it is well again
        return list(LISTS)
    period = jobs.A_DAY / settings().whoop_sync_times_per_day
    due = planning.due(known, period=period, now=now)
    left = unread(integration.cursors)  # by a sync that was given up
    return [kind for kind in LISTS if kind in due or kind in left]


def _known(integration: Integration, *, now: datetime) -> Known:
    app_id = integration.whoop_app_id
    heard = app_id is not None and webhook.is_heard(app_id, since=now - planning.SILENCE)
    missed_at = moment_of(integration.cursors, MISSED_AT)
    scarce = app_id is not None and not heard and _is_scarce(app_id)
    return Known(
        read_at=moments_of(integration.cursors, READ_AT),
        heard=heard,
        missed_at=missed_at,
        scarce=scarce,
        woke_at=_woke_at(integration.client_id) if scarce or missed_at else None,
    )


def _is_scarce(app_id: UUID) -> bool:
    """Tell whether reading every list of every link at each slot would take more than there is."""
    links = select(func.count()).where(WhoopLink.whoop_app_id == app_id)
    wanted = db.session.execute(links).scalar_one() * len(LISTS)
    per_day = limits_of(app_id).per_day
    return wanted * settings().whoop_sync_times_per_day > daily(per_day, Lane.RECONCILE)


def _woke_at(client_id: UUID) -> datetime | None:
    """Find when the newest night that we hold ended."""
    nights = (
        WhoopRecord.organisation_id == current_organisation(),
        WhoopRecord.client_id == client_id,
        WhoopRecord.kind == RecordKind.SLEEP,
        WhoopRecord.deleted_at.is_(None),
        WhoopRecord.raw["nap"].astext == "false",
    )
    return db.session.scalar(select(func.max(WhoopRecord.ends_at)).where(*nights))


def _is_looked_at(client: Client, *, now: datetime) -> bool:
    """Tell whether the client was here today, or somebody opened the client's page."""
    since = now - LOOKED_WITHIN
    here = exists().where(UserSession.user_id == client.user_id, UserSession.last_seen > since)
    viewed = exists().where(
        AuditEntry.organisation_id == client.organisation_id,
        AuditEntry.subject_id == client.id,
        AuditEntry.action == "client_viewed",
        AuditEntry.created_at > since,
    )
    return bool(db.session.scalar(select(or_(here, viewed))))


def _look_for_scores(integration_id: UUID, organisation_id: UUID | None) -> None:
    if organisation_id is None:
        return
    act_for(organisation_id, user_id=None, session=db.session())
    try:
        link = fencing.load(integration_id, organisation_id)
    except Gone:
        return
    integration = db.session.get_one(Integration, (organisation_id, integration_id))
    request = scores.owed(link)
    if integration.status in KEPT_UP and (request.kinds or request.sought):
        jobs.ask_for_sync(integration, lane=Lane.RECONCILE, trigger=Trigger.SCORE, request=request)
    db.session.flush()


def _whole(kinds: list[RecordKind]) -> Request:
    return Request(frozenset(kinds))
