"""Claim one piece of work, do it, and write down how it went."""

import time
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

import structlog

from coach.observability import correlation, counters
from coach.sealing import KeysAway
from coach.work.asking import Kind
from coach.work.leases import Later, LeaseLost, Piece, claim, finish, give_up, holding, postpone
from coach.work.models import Queue
from coach.work.slate import slate

log = structlog.get_logger()

WITHOUT_KEYS = timedelta(minutes=1)

Doer: TypeAlias = Callable[[Piece], None]
_doers: dict[str, Doer] = {}


class Outcome(StrEnum):
    """How one try of a piece of work went."""

    DONE = "done"
    POSTPONED = "postponed"
    FAILED = "failed"
    LEASE_LOST = "lease_lost"


def does(kind: Kind) -> Callable[[Doer], Doer]:
    """Register the function that does one kind of work."""

    def register(doer: Doer) -> Doer:
        _doers[kind.name] = doer
        return doer

    return register


def perform(work_id: str) -> Queue | None:
    """Do one piece of work; a stale or repeated call finds nothing to claim and does nothing.

    Returns the queue of what was done.
    """
    piece = claim(UUID(work_id))
    if piece is None:
        return None
    slate.write(piece.id)
    bound = {"work": work_id, "kind": piece.kind, "lane": piece.lane}
    with correlation.caused_by(piece.correlation_id, **bound), holding(piece):
        _account(piece)
    slate.write(None)
    return Queue(piece.queue)


def _account(piece: Piece) -> None:
    """Do it, and leave one line and one count of it."""
    began = time.perf_counter()
    outcome = _do(piece)
    seconds = time.perf_counter() - began
    waited = max((piece.started_at - piece.due_at).total_seconds(), 0.0)
    counters.work.labels(kind=piece.kind, outcome=outcome).inc()
    counters.work_seconds.labels(kind=piece.kind).observe(seconds)
    counters.work_queue_seconds.labels(queue=piece.queue, lane=piece.lane).observe(waited)
    log.info(
        "work",
        outcome=outcome,
        attempt=piece.attempt,
        ms=round(seconds * 1000, 1),
        queue_age_s=round(waited, 1),
        organisation=str(piece.organisation_id) if piece.organisation_id else None,
    )


def _do(piece: Piece) -> Outcome:
    try:
        _doers[piece.kind](piece)
    except LeaseLost:
        return Outcome.LEASE_LOST
    except Later as later:
        log.info("work_postponed", until=later.due_at.isoformat(), reason=str(later))
        postpone(piece, later)
        return Outcome.POSTPONED
    except KeysAway as away:  # it is no failure of this work, however long it lasts
        postpone(piece, Later(piece.started_at + WITHOUT_KEYS, type(away).__name__))
        return Outcome.POSTPONED
    except Exception as error:
        # The edge: whatever fails is written down, and tried again or set aside.
        log.exception("work_failed", attempt=piece.attempt)
        # Its name only: what it says may quote a person's values, and `work` has no wall.
        give_up(piece, type(error).__name__)
        return Outcome.FAILED
    finish(piece)
    return Outcome.DONE
