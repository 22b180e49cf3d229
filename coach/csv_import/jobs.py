"""The few-line entry point the queue calls."""

from coach.csv_import import importing
from coach.work.asking import Kind
from coach.work.leases import Piece
from coach.work.models import Queue
from coach.work.perform import does

IMPORT = Kind("csv_import", Queue.IMPORT)


@does(IMPORT)
def run_import(piece: Piece) -> None:
    """Do one piece of work: bring an upload into the client's days."""
    importing.run(piece.subject_id)
