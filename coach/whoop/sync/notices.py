"""What a client is told about their link, once each: it needs them, and it is well again."""

from dataclasses import dataclass

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import Row, Select, func, select, update
from sqlalchemy.dialects.postgresql import insert

from coach import mail
from coach.accounts.models import Client, Organisation, User
from coach.extensions import db, settings
from coach.ids import new_id
from coach.whoop.errors import MustReconnect, WhoopError
from coach.whoop.grant import app_health, tries
from coach.whoop.grant.models import Channel, NoticeKind, Notification
from coach.whoop.grant.verdicts import MOST_REFUSED_HOURS
from coach.whoop.models import Integration, Status
from coach.whoop.sync import fencing
from coach.whoop.sync.fencing import Link
from coach.work.asking import Kind, ask
from coach.work.leases import Piece, unit_of_work
from coach.work.models import Queue
from coach.work.perform import does

SEND = Kind("whoop_notice", Queue.MAIL)
TEMPLATES = {
    NoticeKind.RECONNECT: "whoop/mail/reconnect.txt",
    NoticeKind.RECOVERED: "whoop/mail/recovered.txt",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice that is ours to send: what, to whom, in which language."""

    kind: NoticeKind
    to: str
    name: str
    locale: str


def condemn(link: Link, error: WhoopError) -> None:
    """Say on the integration what has to be done, and by whom; tells the client who must act."""
    gone = isinstance(error, MustReconnect)
    status = Status.RECONNECT_NEEDED if gone else Status.ERROR
    with unit_of_work():
        fencing.mark(link, status, type(error).__name__)
        if gone:
            integration = db.session.get_one(Integration, (link.organisation_id, link.id))
            tell(NoticeKind.RECONNECT, integration)


def doubt(link: Link) -> None:
    """Say of a link that is held that its syncs fail; the next one that ends well takes it back."""
    mine = (Integration.organisation_id == link.organisation_id, Integration.id == link.id)
    db.session.execute(
        update(Integration)
        .where(*mine, Integration.status == Status.ACTIVE)
        .values(status=Status.ERROR.value, error="SyncFailed")
    )


def refused_for_good(link: Link, error: WhoopError) -> bool:
    """Note that fresh tokens are refused; True when that has gone on for too many hours."""
    tries.refused(link.id, link.organisation_id, link.whoop_app_id)
    with unit_of_work():
        fencing.mark(link, Status.ACTIVE, type(error).__name__)
        hours = tries.refused_hours(link.id, since=link.last_sync)
    return hours >= MOST_REFUSED_HOURS and not app_health.is_frozen(link.whoop_app_id)


def tell(kind: NoticeKind, integration: Integration) -> None:
    """Have the client told in the running transaction, once for each time they linked."""
    user_id = db.session.scalar(
        select(Client.user_id).where(
            Client.organisation_id == integration.organisation_id,
            Client.id == integration.client_id,
        )
    )
    if user_id is None:
        return
    new = db.session.scalar(
        insert(Notification)
        .values(
            organisation_id=integration.organisation_id,
            id=new_id(),
            user_id=user_id,
            kind=kind.value,
            channel=Channel.MAIL.value,
            subject_id=integration.id,
            occasion=str(integration.generation),
        )
        .on_conflict_do_nothing(constraint="uq_notifications_once")
        .returning(Notification.id)
    )
    if new is not None:
        ask(SEND, organisation_id=integration.organisation_id, subject_id=new)


@does(SEND)
def send_notice(piece: Piece) -> None:
    """Do one piece of work: send a notice, unless it was sent or is true no more."""
    with unit_of_work():
        letter = _claim(piece)
    if letter is None:
        return
    try:
        _send(letter)
    except OSError:  # the mail server did not take it
        with unit_of_work():
            _set_sent(piece, sent=False)
        raise


def _claim(piece: Piece) -> Letter | None:
    """Mark a notice as sent before it is: twice would be worse than a mail lost in a crash."""
    row = db.session.execute(_facts(piece)).one_or_none()
    if row is None or not _is_true(row):
        return None
    if not _set_sent(piece, sent=True):
        return None
    return Letter(NoticeKind(row.kind), row.email, row.name, row.locale)


def _facts(piece: Piece) -> Select[*tuple[object, ...]]:
    return (
        select(
            Notification.kind,
            Notification.occasion,
            Integration.generation,
            Integration.status,
            User.email,
            Client.name,
            func.coalesce(User.locale, Organisation.locale).label("locale"),
        )
        .join(Integration, Integration.id == Notification.subject_id)
        .join(Client, Client.id == Integration.client_id)
        .join(User, User.id == Notification.user_id)
        .join(Organisation, Organisation.id == Notification.organisation_id)
        .where(
            Notification.organisation_id == piece.organisation_id,
            Notification.id == piece.subject_id,
        )
    )


def _is_true(row: Row[*tuple[object, ...]]) -> bool:
    """Tell whether the link still stands as the notice says."""
    fallen = row.status == Status.RECONNECT_NEEDED
    return bool(
        row.occasion == str(row.generation) and fallen == (row.kind == NoticeKind.RECONNECT)
    )


def _set_sent(piece: Piece, *, sent: bool) -> bool:
    changed = db.session.scalar(
        update(Notification)
        .where(
            Notification.organisation_id == piece.organisation_id,
            Notification.id == piece.subject_id,
            Notification.sent_at.is_(None) if sent else Notification.sent_at.is_not(None),
        )
        .values(sent_at=func.now() if sent else None)
        .returning(Notification.id)
    )
    return changed is not None


def _send(letter: Letter) -> None:
    with force_locale(letter.locale):
        subjects = {
            NoticeKind.RECONNECT: _("Link WHOOP again"),
            NoticeKind.RECOVERED: _("WHOOP is linked again"),
        }
        mail.send(
            TEMPLATES[letter.kind],
            to=[letter.to],
            subject=subjects[letter.kind],
            name=letter.name,
            link=f"{settings().base_url}/cabinet/integrations",
        )
