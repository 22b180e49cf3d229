"""The mails that accounts cause, sent by a worker after the commit."""

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from coach import mail
from coach.accounts import guardians, invitations, own_account, resets
from coach.accounts.models import Invitation, Organisation, PasswordReset, User
from coach.extensions import db, settings
from coach.work.leases import Piece, unit_of_work
from coach.work.perform import does


@does(invitations.SEND)
def send_invitation(piece: Piece) -> None:
    with unit_of_work():
        organisation = db.session.get_one(Organisation, piece.organisation_id)
        invitation = db.session.get_one(Invitation, (piece.organisation_id, piece.subject_id))
        to, link = invitation.email, invitations.link(invitation)
        name, locale, from_whom = invitation.name, organisation.locale, organisation.name
    with force_locale(locale):
        mail.send(
            "accounts/mail/invitation.txt",
            to=[to],
            subject=_("%(organisation)s invites you to Coach", organisation=from_whom),
            name=name,
            organisation=from_whom,
            link=link,
        )


@does(guardians.SEND)
def ask_guardian(piece: Piece) -> None:
    with unit_of_work():
        organisation = db.session.get_one(Organisation, piece.organisation_id)
        invitation = db.session.get_one(Invitation, (piece.organisation_id, piece.subject_id))
        to, link = invitation.guardian_email, guardians.guardian_link(invitation)
        name, locale, from_whom = invitation.name, organisation.locale, organisation.name
    if to is None:
        return
    with force_locale(locale):
        mail.send(
            "accounts/mail/guardian.txt",
            to=[to],
            subject=_("%(organisation)s asks for your consent", organisation=from_whom),
            name=name,
            organisation=from_whom,
            link=link,
        )


@does(resets.SEND)
def send_reset(piece: Piece) -> None:
    with unit_of_work():
        email, locale = db.session.execute(
            select(User.email, User.locale)
            .join(PasswordReset, PasswordReset.user_id == User.id)
            .where(PasswordReset.id == piece.subject_id)
        ).one()
    with force_locale(locale or "en"):
        mail.send(
            "accounts/mail/reset.txt",
            to=[email],
            subject=_("Choose a new password"),
            link=resets.link(piece.subject_id),
        )


@does(own_account.SEND_LINK)
def send_email_link(piece: Piece) -> None:
    with unit_of_work():
        change, locale, taken = own_account.to_mail(piece.subject_id)
        email, link = change.email, own_account.link(change.id)
    if taken:
        return  # whoever asked was told the same, and learns nothing of other people's accounts
    with force_locale(locale):
        mail.send(
            "accounts/mail/email_link.txt",
            to=[email],
            subject=_("Confirm your new e-mail address"),
            link=link,
        )


@does(own_account.SEND_NOTICE)
def send_email_notice(piece: Piece) -> None:
    with unit_of_work():
        change, locale, _is_taken = own_account.to_mail(piece.subject_id)
        old_email = change.old_email
    with force_locale(locale):
        mail.send(
            "accounts/mail/email_notice.txt",
            to=[old_email],
            subject=_("Your e-mail address is about to change"),
            link=f"{settings().base_url}/forgot",
        )
