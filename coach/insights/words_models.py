"""Rewriting and RewrittenWords: who lets a language model word their figures, and what it made."""

from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from coach.database.base import Base, Owned, OwnedRow, belongs_to


class Rewriting(Base, Owned):
    """A client has agreed that a language model words their figures; no row, no agreement."""

    __tablename__ = "rewritings"

    client_id: Mapped[UUID] = mapped_column(primary_key=True)

    __table_args__ = (belongs_to("clients", "client_id"),)


class RewrittenWords(Base, OwnedRow):
    """Words by rule, and the same by a model: None while that is under way, or was not fit."""

    __tablename__ = "rewritten_words"

    client_id: Mapped[UUID]
    language: Mapped[str]
    by_rule: Mapped[str]
    by_rule_hash: Mapped[str]
    text: Mapped[str | None]

    __table_args__ = (
        belongs_to("clients", "client_id"),
        UniqueConstraint("organisation_id", "client_id", "by_rule_hash"),
    )
