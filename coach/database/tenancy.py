"""For whom we act: the organisation and person that PostgreSQL's row-level security sees.

Two ContextVars hold them; one engine `begin` listener tells PostgreSQL at the start of every
transaction. Plain `SET` would leak into the next user of a pooled connection, so the settings are
always local to the transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from sqlalchemy import Connection, Engine, Text, bindparam, event, func, true
from sqlalchemy.orm import Session

_organisation: ContextVar[UUID | None] = ContextVar("organisation", default=None)
_user: ContextVar[UUID | None] = ContextVar("user", default=None)

# In the driver's own words: every transaction begins with it.
_TELL = "SELECT set_config('app.organisation_id', %s, true), set_config('app.user_id', %s, true)"

# A transaction whose first statement looks at no tenant's table may tell it in that statement: one
# that is begun with this option returns these columns from it.
TELLS_ITSELF = "coach_tells_itself"
TELLING = tuple(
    func.set_config(name, bindparam(name.replace(".", "_"), callable_=who, type_=Text), true())
    for name, who in (
        ("app.organisation_id", lambda: str(_organisation.get() or "")),
        ("app.user_id", lambda: str(_user.get() or "")),
    )
)


def current_organisation() -> UUID | None:
    """Name the organisation we act for."""
    return _organisation.get()


def guard(engine: Engine) -> None:
    """Make every transaction of this engine tell PostgreSQL for whom we act."""
    event.listen(engine, "begin", _tell_at_begin)


@contextmanager
def acting_for(organisation_id: UUID | None, *, user_id: UUID | None = None) -> Iterator[None]:
    """Act for one organisation (and person) in the transactions begun inside the block."""
    organisation, user = _organisation.set(organisation_id), _user.set(user_id)
    try:
        yield
    finally:
        _organisation.reset(organisation)
        _user.reset(user)


def act_for(
    organisation_id: UUID | None,
    *,
    user_id: UUID | None,
    session: Session,
) -> None:
    """Act for an organisation from here on; a transaction that already runs is told at once."""
    session.flush()  # what waits to be written belongs to whom we have acted for until now
    _organisation.set(organisation_id)
    _user.set(user_id)
    if session.in_transaction():
        _tell(session.connection())


@contextmanager
def acting_meanwhile(
    organisation_id: UUID | None, *, user_id: UUID | None, session: Session
) -> Iterator[None]:
    """Act for somebody else within a transaction, which then goes on for whom it acted before."""
    with acting_for(current_organisation(), user_id=_user.get()):
        act_for(organisation_id, user_id=user_id, session=session)
        yield
        session.flush()
    if session.in_transaction():
        _tell(session.connection())


def act_for_nobody() -> None:
    """Forget for whom we acted; the edge of a request or a job calls this."""
    _organisation.set(None)
    _user.set(None)


def _tell_at_begin(connection: Connection) -> None:
    if connection.get_execution_options().get(TELLS_ITSELF):
        return
    if _organisation.get() is not None or _user.get() is not None:
        _tell(connection)  # with nobody to act for, the settings are empty already


def _tell(connection: Connection) -> None:
    organisation, user = _organisation.get(), _user.get()
    connection.exec_driver_sql(_TELL, (str(organisation or ""), str(user or "")))
