"""What the client sees of today and of their days."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import and_, exists, select

from coach.accounts import preferences, signin
from coach.accounts.access import Viewer
from coach.accounts.models import Client, CoachClient, Membership
from coach.cabinet.day_words import day_rule
from coach.cabinet.trends import Trend, trends
from coach.check_ins import reading
from coach.check_ins.models import CheckIn, DayTag
from coach.days.calendar import today
from coach.days.metrics import Source
from coach.days.models import DailyLog
from coach.days.one_day import woke_at
from coach.extensions import db, settings
from coach.whoop.screens.card import Card, card
from coach.whoop.screens.standing import Standing

DAYS_SHOWN = 35  # whole weeks: the strip above the table has one row for each
SCORES = ("recovery_score", "sleep_hours", "strain")


@dataclass(frozen=True, slots=True)
class TodayPage:
    """Everything the client sees first; `missing` tells of each absent score why."""

    client: Client
    today: date
    log: DailyLog | None
    has_days: bool
    missing: list[tuple[str, str]]
    day_rule: str
    trends_only: bool
    trends: list[Trend]
    tags: list[DayTag]
    heard: CheckIn | None
    coached: bool
    elsewhere: list[str]
    card: Card | None


def for_client(looking: Viewer, *, now: datetime) -> TodayPage:
    """Gather today's page of the person looking."""
    client = looking.own_client()
    here = local_today(client, now=now)
    shown = days(client, until=here, by=looking)
    log = shown[0] if shown and shown[0].date == here else None
    link = card(client, by=looking) if settings().feature_whoop_integration else None
    organisations = signin.organisations_of(looking.user_id)
    return TodayPage(
        client=client,
        today=here,
        log=log,
        has_days=bool(shown),
        missing=_missing(log, link),
        day_rule=day_rule(here, woke_at(log, client)),
        trends_only=preferences.of(looking).trends_only,
        trends=trends(shown, until=here),
        tags=reading.tags([client.id], first=here, last=here),
        heard=reading.newest_heard(client.id, since=here - timedelta(days=3)),
        coached=_is_coached(client),
        elsewhere=[each.name for each in organisations if each.id != looking.organisation_id],
        card=link,
    )


def local_today(client: Client, *, now: datetime) -> date:
    """Say which date it is where the client lives."""
    return today(now, client.timezone)


def days(client: Client, *, until: date, by: Viewer) -> list[DailyLog]:
    """List the last days of the client up to a date, newest first."""
    return list(
        db.session.scalars(
            select(DailyLog)
            .where(
                DailyLog.organisation_id == by.organisation_id,
                DailyLog.client_id == client.id,
                DailyLog.date.between(until - timedelta(days=DAYS_SHOWN - 1), until),
            )
            .order_by(DailyLog.date.desc())
        )
    )


def _missing(log: DailyLog | None, link: Card | None) -> list[tuple[str, str]]:
    absent = [name for name in SCORES if getattr(log, name, None) is None]
    return [(name, _why(name, log, link)) for name in absent]


def _why(name: str, log: DailyLog | None, link: Card | None) -> str:
    if log is not None and log.sources.get(name) == Source.MANUAL:
        return _("Left empty on purpose.")
    state = link.state if link else Standing.NOT_LINKED
    if link and link.app_refused and state in {Standing.WAITING, Standing.ERROR}:
        return _("WHOOP does not accept this installation just now; whoever runs it has been told.")
    quiet = _("WHOOP has had nothing new for a while: is the strap worn and charged?")
    by_state = {
        Standing.NOT_LINKED: _("WHOOP is not linked. Upload its export, or type a value."),
        Standing.DISCONNECTED: _("WHOOP is not linked. Upload its export, or type a value."),
        Standing.RECONNECT: _("WHOOP has to be linked again before anything new arrives."),
        Standing.ERROR: _("WHOOP could not be read just now. We try again by ourselves."),
        Standing.WAITING: _("WHOOP could not be read just now. We try again by ourselves."),
        Standing.SYNCING: _("On its way from WHOOP."),
        Standing.QUIET: quiet,
        Standing.UNSCORABLE: _("WHOOP gave none, mostly because the strap was not worn enough."),
    }
    usual = _("Not there yet: it comes once your strap has sent the night to WHOOP.")
    return by_state.get(state, usual)


def _is_coached(client: Client) -> bool:
    """Tell whether anybody who is still here coaches a client."""
    here = and_(
        Membership.organisation_id == CoachClient.organisation_id,
        Membership.id == CoachClient.coach_id,
        Membership.removed_at.is_(None),
    )
    mine = exists().where(
        CoachClient.organisation_id == client.organisation_id,
        CoachClient.client_id == client.id,
        here,
    )
    return bool(db.session.scalar(select(mine)))
