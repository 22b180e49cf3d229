"""From which date on what follows from a client's days is stale, and the request to see to it.

Data is the message: whoever changes what is known of a client marks it here, in the same
transaction, and calls nobody. Who works out what follows (insights) takes the mark away, unless
`changes` has grown since it was read.
"""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from coach.database.tenancy import current_organisation
from coach.days.models import StaleDays
from coach.extensions import db
from coach.work import clock
from coach.work.asking import Kind, ask
from coach.work.models import Lane, Queue

INSIGHTS = Kind("insights", Queue.INSIGHTS)
# The pages of a sync come one after the other; what follows is worked out once for all of them.
PAUSE = timedelta(seconds=4)


def mark(client_id: UUID, since: date) -> None:
    """Mark what follows from a client's days as stale from a date on, and ask for that work.

    The work's row is locked before the mark, as those do who take the mark away.
    """
    ask(
        INSIGHTS,
        organisation_id=current_organisation(),
        subject_id=client_id,
        lane=Lane.RECONCILE,
        due_at=clock.moment() + PAUSE,
    )
    row = insert(StaleDays).values(
        organisation_id=current_organisation(), client_id=client_id, since=since
    )
    again = row.on_conflict_do_update(
        index_elements=[StaleDays.organisation_id, StaleDays.client_id],
        set_={
            "since": func.least(StaleDays.since, row.excluded.since),
            "changes": StaleDays.changes + 1,
        },
    )
    db.session.execute(again)
