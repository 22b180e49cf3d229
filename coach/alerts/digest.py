"""The morning mail: who has something new, in words without numbers; one a day at most.

Why no numbers: docs/decisions/0010.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import force_locale, ngettext
from sqlalchemy import or_, update

from coach import mail
from coach.alerts import coaches, reading, words
from coach.alerts.coaches import Ruled
from coach.alerts.models import AlertRule, AlertState
from coach.alerts.reading import Told
from coach.database.tenancy import current_organisation
from coach.extensions import db, settings
from coach.work.asking import Kind
from coach.work.leases import Piece, unit_of_work
from coach.work.models import Queue
from coach.work.perform import does

DIGEST = Kind("alert_digest", Queue.MAIL)
MOST_NAMES = 20


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that is ours to send, and when the one before was, in case it cannot be."""

    to: str
    name: str
    locale: str
    news: Sequence[Told]
    before: datetime | None


@does(DIGEST)
def send_digest(piece: Piece) -> None:
    """Do one piece of work: write to a coach, if there is something to say and nobody has."""
    with unit_of_work():
        letter = claim(piece.subject_id, now=piece.started_at)
    if letter is None:
        return
    try:
        _send(letter)
    except OSError:  # the mail server did not take it
        with unit_of_work():
            _give_back(piece.subject_id, letter)
        raise


def claim(rule_id: UUID, *, now: datetime) -> Letter | None:
    """Take today's mail of a coach before it is sent; None when taken, or nothing is new."""
    found = coaches.ruled(rule_id)
    if found is None or not _take(found.rule, now.astimezone(ZoneInfo(found.rule.timezone)).date()):
        return None
    before = found.rule.digested_at
    news = _news(found, before)
    if not news:
        return None
    _set(rule_id, digested_at=now)
    return Letter(found.coach.email, found.coach.name, found.locale, news, before)


def _take(rule: AlertRule, day: date) -> bool:
    """Claim the day in the one row that stands for it, however many ask at once."""
    untaken = or_(AlertRule.digest_for.is_(None), AlertRule.digest_for < day)
    taken = db.session.scalar(
        update(AlertRule)
        .where(AlertRule.organisation_id == rule.organisation_id, AlertRule.id == rule.id, untaken)
        .values(digest_for=day)
        .returning(AlertRule.id)
        .execution_options(synchronize_session=False)
    )
    return taken is not None


def _news(found: Ruled, before: datetime | None) -> list[Told]:
    """List what was raised or opened again since the last mail, and is visible still."""
    mine = reading.live(found.coach)
    return [
        each
        for each in mine
        if each.state is AlertState.OPEN and (before is None or each.opened_at > before)
    ]


def _give_back(rule_id: UUID, letter: Letter) -> None:
    _set(rule_id, digest_for=None, digested_at=letter.before)


def _set(rule_id: UUID, **values: object) -> None:
    db.session.execute(
        update(AlertRule)
        .where(AlertRule.organisation_id == current_organisation(), AlertRule.id == rule_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _send(letter: Letter) -> None:
    people = list({each.client_id: each for each in letter.news}.values())
    with force_locale(letter.locale):
        lines = [
            (words.short_name(one.name), words.signs_in_words(_signs(letter.news, one)))
            for one in people
        ]
        mail.send(
            "alerts/mail/digest.txt",
            to=[letter.to],
            subject=str(
                ngettext("%(num)d client to look at", "%(num)d clients to look at", len(people))
            ),
            name=letter.name,
            lines=lines[:MOST_NAMES],
            more=max(len(lines) - MOST_NAMES, 0),
            link=f"{settings().base_url}/dashboard/alerts",
        )


def _signs(news: Sequence[Told], of: Told) -> list[str]:
    return [each.sign for each in news if each.client_id == of.client_id]
