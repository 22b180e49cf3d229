"""A service begins a linking for its client: a code that counts once, for five minutes.

The client's browser brings the code, agrees on our page, goes to WHOOP and comes back to a page of
the organisation's own. No token ever stands in an address.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID

from sqlalchemy import delete, select

from coach.accounts.links import (
    enter_in_directory,
    find_in_directory,
    strike_from_directory,
    token_for,
)
from coach.accounts.models import Client, TokenKind
from coach.api.models import LinkingCode, ReturnAddress
from coach.database.tenancy import act_for, current_organisation
from coach.extensions import db
from coach.ids import new_id

LASTS = timedelta(minutes=5)
LONGEST_ADDRESS, MOST_ADDRESSES = 500, 20
_LOCAL = frozenset({"localhost", "127.0.0.1"})


def returns() -> Sequence[str]:
    """List the pages to which browsers may be sent back."""
    here = ReturnAddress.organisation_id == current_organisation()
    chosen = select(ReturnAddress.address).where(here).order_by(ReturnAddress.address)
    return db.session.scalars(chosen).all()


def allow_returns(addresses: Sequence[str]) -> None:
    """Let browsers be sent back to exactly these pages; raises ValueError for what is no page."""
    pages = sorted({_page(address) for address in addresses})
    owner = current_organisation()
    db.session.execute(delete(ReturnAddress).where(ReturnAddress.organisation_id == owner))
    db.session.add_all(ReturnAddress(organisation_id=owner, address=page) for page in pages)
    db.session.flush()


def is_page(address: str) -> bool:
    """Tell whether an address may stand on the list."""
    try:
        _page(address)
    except ValueError:
        return False
    return True


def may_return(address: str) -> bool:
    """Tell whether an address is of a page on the list; what stands behind `?` is its own affair."""
    return is_page(address) and _page(address) in returns()


def begin(client: Client, token_id: UUID, return_to: str, *, now: datetime) -> tuple[str, datetime]:
    """Make a code for a client, and say until when it counts."""
    made = LinkingCode(
        id=new_id(),
        organisation_id=client.organisation_id,
        client_id=client.id,
        token_id=token_id,
        return_to=return_to,
        expires_at=now + LASTS,
    )
    db.session.add(made)
    db.session.flush()
    code = token_for(TokenKind.LINKING, made.id)
    owner = client.organisation_id
    enter_in_directory(TokenKind.LINKING, code, organisation_id=owner, row_id=made.id)
    return code, made.expires_at


def find(code: str, *, now: datetime) -> LinkingCode | None:
    """Find what a code begins, and act for its organisation; None when it counts no more."""
    entry = find_in_directory(TokenKind.LINKING, code)
    if entry is None or entry.organisation_id is None:
        return None
    act_for(entry.organisation_id, user_id=None, session=db.session())
    found = db.session.get(LinkingCode, (entry.organisation_id, entry.row_id))
    return found if found is not None and found.expires_at > now else None


def claim(code: str) -> bool:
    """Use a code up; of two at once one may go on."""
    return strike_from_directory(TokenKind.LINKING, code)


def begun(organisation_id: UUID, code_id: UUID) -> LinkingCode | None:
    """Find a linking whose code was used up, and act for its organisation."""
    act_for(organisation_id, user_id=None, session=db.session())
    return db.session.get(LinkingCode, (organisation_id, code_id))


def forget_old(*, now: datetime) -> None:
    """Delete codes of yesterday in the organisation we act for, with what finds them."""
    old = LinkingCode.expires_at < now - timedelta(days=1)
    mine = LinkingCode.organisation_id == current_organisation()
    gone = db.session.scalars(delete(LinkingCode).where(mine, old).returning(LinkingCode.id))
    for code_id in gone.all():
        strike_from_directory(TokenKind.LINKING, token_for(TokenKind.LINKING, code_id))


def back(return_to: str, outcome: str) -> str:
    """Write where the browser goes, with what came of it."""
    parts = urlsplit(return_to)
    said = [*parse_qsl(parts.query), ("oauth", outcome), ("provider", "whoop")]
    return urlunsplit(parts._replace(query=urlencode(said)))


def _page(address: str) -> str:
    """Read an address without what stands behind `?`; raises ValueError for what is no page."""
    parts = urlsplit(address)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
    odd = parts.username or parts.password or parts.fragment or "\\" in address
    if not safe or odd or not parts.hostname or not address.isascii() or not address.isprintable():
        raise ValueError("must be an https address without user, password or fragment")
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path or "/", "", ""))
