"""What a look finds: one line with a verdict, and what to do when it is not well."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from redis.exceptions import RedisError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from coach.database.outages import reason
from coach.extensions import db
from config import Settings


class Level(StrEnum):
    """How it stands; `fail` makes the command end with 1."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line."""

    level: Level
    about: str
    says: str
    do: str = ""

    def as_line(self) -> str:
        what = f"{self.level:<4}  {self.about:<20}  {self.says}"
        return f"{what}  Do: {self.do}" if self.do else what


@dataclass(frozen=True, slots=True)
class Ground:
    """What looks stand on: settings, and an engine that sees every row, where there is one."""

    settings: Settings
    all_rows: Engine | None


Look: TypeAlias = Callable[[Ground], Iterable[Finding]]


def ok(about: str, says: str) -> Finding:
    return Finding(Level.OK, about, says)


def warn(about: str, says: str, do: str) -> Finding:
    return Finding(Level.WARN, about, says, do)


def fail(about: str, says: str, do: str) -> Finding:
    return Finding(Level.FAIL, about, says, do)


def taken(look: Look, ground: Ground) -> Iterator[Finding]:
    """Take a look; one that breaks off is a finding too."""
    try:
        yield from look(ground)
    except (SQLAlchemyError, RedisError) as error:
        name = look.__name__.replace("_", " ")
        yield fail(name, f"broke off: {reason(error)}", "Mend what fails above, then look again.")
    finally:
        db.session.rollback()
