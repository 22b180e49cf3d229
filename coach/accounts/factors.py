"""The second factor: codes of an app (TOTP, RFC 6238) and recovery codes for when it is lost."""

import hmac
import secrets
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import pyotp
import segno
from markupsafe import Markup
from sqlalchemy import delete, or_, select, update

from coach.accounts.person_models import SecondFactor
from coach.extensions import db, sealer

ISSUER = "Coach"
STEP_SECONDS = 30
DRIFT_STEPS = (0, -1, 1)  # a clock may be so many steps wrong
RECOVERY_CODES = 10
RECOVERY_BYTES = 10  # 80 random bits: their hash needs no salt and no slowness


def is_on(user_id: UUID) -> bool:
    """Tell whether somebody has confirmed a second factor."""
    found = select(SecondFactor.confirmed_at).where(SecondFactor.user_id == user_id)
    return db.session.scalar(found) is not None


def secret_to_confirm(user_id: UUID) -> str:
    """Give the secret a person is about to put into their app; the same until it is confirmed."""
    row = db.session.get(SecondFactor, user_id)
    if row is None:
        fresh = sealer().seal(pyotp.random_base32(length=32), place=_place(user_id))
        row = SecondFactor(user_id=user_id, secret=fresh, recovery_hashes=[])
        db.session.add(row)
        db.session.flush()
    return _secret(row)


def qr_code(secret: str, email: str) -> Markup:
    """Draw what an app reads: an SVG without any style of its own."""
    address = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)
    drawn = segno.make(address, error="m").svg_inline(
        border=3, light="#fff", omitsize=True, svgclass="qr", lineclass=None
    )
    return Markup(drawn)  # noqa: S704  # made of our secret by segno, which escapes


def confirm(user_id: UUID, code: str, *, now: datetime) -> list[str] | None:
    """Switch it on by a first code and give the recovery codes, once; None when it is wrong."""
    row = db.session.get(SecondFactor, user_id, with_for_update=True)
    if row is None or row.confirmed_at is not None or not _is_newest_code(row, code, now):
        return None
    row.confirmed_at = now
    return _new_codes(row)


def accepts(user_id: UUID, code: str, *, now: datetime) -> bool:
    """Tell whether a code of the app or a recovery code is right; it never is a second time."""
    row = db.session.get(SecondFactor, user_id, with_for_update=True, populate_existing=True)
    if row is None or row.confirmed_at is None:
        return False
    return _is_newest_code(row, code, now) or _is_recovery_code(row, code)


def new_recovery_codes(user_id: UUID) -> list[str]:
    """Give ten new recovery codes; the old ones open nothing any more."""
    return _new_codes(db.session.get_one(SecondFactor, user_id, with_for_update=True))


def recovery_codes_left(user_id: UUID) -> int:
    """Count the recovery codes that were not used yet."""
    row = db.session.get(SecondFactor, user_id)
    return len(row.recovery_hashes) if row else 0


def switch_off(user_id: UUID) -> None:
    """Forget the secret and the codes."""
    db.session.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))


def _is_newest_code(row: SecondFactor, code: str, now: datetime) -> bool:
    step = _step_of(_secret(row), _tidy(code), now)
    if step is None:
        return False
    older = or_(SecondFactor.last_step.is_(None), SecondFactor.last_step < step)
    claimed = (
        update(SecondFactor)
        .where(SecondFactor.user_id == row.user_id, older)
        .values(last_step=step)
        .returning(SecondFactor.user_id)
    )
    return db.session.scalar(claimed) is not None


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    app, here = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    for drift in DRIFT_STEPS:
        right = app.at((here + drift) * STEP_SECONDS)
        if hmac.compare_digest(right.encode(), code.encode()):
            return here + drift
    return None


def _is_recovery_code(row: SecondFactor, code: str) -> bool:
    hashed = _hash(row.user_id, code)
    left = [each for each in row.recovery_hashes if each != hashed]
    if len(left) == len(row.recovery_hashes):
        return False
    row.recovery_hashes = left
    return True


def _new_codes(row: SecondFactor) -> list[str]:
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    row.recovery_hashes = [_hash(row.user_id, code) for code in codes]
    return codes


def _new_code() -> str:
    digits = secrets.token_hex(RECOVERY_BYTES)
    return "-".join(digits[start : start + 5] for start in range(0, len(digits), 5))


def _hash(user_id: UUID, code: str) -> str:
    return sha256(f"{user_id}/{_tidy(code)}".encode()).hexdigest()


def _tidy(code: str) -> str:
    return "".join(code.lower().replace("-", "").split())


def _secret(row: SecondFactor) -> str:
    return sealer().open(row.secret, place=_place(row.user_id))


def _place(user_id: UUID) -> str:
    return f"mfa/{user_id}/secret"
