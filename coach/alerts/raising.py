"""Look at all clients of one coach: raise what shows, keep what goes on, end what is over.

A dozen statements, however many clients, in one transaction; done twice it changes nothing.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from uuid import UUID

from coach.alerts import coaches, facts, keeping, nudging
from coach.alerts.coaches import Ruled
from coach.alerts.keeping import Showing
from coach.alerts.quiet import Arrivals, quiet_state
from coach.alerts.rules import History, firing
from coach.days.calendar import today
from coach.extensions import db, settings
from coach.insights.signals import GROUP_OF_SIGNAL
from coach.science.baseline import PERSISTS_OF
from coach.work.asking import Kind
from coach.work.leases import Piece, mark_done, unit_of_work
from coach.work.models import Queue
from coach.work.perform import does

LOOK = Kind("alerts", Queue.INSIGHTS)


@does(LOOK)
def look_for_coach(piece: Piece) -> None:
    """Do one piece of work: bring the alerts of one coach up to date."""
    with unit_of_work():
        look(piece.subject_id, now=piece.started_at)
        mark_done(piece)


def look(rule_id: UUID, *, now: datetime) -> None:
    """Bring the alerts of a rule up to date; nothing when its coach has left."""
    found = coaches.ruled(rule_id)
    if found is None:
        return
    clients = list(db.session.scalars(found.coach.clients())) if found.rule.active else []
    here = {client.id: today(now, client.timezone) for client in clients}
    known = facts.histories(here, days=PERSISTS_OF)
    shows = list(_signals(found, here, known))
    if found.rule.watches_quiet and settings().feature_whoop_integration:
        arrived = facts.arrivals(clients, now=now)
        shows += _quiet(here, arrived, known, now=now)
        nudging.ask_where_quiet(clients, arrived, here, now=now)
    # Of whose day nothing is worked out yet, nothing is over either.
    unjudged = {each for each, day in here.items() if day not in known[each].days}
    keeping.bring_up_to_date(found.rule, shows, unjudged=unjudged, now=now)
    found.rule.looked_at = now


def _signals(
    found: Ruled, here: Mapping[UUID, date], known: Mapping[UUID, History]
) -> Iterator[Showing]:
    """Say what fires of what each client shares with the coach."""
    rule, shares = coaches.as_rule(found.rule), found.coach.shared(list(here))
    for client_id, day in here.items():
        for fired in firing(rule, known[client_id], day, shares[client_id]):
            group = GROUP_OF_SIGNAL[fired.signal.name]
            evidence = keeping.evidence_of(fired)
            yield Showing(client_id, fired.signal.name.value, group, day, evidence)


def _quiet(
    here: Mapping[UUID, date],
    arrived: Mapping[UUID, Arrivals],
    known: Mapping[UUID, History],
    *,
    now: datetime,
) -> Iterator[Showing]:
    """Say of whom nothing arrives, which coaches may know of any client of theirs."""
    for client_id, day in here.items():
        state = quiet_state(arrived[client_id], here=day, now=now)
        if state is not None and day not in known[client_id].tagged:
            evidence: dict[str, object] = {"since": arrived[client_id].since.isoformat()}
            yield Showing(client_id, state.value, None, day, evidence)
