"""From which date on what follows from a client's days is stale, and the request to see to it.

Data is the message: whoever changes what is known of a client marks it here, in the same
transaction, and calls nobody. Who works out what follows (insights) takes the mark away, unless
`changes` has grown since it was read.
"""

from datetime import date, timedelta
from uuid import UUID

from coach.database.tenancy import current_organisation
from coach.database.writes import Writes
from coach.extensions import db
from coach.work.asking import Kind, ask
from coach.work.models import Lane, Queue

INSIGHTS = Kind("insights", Queue.INSIGHTS)
# The pages of a sync come one after the other; what follows is worked out once for all of them.
PAUSE = timedelta(seconds=4)

_MARK = (
    "INSERT INTO stale_days (organisation_id, client_id, since)"
    " VALUES (:organisation_id, :client_id, :since)"
    " ON CONFLICT (organisation_id, client_id) DO UPDATE SET"
    " since = least(stale_days.since, EXCLUDED.since), changes = stale_days.changes + 1"
)


def mark(client_id: UUID, since: date, writes: Writes | None = None) -> None:
    """Mark what follows from a client's days as stale from a date on, and ask for that work.

    The work's row is locked before the mark, as those do who take the mark away; the mark itself
    may go along with other `writes`.
    """
    together = writes or Writes()
    ask(
        INSIGHTS,
        organisation_id=current_organisation(),
        subject_id=client_id,
        lane=Lane.RECONCILE,
        pause=PAUSE,
    )
    stale = {"organisation_id": current_organisation(), "client_id": client_id, "since": since}
    together.add(_MARK, stale)
    if writes is None:
        together.send(db.session())
