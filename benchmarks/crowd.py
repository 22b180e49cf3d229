"""A crowd linked to one simulated WHOOP in this process: no sockets, one clock for both sides."""

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
from flask import Flask
from sqlalchemy import delete, select, update

from benchmarks.installation import SECRET, application, installation, link_members
from coach.accounts.models import Client
from coach.database.tenancy import act_for_nobody, acting_for
from coach.extensions import db
from coach.outbound import answered_by
from coach.simulator.app import create_simulator
from coach.simulator.clock import Clock
from coach.simulator.crowd import FIRST_ID
from coach.simulator.members import Member
from coach.simulator.options import Options
from coach.simulator.world import World, world_of
from coach.whoop.apps import installation_app
from coach.whoop.grant.oauth import Tokens
from coach.whoop.grant.vault import Vault
from coach.whoop.models import (
    Integration,
    IntegrationTokens,
    QuotaLedger,
    Trigger,
    WhoopApp,
    WhoopLink,
)
from coach.whoop.sync import cursors, jobs, lists, planning
from coach.work import clock
from coach.work.models import Work, WorkState
from coach.work.perform import perform
from config import Settings

# A Monday, in a week in which no zone of the crowd changes its clocks. What is measured begins then;
# the day before makes slots, quota and what was read last as they are on any other day.
START = datetime(2026, 5, 4, tzinfo=UTC)
LINKED = START - timedelta(days=1)
AN_HOUR = timedelta(hours=1)
NO_LIMIT = 10**9


@dataclass(frozen=True, slots=True)
class Limits:
    """What the WHOOP app may ask in any minute and in any day."""

    per_minute: int
    per_day: int


@dataclass(frozen=True, slots=True)
class Home:
    """Where a member of the crowd lives here."""

    member: Member
    organisation_id: UUID
    client_id: UUID
    integration_id: UUID


@dataclass(frozen=True, slots=True)
class Crowd:
    """Our application, the simulated WHOOP, and whom they both know, by WHOOP's user id."""

    app: Flask
    world: World
    homes: dict[int, Home]
    limits: Limits


@contextmanager
def linked_crowd(size: int, limits: Limits, *, announced: bool) -> Iterator[Crowd]:
    """Give a crowd that was linked at LINKED and has read its last month, inside an application context.

    What is read so seldom that a week may not show it is spread as if they had linked one by one.
    """
    environment = {
        "WHOOP_RATE_LIMIT_PER_MINUTE": str(limits.per_minute),
        "WHOOP_RATE_LIMIT_PER_DAY": str(limits.per_day),
        "WHOOP_BACKFILL_DAYS": "0",
        "LOG_LEVEL": "ERROR",
    }
    with installation(**environment) as stage:
        app = application(stage)
        simulator = _whoop(Settings.from_env(stage.environment), size, announced=announced)
        world = world_of(simulator)
        whoop = httpx.WSGITransport(app=simulator)
        with app.app_context(), answered_by(whoop):
            _allow(NO_LIMIT, NO_LIMIT)
            crowd = Crowd(app, world, _link(world, size), limits)
            with clock.stopped_at(LINKED):
                _read_everything()
            _spread(crowd)
            _limit(crowd)
            yield crowd
            db.session.remove()
            db.engine.dispose()


def _whoop(settings: Settings, size: int, *, announced: bool) -> Flask:
    address = f"{settings.base_url}/webhooks/whoop" if announced else None
    return create_simulator(
        client_id=settings.whoop_client_id,
        client_secret=SECRET,
        redirect_uris=[settings.callback_address],
        environment="test",
        clock=Clock(LINKED, ticking=False),
        options=Options(
            per_minute=NO_LIMIT,
            per_day=NO_LIMIT,
            today=LINKED.date(),
            webhook_url=address,
            crowd=size,
            journal_kept=NO_LIMIT,
        ),
    )


def _link(world: World, size: int) -> dict[int, Home]:
    members = {each.user_id: each for each in world.members if each.user_id >= FIRST_ID}
    assert len(members) == size
    ids = link_members([str(user_id) for user_id in members])
    homes = {}
    for member, integration_id in zip(members.values(), ids, strict=True):
        homes[member.user_id] = _settle(world, member, integration_id)
    return homes


def _settle(world: World, member: Member, integration_id: UUID) -> Home:
    """Give a link its tokens, its first work, its slots, and the client the member's time zone."""
    organisation_id = organisation_of(integration_id)
    pair = world.grant(member.user_id)
    tokens = Tokens(pair.access_token, pair.refresh_token, AN_HOUR, frozenset(pair.scopes))
    row = {"organisation_id": organisation_id, "integration_id": integration_id}
    with acting_for(organisation_id), clock.stopped_at(LINKED):
        sealed = Vault(integration_id, organisation_id).sealed(tokens)
        db.session.add(IntegrationTokens(**row, **sealed))
        integration = db.session.get_one(Integration, (organisation_id, integration_id))
        client = db.session.get_one(Client, (organisation_id, integration.client_id))
        client.timezone = member.persona.zone
        jobs.ask_for_sync(integration, trigger=Trigger.LINK)
        jobs.plan_next(integration, now=LINKED)
        db.session.commit()
        home = Home(member, organisation_id, client.id, integration_id)
        db.session.remove()
    act_for_nobody()
    return home


def organisation_of(integration_id: UUID) -> UUID:
    """Find whose link it is."""
    link = select(WhoopLink.organisation_id).where(WhoopLink.integration_id == integration_id)
    found = db.session.execute(link).scalar_one()
    db.session.remove()  # a transaction keeps acting for whom it began
    return found


def _read_everything() -> None:
    """Do the first syncs; limits do not count yet."""
    waiting = select(Work.id).where(Work.queue == jobs.SYNC.queue, Work.state == WorkState.WAITING)
    while ids := list(db.session.scalars(waiting)):
        db.session.remove()
        for number, work_id in enumerate(ids):
            perform(str(work_id))
            if number % 50 == 0:
                print(f"first sync {number} of {len(ids)}", file=sys.stderr)
    db.session.remove()


def _spread(crowd: Crowd) -> None:
    """Let reviews and weights be due as among people who linked on different days."""
    chance = random.Random(1)  # noqa: S311  # nothing secret
    for home in crowd.homes.values():
        reviewed = LINKED - chance.random() * planning.REVIEW_EVERY
        weighed = LINKED - chance.random() * lists.BODY_EVERY
        with acting_for(home.organisation_id):
            link = db.session.get_one(Integration, (home.organisation_id, home.integration_id))
            link.cursors = {
                **link.cursors,
                cursors.REVIEWED_AT: dict.fromkeys(cursors.LISTS, reviewed.isoformat()),
                cursors.MEASURED_ON: weighed.isoformat(),
            }
            db.session.commit()
            db.session.remove()


def _limit(crowd: Crowd) -> None:
    """Begin to count, here and at WHOOP."""
    limits = {"per_minute": crowd.limits.per_minute, "per_day": crowd.limits.per_day}
    crowd.world.register(replace(crowd.world.apps.first, **limits))
    db.session.execute(delete(QuotaLedger))
    _allow(None, None)


def _allow(per_minute: int | None, per_day: int | None) -> None:
    """Set what our side holds itself to; None: what the settings say."""
    installation_app()
    db.session.execute(update(WhoopApp).values(per_minute=per_minute, per_day=per_day))
    db.session.commit()
    db.session.remove()
