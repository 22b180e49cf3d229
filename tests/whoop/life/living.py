"""One client with a WHOOP, what can happen to them, and the letters they get."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from sqlalchemy import Select, func, select, update

from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.whoop.models import Integration, WhoopRecord
from coach.work.models import Work
from tests.cast import Somebody
from tests.critic import Critic
from tests.whoop.conftest import Linker
from tests.whoop.walk import allow_at

REVOKE = "DELETE /developer/v2/user/access"
TOKEN = "POST /oauth/oauth2/token"
ACCOUNT = "/cabinet/whoop/account"
T = TypeVar("T")


@dataclass
class Post:
    """The letters that would have been sent."""

    letters: list[tuple[str, str]] = field(default_factory=list)
    down: bool = False

    def __call__(self, template: str, *, to: list[str], **_: object) -> None:
        if self.down:
            raise ConnectionRefusedError
        self.letters.append((template.rpartition("/")[2], to[0]))


@dataclass
class Life:
    """One client with a WHOOP, and what can happen to them."""

    linker: Linker
    who: Somebody

    @property
    def browser(self) -> Critic:
        return Critic.of(self.linker.app).sign_in(self.who)

    def row(self) -> Integration:
        return self._all(select(Integration).where(Integration.client_id == self.who.client_id))[0]

    def count(self, table: type) -> int:
        with self.inside():
            return db.session.execute(select(func.count()).select_from(table)).scalar_one()

    def work(self) -> None:
        """Do what is open, however late it is due, and what follows from it."""
        with self.inside():
            mine = Work.organisation_id == self.who.organisation_id
            waiting = update(Work).where(mine, Work.state == "waiting")
            db.session.execute(waiting.values(due_at=func.now()))
            db.session.commit()
        self.linker.work(self.who.organisation_id)

    def sync(self) -> None:
        self.browser.post_form("/cabinet/whoop/sync")
        self.work()

    def users(self) -> Counter[str]:
        records = self._all(select(WhoopRecord).where(WhoopRecord.kind == "cycle"))
        return Counter(str(each.raw["user_id"]) for each in records)

    def come_back_as(self, member: str) -> tuple[Critic, str]:
        """Link another account; gives the browser and where it was sent."""
        browser = self.browser
        leaving = browser.post_form("/cabinet/whoop/connect", {"agree": "yes"})
        answer = browser.get(allow_at(self.linker.whoop.origin, leaving.text, member))
        assert answer.status_code == 303
        return browser, answer.headers["Location"]

    def disconnect(self) -> None:
        answer = self.browser.post_form("/cabinet/whoop/disconnect", {"history": "keep"})
        assert answer.status_code == 303

    def withdraw_at_whoop(self) -> None:
        grants = self.linker.whoop.app.extensions["simulator"].grants
        assert grants.revoke_user(int(str(self.row().external_user_id)))

    def calls(self, of: str) -> int:
        return self.linker.whoop.calls.count(of)

    def put(self, table: type, **values: object) -> None:
        with self.inside():
            db.session.execute(update(table).values(values))
            db.session.commit()
            db.session.remove()

    def _all(self, question: Select[T]) -> list[T]:
        with self.inside():
            found = list(db.session.scalars(question))
            db.session.expunge_all()
            return found

    @contextmanager
    def inside(self) -> Iterator[None]:
        with self.linker.app.app_context(), acting_for(self.who.organisation_id):
            yield
            db.session.remove()


Begin: TypeAlias = Callable[[Somebody, str], Life]
