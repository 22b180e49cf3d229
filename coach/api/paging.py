"""Cursor pagination: the place behind the last row, in an order that no new row changes."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from coach.api.shapes import Paging
from coach.extensions import db
from coach.web.problems import invalid

Entity = TypeVar("Entity")
Key: TypeAlias = date | datetime | UUID | str
Order: TypeAlias = Sequence[InstrumentedAttribute[Any]]  # columns of whatever type
_READ: dict[type, Callable[[str], Key]] = {
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    UUID: UUID,
    str: str,
}


def rows(chosen: Select[Entity], order: Order, asked: Paging) -> tuple[list[Entity], str | None]:
    """Read one page of a selection, the highest of `order` first, and the cursor of the next.

    The columns of `order` are unique together.
    """
    found, cursor = placed(chosen, order, asked)
    return [each for each, _place in found], cursor


def placed(
    chosen: Select[Entity],
    order: Order,
    asked: Paging,
    *,
    beside: Sequence[ColumnElement[Any]] = (),
) -> tuple[list[tuple[Entity, Sequence[Any]]], str | None]:
    """Read one page as `rows` does, each row with the values of `order` and what stands beside it."""
    wanted = chosen.add_columns(*order, *beside).order_by(*(each.desc() for each in order))
    if asked.cursor is not None:
        wanted = wanted.where(tuple_(*order) < tuple_(*_place(asked.cursor, order)))
    got = db.session.execute(wanted.limit(asked.limit + 1)).all()
    found: list[tuple[Entity, Sequence[Any]]] = [(row[0], row[1:]) for row in got[: asked.limit]]
    return found, _cursor(found[-1][1][: len(order)]) if len(got) > asked.limit else None


def _cursor(place: Sequence[object]) -> str:
    said = json.dumps([str(each) for each in place])
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def _place(cursor: str, order: Order) -> list[Key]:
    types = [each.type.python_type for each in order]
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        said = _listed(json.loads(base64.urlsafe_b64decode(padded.encode("ascii"))))
        return [_READ[kind](text) for kind, text in zip(types, said, strict=True)]
    except (ValueError, binascii.Error, RecursionError):
        raise invalid("cursor", "is not a cursor of this list") from None


def _listed(said: object) -> list[str]:
    """Read the texts of a place; raises ValueError for what none of ours holds."""
    if not isinstance(said, list) or not all(isinstance(each, str) for each in said):
        raise ValueError
    if any("\0" in each or not each.isprintable() for each in said):
        raise ValueError
    return said
