"""The few-line entry points the queue calls."""

from coach.days.staleness import INSIGHTS
from coach.insights import refresh, rolling
from coach.insights.rolling import SERIES
from coach.work.leases import Piece, mark_done, unit_of_work
from coach.work.perform import does, perform

# A job of this length ends well within its time; what is left waits for the next one.
LONGEST_SERIES = 500


@does(INSIGHTS)
def refresh_client(piece: Piece) -> None:
    """Do one piece of work: bring a client's insights up to date."""
    with unit_of_work():
        refresh.refresh(piece.subject_id, now=piece.started_at)
        # With its work done in the same transaction, whoever changes a day later asks anew.
        mark_done(piece)


@does(SERIES)
def refresh_series(piece: Piece) -> None:
    """Do what waits of one organisation, each piece with its own lease, try and failure."""
    with unit_of_work():
        ids = rolling.waiting(piece.subject_id, most=LONGEST_SERIES)
    for work_id in ids:
        perform(str(work_id))
