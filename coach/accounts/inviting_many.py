"""Invite a whole list: pasted lines or a CSV, each row with a result of its own."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from enum import StrEnum
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select

from coach.accounts import invitations
from coach.accounts.access import Viewer
from coach.accounts.forms import tidy
from coach.accounts.invitations import Guest
from coach.accounts.models import Invitation, Membership, Role, User
from coach.extensions import db

MOST_ROWS = 200
LONGEST_NAME = 100
LONGEST_LIST = 100_000  # characters


class Result(StrEnum):
    """What became of one row."""

    INVITED = "invited"
    MEMBER = "member"
    WAITING = "waiting"
    INVALID = "invalid"
    DUPLICATE = "duplicate"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Row:
    """One line as typed, and what became of it."""

    line: int
    name: str
    email: str
    result: Result


@dataclass(frozen=True, slots=True)
class Wanted:
    """One line as understood; a name that is absent is the part before the @."""

    line: int
    name: str
    email: str
    timezone: str


def invite_all(text: str, *, by: Viewer, now: datetime) -> list[Row]:
    """Invite everybody of a list as clients; no row stops another."""
    wanted = list(_parse(text[:LONGEST_LIST], timezone=by.timezone))
    members, waiting = _known(by)
    seen: set[str] = set()
    rows: list[Row] = []
    for each in wanted:
        result = _judge(each, seen, members, waiting, count=len(seen))
        if result is Result.INVITED:
            guest = Guest(each.email, each.name, Role.CLIENT, each.timezone)
            invitations.send(guest, by=by, now=now)
        seen.add(each.email)
        rows.append(Row(each.line, each.name, each.email, result))
    return rows


def decoded(raw: bytes, *, language: str) -> str:
    """Read a file as spreadsheets save it: UTF-8, UTF-16, or the old code page of a language."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace")
    try:
        return codecs.getincrementaldecoder("utf-8-sig")().decode(raw)  # its end may be cut off
    except UnicodeDecodeError:
        return raw.decode("cp1251" if language == "ru" else "cp1252", "replace")


def _judge(
    each: Wanted, seen: set[str], members: set[str], waiting: set[str], *, count: int
) -> Result:
    if not _is_address(each.email):
        return Result.INVALID
    if each.email in seen:
        return Result.DUPLICATE
    if count >= MOST_ROWS:
        return Result.TOO_MANY
    if each.email in members:
        return Result.MEMBER
    return Result.WAITING if each.email in waiting else Result.INVITED


def _is_address(email: str) -> bool:
    try:
        validate_email(email, check_deliverability=False)
    except EmailNotValidError:
        return False
    return len(email) <= 254


def _known(by: Viewer) -> tuple[set[str], set[str]]:
    """Name the addresses of members, and those whose invitation is still open."""
    members = (
        select(User.email)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organisation_id == by.organisation_id, Membership.removed_at.is_(None))
    )
    waiting = select(Invitation.email).where(
        Invitation.organisation_id == by.organisation_id,
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_(None),
        Invitation.expires_at > func.now(),
    )
    return set(db.session.scalars(members)), set(db.session.scalars(waiting))


def _parse(text: str, *, timezone: str) -> Iterator[Wanted]:
    """Read lines of `Name, address[, zone]`, `address` or `Name <address>`, commas or semicolons."""
    lines = text.replace("\0", "").splitlines()
    for number, line in enumerate(lines, start=1):
        if not line.strip() or (number == 1 and _is_heading(line)):
            continue
        yield _read(number, line, timezone)


def _read(number: int, line: str, timezone: str) -> Wanted:
    separator = max(",;\t", key=line.count)
    cells = [tidy(cell) for cell in next(csv.reader([line], delimiter=separator))]
    address = next((cell for cell in cells if "@" in cell), "")
    name, email = parseaddr(address) if "<" in address else ("", address)
    others = [cell for cell in cells if cell and "@" not in cell]
    zone = next((cell for cell in others if cell in available_timezones()), timezone)
    called = name or next((cell for cell in others if cell != zone), "") or email.partition("@")[0]
    return Wanted(number, called[:LONGEST_NAME], (email or tidy(line))[:254].lower(), zone)


def _is_heading(line: str) -> bool:
    return "@" not in line and "mail" in line.casefold()
