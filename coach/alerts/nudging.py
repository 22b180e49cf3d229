"""One neutral message to a client whose data stopped: once for each gap, at their own pace."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from coach import mail
from coach.accounts.access import Viewer
from coach.accounts.models import Client, Organisation, User
from coach.alerts.models import Nudge
from coach.alerts.quiet import NUDGED, Arrivals, is_to_be_nudged, quiet_state
from coach.check_ins import reading
from coach.database.tenancy import current_organisation
from coach.extensions import db, settings
from coach.work.asking import Kind, ask_of_many
from coach.work.leases import Piece, unit_of_work
from coach.work.models import Lane, Queue
from coach.work.perform import does

SEND = Kind("nudge", Queue.MAIL)
USUAL_DAYS = 3
PACES = (2, 3, 5, 7, 14, 0)  # days; 0 is never


def ask_where_quiet(
    clients: Sequence[Client],
    arrived: Mapping[UUID, Arrivals],
    here: Mapping[UUID, date],
    *,
    now: datetime,
) -> None:
    """Have those asked once whose data stopped; five statements at most, however many they are."""
    quiet = {
        client.id: arrived[client.id]
        for client in clients
        if client.user_id
        and quiet_state(arrived[client.id], here=here[client.id], now=now) in NUDGED
    }
    if not quiet:
        return
    known, explained = _nudges(quiet), _explained(quiet, here)
    due = {
        each: here[each]
        for each, it in quiet.items()
        if is_to_be_nudged(
            it,
            here=here[each],
            after_days=known[each].after_days if each in known else USUAL_DAYS,
            nudged_on=known[each].nudged_on if each in known else None,
            explained=each in explained,
        )
    }
    _claim(due)


def pace_of(client: Client) -> int:
    """Say after how many quiet days a client wants a message; 0 is never."""
    kept = _nudges({client.id: None}).get(client.id)
    return kept.after_days if kept else USUAL_DAYS


def choose_pace(days: int, *, by: Viewer) -> None:
    """Keep after how many quiet days a client wants a message."""
    client = by.own_client()
    row = insert(Nudge).values(
        organisation_id=by.organisation_id, client_id=client.id, after_days=days
    )
    key = [Nudge.organisation_id, Nudge.client_id]
    db.session.execute(row.on_conflict_do_update(index_elements=key, set_={"after_days": days}))


@does(SEND)
def send_nudge(piece: Piece) -> None:
    """Do one piece of work: ask a client once, and never again about the same gap."""
    with unit_of_work():
        found = _letter(piece)
    if found is None:
        return
    to, name, locale = found
    with force_locale(locale):
        mail.send(
            "alerts/mail/nudge.txt",
            to=[to],
            subject=_("No new data has arrived"),
            name=name,
            link=f"{settings().base_url}/cabinet/integrations",
            pace=f"{settings().base_url}/cabinet/nudges",
        )


def _nudges(of: Mapping[UUID, object]) -> dict[UUID, Nudge]:
    found = db.session.scalars(
        select(Nudge)
        .where(Nudge.organisation_id == current_organisation(), Nudge.client_id.in_(list(of)))
        .execution_options(populate_existing=True)
    )
    return {each.client_id: each for each in found}


def _explained(quiet: Mapping[UUID, Arrivals], here: Mapping[UUID, date]) -> set[UUID]:
    """Name those who tagged a day of their gap."""
    first = min(it.since for it in quiet.values())
    tags = reading.tags(list(quiet), first=first, last=max(here.values()))
    return {
        tag.client_id
        for tag in tags
        if tag.last_date is None or tag.last_date > quiet[tag.client_id].since
    }


def _claim(due: Mapping[UUID, date]) -> None:
    """Take each message in the row that stands for it; another look at the same time gets none."""
    if not due:
        return
    row = insert(Nudge)
    taken = db.session.scalars(
        row.on_conflict_do_update(
            index_elements=[Nudge.organisation_id, Nudge.client_id],
            set_={"nudged_on": row.excluded.nudged_on, "sent_at": None},
            where=func.coalesce(Nudge.nudged_on, date.min) < row.excluded.nudged_on,
        ).returning(Nudge.client_id),
        [
            {"organisation_id": current_organisation(), "client_id": each, "nudged_on": day}
            for each, day in due.items()
        ],
    ).all()
    organisation_id = current_organisation()
    assert organisation_id  # noqa: S101  # a job acts for one
    ask_of_many(SEND, organisation_id=organisation_id, subject_ids=taken, lane=Lane.BACKFILL)


def _letter(piece: Piece) -> tuple[str, str, str] | None:
    """Mark it as sent before it is: twice would be worse than a mail lost in a crash."""
    mine = (Nudge.organisation_id == piece.organisation_id, Nudge.client_id == piece.subject_id)
    ours = update(Nudge).where(*mine, Nudge.sent_at.is_(None), Nudge.nudged_on.is_not(None))
    if db.session.scalar(ours.values(sent_at=func.now()).returning(Nudge.client_id)) is None:
        return None
    found = db.session.execute(
        select(User.email, Client.name, func.coalesce(User.locale, Organisation.locale))
        .join(Client, Client.user_id == User.id)
        .join(Organisation, Organisation.id == Client.organisation_id)
        .where(Client.organisation_id == piece.organisation_id, Client.id == piece.subject_id)
    ).one_or_none()
    return (found[0], found[1], found[2]) if found else None
