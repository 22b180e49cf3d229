"""The few-line entry points the queue calls."""

from coach.csv_import import comparing, importing
from coach.work.asking import Kind
from coach.work.leases import Piece
from coach.work.models import Queue
from coach.work.perform import does

IMPORT = Kind("csv_import", Queue.IMPORT)
COMPARE = Kind("csv_import_compare", Queue.IMPORT)
APPLY = Kind("csv_import_apply", Queue.IMPORT)
UNDO = Kind("csv_import_undo", Queue.IMPORT)
KINDS = (IMPORT, COMPARE, APPLY, UNDO)


@does(IMPORT)
def run_import(piece: Piece) -> None:
    """Do one piece of work: read an upload, and say what applying it would do."""
    importing.run(piece.subject_id)
    comparing.compare(piece.subject_id)


@does(COMPARE)
def compare_import(piece: Piece) -> None:
    """Do one piece of work: say once more what applying an upload would do."""
    comparing.compare(piece.subject_id)


@does(APPLY)
def apply_import(piece: Piece) -> None:
    """Do one piece of work: bring an upload that was read into the client's days."""
    importing.apply(piece.subject_id)


@does(UNDO)
def undo_import(piece: Piece) -> None:
    """Do one piece of work: take an import back out of the client's days."""
    importing.undo(piece.subject_id)
