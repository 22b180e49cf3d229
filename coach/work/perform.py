"""What RQ calls: claim one piece of work, do it, and write down how it went."""

from collections.abc import Callable
from typing import TypeAlias
from uuid import UUID

import structlog

from coach.work.asking import Kind
from coach.work.leases import Later, LeaseLost, Piece, claim, finish, give_up, holding, postpone

log = structlog.get_logger()

Doer: TypeAlias = Callable[[Piece], None]
_doers: dict[str, Doer] = {}


def does(kind: Kind) -> Callable[[Doer], Doer]:
    """Register the function that does one kind of work."""

    def register(doer: Doer) -> Doer:
        _doers[kind.name] = doer
        return doer

    return register


def perform(work_id: str) -> None:
    """Do one piece of work; a stale or repeated call finds nothing to claim and does nothing."""
    piece = claim(UUID(work_id))
    if piece is None:
        return
    with structlog.contextvars.bound_contextvars(work=work_id, kind=piece.kind), holding(piece):
        _do(piece)


def _do(piece: Piece) -> None:
    try:
        _doers[piece.kind](piece)
    except LeaseLost:
        log.warning("lease_lost")
    except Later as later:
        log.info("work_postponed", until=later.due_at.isoformat(), reason=str(later))
        postpone(piece, later)
    except Exception as error:
        # The edge: whatever fails is written down, and tried again or set aside.
        log.exception("work_failed", attempt=piece.attempt)
        # Its name only: what it says may quote a person's values, and `work` has no wall.
        give_up(piece, type(error).__name__)
    else:
        finish(piece)
