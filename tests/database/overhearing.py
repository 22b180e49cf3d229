"""Overhears what the application sends to PostgreSQL, and takes the tenant filters out of it."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Engine, event

# `x.organisation_id = %(owner)s::UUID` and `x.organisation_id = y.organisation_id`, the filters and
# joins of every query; in SET and VALUES an organisation is written, not asked for.
_FILTER = re.compile(
    r'(?:"?\w+"?\.)?"?organisation_id"? = '
    r'(?:%\(\w+\)s(?:::UUID)?|CAST\(%\(\w+\)s AS uuid\)|"?\w+"?\."?organisation_id"?)'
)
_SETTING = "set_config"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A statement, with one filter taken out or, without any, forged to act for somebody else."""

    sql: str
    values: Mapping[str, object]
    without: str


@contextmanager
def overheard(engine: Engine) -> Iterator[dict[str, Mapping[str, object]]]:
    """Keep each statement that is sent meanwhile, with the values of its first time."""
    kept: dict[str, Mapping[str, object]] = {}

    def keep(_connection: object, _cursor: object, sql: str, values: object, *_: object) -> None:
        if isinstance(values, Mapping) and "organisation_id" in sql and _SETTING not in sql:
            kept.setdefault(sql, dict(values))

    event.listen(engine, "before_cursor_execute", keep)
    try:
        yield kept
    finally:
        event.remove(engine, "before_cursor_execute", keep)


def mutants(
    kept: Mapping[str, Mapping[str, object]], *, home: UUID, stranger: UUID
) -> Iterator[Mutant]:
    """Give each statement as a stranger would send it whose code forgot one of its filters.

    All other filters name the stranger's own organisation; ids are still those of `home`.
    """
    for sql, values in kept.items():
        yield Mutant(sql, values, "")
        theirs = {name: _moved(value, home, stranger) for name, value in values.items()}
        for found in _FILTER.finditer(sql):
            without = f"{sql[: found.start()]}true{sql[found.end() :]}"
            if not _is_set(sql, found.start()):
                yield Mutant(without, theirs, found[0])


def _is_set(sql: str, at: int) -> bool:
    """Tell an assignment of an UPDATE from a filter."""
    return "SET" in sql[:at] and "WHERE" not in sql[:at] and sql.startswith("UPDATE")


def _moved(value: object, home: UUID, stranger: UUID) -> object:
    if isinstance(value, UUID):
        return stranger if value == home else value
    return value.replace(str(home), str(stranger)) if isinstance(value, str) else value
