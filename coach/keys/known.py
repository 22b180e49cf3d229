"""No process starts without the keys that what is stored was sealed with."""

from sqlalchemy import delete, text

from coach.accounts.installation import SealingKey, known_keys, remember_key
from coach.extensions import db, sealer
from coach.runtime.errors import CannotStart


def check() -> None:
    """See that every key that seals something here is at hand, and remember the newest.

    Runs in an application context; raises CannotStart. A schema that is older has nothing to check.
    """
    if db.session.scalar(text("SELECT to_regclass('public.sealing_keys')")) is None:
        return
    known, ring = known_keys(), sealer()
    if missing := known - ring.ids:
        raise CannotStart(
            f"What is stored was sealed with keys that are missing: {', '.join(sorted(missing))}."
            " Put them back into ENCRYPTION_KEYS (or KMS_KEYS), behind the newest one."
            " `coach rotate-keys` makes an old key superfluous; only then may it be removed."
        )
    if ring.newest not in known:
        remember_key(ring.newest)
        db.session.commit()
    db.session.remove()


def retire(still_used: set[str]) -> None:
    """Forget the keys that seal nothing any more; they may be removed from the settings."""
    needed = still_used | {sealer().newest}
    db.session.execute(delete(SealingKey).where(SealingKey.key_id.not_in(needed)))
