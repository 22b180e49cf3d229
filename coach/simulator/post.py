"""WHOOP's post office: turns what happens to members into deliveries, and tries again."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from threading import Lock
from uuid import UUID

from coach.simulator.agenda import Agenda
from coach.simulator.apps import Apps, Registration
from coach.simulator.changes import Change
from coach.simulator.delivery import Delivery, trace
from coach.simulator.dice import dice
from coach.simulator.grants import Grants
from coach.simulator.manner import Manner

Lives = Callable[[int, datetime, datetime], Iterable[Change]]
PLANNED_AHEAD = timedelta(hours=24)
TOLD_WITHIN = (1.0, 9.0)  # seconds after it happened
COPY_WITHIN = 30.0  # seconds after the original


class PostOffice:
    """Knows a day ahead what will happen to each linked member; changes of manner count at once."""

    def __init__(  # noqa: PLR0913  all by name, and each is a fact of its own
        self,
        *,
        lives: Lives,
        apps: Apps,
        grants: Grants,
        deleted: set[UUID],
        manner: Manner,
        now: datetime,
    ) -> None:
        self.manner = manner
        self.tally: Counter[str] = Counter()  # announced, dropped, doubled, sent, taken, lost
        self._lives, self._apps, self._grants, self._deleted = lives, apps, grants, deleted
        self._looked, self._opened = now, -1
        self._watched: set[int] = set()
        self._known_until: Agenda[int] = Agenda()
        self._changes: Agenda[Change] = Agenda()
        self._deliveries: Agenda[Delivery] = Agenda()
        self._lock = Lock()

    def happened(self, change: Change) -> None:
        """Announce what the lives do not tell of: a deletion, an edit by hand."""
        with self._lock:
            self._changes.add(change.at, change)

    def due(self, now: datetime) -> list[Delivery]:
        """Hand out what is due, signed, the oldest first; each once."""
        with self._lock:
            self._look(now)
            stamp = now if self.manner.virtual_stamps else datetime.now(UTC)
            return [self._signed(each, stamp) for each in self._ready(now)]

    def next_due(self) -> datetime | None:
        """Return when there is something to do next, if within a day."""
        with self._lock:
            self._look(self._looked)
            known = (self._changes.first, self._deliveries.first)
            return min((each for each in known if each), default=None)

    def answered(self, delivery: Delivery, status: int | None) -> None:
        """Take the answer, None for none: all but 2xx are tried again, five times in an hour."""
        with self._lock:
            if status is not None and 200 <= status < 300:
                self.tally["taken"] += 1
                return
            again = delivery.again()
            if again is None:
                self.tally["lost"] += 1
            else:
                self._deliveries.add(again.due, again)

    def _look(self, now: datetime) -> None:
        """Plan until a day from now, then announce what has happened by now."""
        if self._grants.opened != self._opened:
            self._opened = self._grants.opened
            self._watch_the_new()
        for known_until, user_id in self._known_until.until(now + PLANNED_AHEAD / 2):
            self._plan(user_id, known_until, at_least=now)
        for at, change in self._changes.until(now):
            self._announce(change, at)
        self._looked = max(now, self._looked)

    def _watch_the_new(self) -> None:
        for user_id in sorted(self._grants.linked() - self._watched):
            self._watched.add(user_id)
            self._plan(user_id, self._looked)

    def _plan(self, user_id: int, since: datetime, at_least: datetime | None = None) -> None:
        until = max(since, at_least or since) + PLANNED_AHEAD
        for change in self._lives(user_id, since, until):
            late = dice(self.manner.seed, change, "told").uniform(*TOLD_WITHIN)
            self._changes.add(change.at + timedelta(seconds=late), change)
        self._known_until.add(until, user_id)

    def _announce(self, change: Change, at: datetime) -> None:
        if change.pending and not self.manner.pending:
            return
        if change.subject in self._deleted and change.type.endswith(".updated"):
            return
        for app in self._apps.all():
            if app.webhook_url and self._grants.allows(app.client_id, change.user_id):
                self.tally["announced"] += 1
                for due in self._carried(app, change, at):
                    made = Delivery(app, change, trace(app, change, self.manner.seed), due)
                    self._deliveries.add(due, made)

    def _carried(self, app: Registration, change: Change, due: datetime) -> Iterator[datetime]:
        """Let chance decide when it comes, and how many times."""
        manner = self.manner
        chance = dice(manner.seed, app.client_id, change, "carried")
        dropped, doubled, delayed, held = (chance.random() for _ in range(4))
        if dropped < manner.dropped:
            self.tally["dropped"] += 1
            return
        if delayed < manner.delayed:
            due += timedelta(seconds=manner.delay_seconds)
        if held < manner.reordered:
            due += timedelta(seconds=chance.uniform(0, manner.reorder_seconds))
        yield due
        if doubled < manner.duplicated:
            self.tally["doubled"] += 1
            yield due + timedelta(seconds=chance.uniform(0, COPY_WITHIN))

    def _ready(self, now: datetime) -> Iterator[Delivery]:
        for _, each in self._deliveries.until(now):
            if self._grants.allows(each.app.client_id, each.change.user_id):
                self.tally["sent"] += 1
                yield each

    def _signed(self, delivery: Delivery, stamp: datetime) -> Delivery:
        again = self.manner.signed_again or delivery.headers is None
        return delivery.signed(stamp) if again else delivery
