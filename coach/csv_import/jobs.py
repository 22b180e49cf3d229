"""The few-line entry points the queue calls."""

from coach.csv_import import importing
from coach.work.asking import Kind
from coach.work.leases import Piece
from coach.work.models import Queue
from coach.work.perform import does

IMPORT = Kind("csv_import", Queue.IMPORT)
APPLY = Kind("csv_import_apply", Queue.IMPORT)


@does(IMPORT)
def run_import(piece: Piece) -> None:
    """Do one piece of work: read an upload."""
    importing.run(piece.subject_id)


@does(APPLY)
def apply_import(piece: Piece) -> None:
    """Do one piece of work: bring an upload that was read into the client's days."""
    importing.apply(piece.subject_id)
