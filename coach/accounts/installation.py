"""What the installation remembers of itself: keys that seal its secrets, and who was erased.

Both outlive a restored backup: a missing key is noticed at once, and an erased person is erased
again. Ids only.
"""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import UniqueConstraint, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from coach.database.base import Base, Identified, one_of
from coach.extensions import db
from coach.ids import new_id


class Erased(StrEnum):
    """What was deleted for good."""

    CLIENT = "client"
    ACCOUNT = "account"
    WHOOP_DATA = "whoop_data"  # what WHOOP told of a client who stays
    ORGANISATION = "organisation"


class SealingKey(Base):
    """A key that sealed something here and is still needed; the key itself is nowhere near."""

    __tablename__ = "sealing_keys"

    key_id: Mapped[str] = mapped_column(primary_key=True)


class Erasure(Base, Identified):
    """Something deleted for good, which no restored backup may bring back."""

    __tablename__ = "erasures"

    kind: Mapped[str]
    subject_id: Mapped[UUID]
    organisation_id: Mapped[UUID | None]

    __table_args__ = (one_of("kind", Erased), UniqueConstraint("kind", "subject_id"))


def note_erasure(kind: Erased, subject_id: UUID, *, organisation_id: UUID | None) -> None:
    """Remember in the running transaction that something was deleted for good.

    What was told twice (WHOOP's data of a client, say) counts from the last time.
    """
    gone = {"kind": kind, "subject_id": subject_id, "organisation_id": organisation_id}
    db.session.execute(
        insert(Erasure)
        .values(id=new_id(), **gone)
        .on_conflict_do_update(
            index_elements=[Erasure.kind, Erasure.subject_id],
            set_={"organisation_id": organisation_id},
        )
    )


def known_keys() -> set[str]:
    """List the ids of the keys that sealed something here."""
    return set(db.session.scalars(select(SealingKey.key_id)))


def remember_key(key_id: str) -> None:
    """Remember that a key seals here."""
    db.session.execute(insert(SealingKey).values(key_id=key_id).on_conflict_do_nothing())
