"""Some days of one client as a discrete-event loop: what happens, what is announced, what is done."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from coach.database.tenancy import acting_for
from coach.days.models import DailyLog
from coach.extensions import db
from coach.simulator.changes import Change, changes
from coach.whoop.models import Integration, SyncRun, WhoopRecord
from coach.whoop.sync import due
from coach.work import clock
from coach.work.models import DueSlot, Work
from coach.work.perform import perform
from tests.cast import Somebody
from tests.whoop.announcing import body, post
from tests.whoop.conftest import Linker
from tests.whoop.records import Raw

KINDS = ("whoop_event", "whoop_sync")
A_MOMENT = timedelta(seconds=2)
OURS = {"organisation_id", "client_id", "created_at", "updated_at", "version"}


@dataclass
class Week:
    """One client at the simulated WHOOP; the clocks of both stand still between two moments."""

    linker: Linker
    who: Somebody
    now: datetime
    is_told: Callable[[Change], bool] = lambda _: True
    told: list[Change] = field(default_factory=list)

    def link(self, member: str) -> None:
        """Link, and read everything there is, the history aside."""
        with self.at(self.now):
            self.linker.link(self.who, member)
            self.work()
        self.look(self.now - timedelta(days=7))

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        self.now = self.linker.whoop.now = moment
        with clock.stopped_at(moment):
            yield

    def run(self, until: datetime) -> None:
        """Let happen what happens: announcements, slots, and the work they cause."""
        coming = sorted(self._changes(until), key=lambda change: change.at)
        while True:
            next_change = coming[0].at + A_MOMENT if coming else until
            moment = min([next_change, *self._planned()])
            if moment >= until:
                break
            with self.at(max(moment, self.now)):
                while coming and coming[0].at + A_MOMENT <= self.now:
                    self.announce(coming.pop(0))
                self.schedule()
                self.work()
        self.now = self.linker.whoop.now = until

    def announce(self, change: Change) -> None:
        if self.is_told(change) and not change.pending:
            self.told.append(change)
            raw = body(user_id=change.user_id, type=change.type, id=str(change.subject))
            assert post(self.linker.app, raw).status_code == 204

    def schedule(self) -> None:
        with self.linker.app.app_context():
            due.sync_due(now=self.now)

    def look(self, moment: datetime) -> None:
        """Let this be when the client was last here."""
        with self.inside():
            seen = "UPDATE user_sessions SET last_seen = :moment WHERE user_id = :who"
            db.session.execute(db.text(seen), {"moment": moment, "who": self.who.user_id})
            db.session.commit()

    def work(self, *kinds: str) -> None:
        """Do what is due of our kinds, or of some of them, until nothing is."""
        while ids := self._due(kinds or KINDS):
            with self.linker.app.app_context():
                for work_id in ids:
                    perform(str(work_id))

    def follow(self, *kinds: str) -> None:
        """Let the window of announcements pass, and do what they lead to."""
        with self.at(self.now + timedelta(seconds=30)):
            self.work(*kinds)

    def calls(self) -> list[str]:
        """List the paths asked for by our tokens so far; what the history asks for is not done."""
        journal = self.linker.whoop.app.extensions["journal"]
        return [each.path.removeprefix("/developer/v2") for each in journal if _is_data(each)]

    def records(self) -> dict[tuple[str, str], Raw]:
        """Give what is stored and not deleted, but for weights."""
        with self.inside():
            rows = db.session.scalars(
                db.select(WhoopRecord).where(
                    WhoopRecord.client_id == self.who.client_id, WhoopRecord.deleted_at.is_(None)
                )
            )
            kept = (row for row in rows if row.kind != "body_measurement")
            return {(row.kind, row.provider_id): row.raw for row in kept}

    def days(self) -> dict[object, dict[str, object]]:
        columns = [each.name for each in DailyLog.__table__.columns if each.name not in OURS]
        with self.inside():
            mine = db.select(DailyLog).where(DailyLog.client_id == self.who.client_id)
            rows = list(db.session.scalars(mine))
            return {row.date: {name: getattr(row, name) for name in columns} for row in rows}

    def runs(self) -> list[SyncRun]:
        with self.inside():
            mine = db.select(SyncRun).where(SyncRun.integration_id == self.integration().id)
            return list(db.session.scalars(mine.order_by(SyncRun.id)))

    def counted(self, kind: str, what: str) -> int:
        """Add up what all runs have counted of one list."""
        told = [run.counts.get(kind) for run in self.runs()]
        return sum(each.get(what, 0) for each in told if isinstance(each, dict))

    def triggers(self) -> Counter[str]:
        return Counter(run.trigger for run in self.runs())

    def integration(self) -> Integration:
        with self.inside():
            mine = db.select(Integration).where(Integration.client_id == self.who.client_id)
            return db.session.scalars(mine).one()

    def member(self) -> int:
        return int(self.integration().external_user_id or 0)

    @contextmanager
    def inside(self) -> Iterator[None]:
        with self.linker.app.app_context(), acting_for(self.who.organisation_id):
            yield

    def _changes(self, until: datetime) -> Iterator[Change]:
        world = self.linker.whoop.app.extensions["simulator"]
        member = world.member(self.member())
        return changes(member, self.now, until)

    def _due(self, kinds: Sequence[str]) -> list[UUID]:
        with self.linker.app.app_context():
            mine = (*self._open(kinds), Work.due_at <= self.now)
            return list(db.session.scalars(db.select(Work.id).where(*mine).order_by(Work.due_at)))

    def _planned(self) -> list[datetime]:
        subject = self.integration().id
        with self.linker.app.app_context():
            slots = db.select(DueSlot.due_at).where(
                DueSlot.subject_id == subject, DueSlot.taken_at.is_(None)
            )
            works = db.select(Work.due_at).where(*self._open(KINDS))
            return [*db.session.scalars(slots), *db.session.scalars(works)]

    def _open(self, kinds: Sequence[str]) -> tuple[object, ...]:
        return (
            Work.organisation_id == self.who.organisation_id,
            Work.kind.in_(kinds),
            Work.state == "waiting",
        )


def _is_data(call: object) -> bool:
    path, status = str(getattr(call, "path", "")), getattr(call, "status", 0)
    return path.startswith("/developer/v2/") and "/user/" not in path and status != 401
