"""Clients whose links are brought, aged and looked at below the pages, to be quick about it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from uuid import UUID

from sqlalchemy import func, select, update

from coach.accounts.access import Viewer
from coach.accounts.models import Role
from coach.accounts.people import add_member, client_of_user, user_for
from coach.database.tenancy import acting_for
from coach.days.models import DailyLog
from coach.extensions import db
from coach.whoop.apps import app_of
from coach.whoop.grant.models import Notification, TokenCall
from coach.whoop.grant.oauth import Tokens
from coach.whoop.linking import links
from coach.whoop.models import Integration, IntegrationTokens, WhoopRecord
from coach.whoop.sync import jobs
from coach.work.leases import now
from coach.work.models import Lane, Work, WorkState
from tests.cast import Somebody
from tests.processes.looking import seen_by
from tests.processes.stage import wait_until
from tests.processes.whoop_side import MEMBERS, WhoopSide

AN_HOUR = timedelta(hours=1)
ENDED = timedelta(hours=-1)
OURS = {"organisation_id", "client_id", "created_at", "updated_at", "version"}
_number = count(1)


@dataclass(frozen=True, slots=True)
class Linked:
    """A client with a link, and which member that is."""

    who: Somebody
    member: str
    id: UUID

    @property
    def whose(self) -> tuple[UUID, UUID]:
        return self.who.organisation_id, self.id

    @property
    def row(self) -> Integration:
        (found,) = seen_by(self.who, select(Integration).where(Integration.id == self.id))
        return found

    @property
    def state(self) -> str | None:
        """Say how the newest sync stands."""
        db.session.rollback()
        mine = Work.subject_id == self.id, Work.kind == jobs.SYNC.name
        return db.session.scalar(select(Work.state).where(*mine).order_by(Work.id.desc()).limit(1))

    @property
    def records(self) -> dict[tuple[str, str], object]:
        """Give what WHOOP told of them; of the weight only the date it was asked would differ."""
        mine = select(WhoopRecord).where(WhoopRecord.client_id == self.who.client_id)
        return {
            (row.kind, row.provider_id): (row.raw, row.deleted_at is None)
            for row in seen_by(self.who, mine)
        }

    @property
    def days(self) -> list[dict[str, object]]:
        columns = [each.name for each in DailyLog.__table__.columns if each.name not in OURS]
        mine = select(DailyLog).where(DailyLog.client_id == self.who.client_id)
        rows = seen_by(self.who, mine.order_by(DailyLog.date))
        return [{name: getattr(row, name) for name in columns} for row in rows]

    @property
    def outcomes(self) -> list[str | None]:
        """Tell how each try to renew the grant ended, the oldest first."""
        mine = select(TokenCall.outcome).where(TokenCall.integration_id == self.id)
        return list(seen_by(self.who, mine.order_by(TokenCall.started_at)))

    @property
    def notices(self) -> list[str]:
        mine = select(Notification.kind).where(Notification.subject_id == self.id)
        return sorted(seen_by(self.who, mine))

    def ask(self, lane: Lane = Lane.FRESH) -> None:
        """Ask for a sync of everything."""
        with acting_for(self.who.organisation_id):
            jobs.ask_for_sync(self.row, lane=lane)
            db.session.commit()

    def wait(self, state: str = WorkState.DONE) -> None:
        wait_until(lambda: self.state == state, what=f"{state} ({self.member})")

    def sync(self) -> None:
        self.ask()
        self.wait()

    def expire(self, left: timedelta = ENDED) -> None:
        """Let the access token end, as far as we know."""
        mine = update(IntegrationTokens).where(IntegrationTokens.integration_id == self.id)
        self.put(mine.values(token_expires_at=func.now() + left))

    def let_pass(self, by: timedelta) -> None:
        """Let so much time go by since everything that was tried with the grant."""
        mine = update(TokenCall).where(TokenCall.integration_id == self.id)
        ended, started = TokenCall.ended_at - by, TokenCall.started_at - by
        self.put(mine.values(ended_at=ended, started_at=started))

    def hurry(self) -> None:
        """Do now what waits for its moment."""
        mine = Work.subject_id == self.id, Work.state == WorkState.WAITING
        self.put(update(Work).where(*mine).values(due_at=func.now()))

    def wait_hurrying(self, state: str = WorkState.DONE) -> None:
        """Wait for a sync, and let it not wait for a moment of its own meanwhile."""

        def happens() -> bool:
            self.hurry()
            return self.state == state

        wait_until(happens, what=f"{state} ({self.member})")

    def put(self, statement: object) -> None:
        """Change something behind the back of everybody."""
        db.session.rollback()
        with acting_for(self.who.organisation_id):
            db.session.execute(statement)  # type: ignore[call-overload]  # any of the above
            db.session.commit()


def bring(whoop: WhoopSide, who: Somebody, member: str) -> Linked:
    """Link a member as the pages do, but for the pages; the first sync is asked for."""
    pair = whoop.grant(member)
    tokens = Tokens(pair.access_token, pair.refresh_token, AN_HOUR, frozenset(pair.scopes))
    by = _viewer(who)
    db.session.rollback()
    with acting_for(who.organisation_id):
        start = links.starting(app_of(who.organisation_id), by=by)
        fresh = links.Fresh(tokens, str(MEMBERS[member]))
        made = links.link(fresh, start, by=by, now=now()).id
        db.session.commit()
    return Linked(who, member, made)


def bring_synced(whoop: WhoopSide, who: Somebody, member: str) -> Linked:
    made = bring(whoop, who, member)
    made.wait()
    return made


def wait_for_all(clients: Iterable[Linked]) -> None:
    for each in clients:
        each.wait_hurrying()


def newcomers(where: Somebody, number: int) -> list[Somebody]:
    """Make more clients of somebody's organisation."""
    db.session.rollback()
    with acting_for(where.organisation_id):
        made = [_newcomer(where) for _ in range(number)]
        db.session.commit()
    return made


def _newcomer(where: Somebody) -> Somebody:
    email = f"newcomer-{next(_number)}-{where.membership_id.hex[-8:]}@example.org"
    user = user_for(email, None)
    member = add_member(user, name="Newcomer", role=Role.CLIENT, timezone="Europe/Berlin")
    client = client_of_user(user.id)
    assert client
    return replace(
        where, email=email, user_id=user.id, membership_id=member.id, client_id=client.id
    )


def _viewer(who: Somebody) -> Viewer:
    return Viewer(
        organisation_id=who.organisation_id,
        organisation_name="Ann's",
        user_id=who.user_id,
        membership_id=who.membership_id,
        role=Role.CLIENT,
        name="Somebody",
        email=who.email,
        timezone="Europe/Berlin",
        client_id=who.client_id,
    )
