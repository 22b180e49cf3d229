"""What an owner tells the commands that attach: a file in the home, for its user only."""

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from coach.runtime.keys import write_private
from coach.runtime.postgres import accepts_connections
from coach.runtime.valkey import answers

FILE = "runtime.json"


@dataclass(frozen=True, slots=True)
class Services:
    """How to reach the servers that were asked for, and whether they run because of us."""

    database_url: str | None
    migration_url: str | None
    redis_url: str | None
    owner: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which servers a command needs."""

    postgres: bool
    valkey: bool

    def __str__(self) -> str:
        names = {"PostgreSQL": self.postgres, "Valkey": self.valkey}
        return " and ".join(name for name, needed in names.items() if needed)

    def are_met_by(self, offer: Services) -> bool:
        """Tell whether all that is needed is offered, and answers."""
        database = offer.database_url is not None and accepts_connections(offer.database_url)
        return (database or not self.postgres) and (
            not self.valkey or (offer.redis_url is not None and answers(offer.redis_url))
        )


def write_notice(home: Path, services: Services) -> None:
    """Publish the file whole and at once."""
    draft = home / f".{FILE}.new"
    write_private(draft, json.dumps({"pid": os.getpid(), **asdict(services)}))
    draft.replace(home / FILE)


def read_notice(home: Path, wanted: Wanted) -> Services | None:
    """Read what a living owner offers, if that is enough for us."""
    try:
        notice = json.loads((home / FILE).read_text("utf-8"))
    except FileNotFoundError:
        return None
    pid = notice.pop("pid")
    offer = Services(**notice | {"owner": False})
    return offer if _is_alive(pid) and wanted.are_met_by(offer) else None


def forget_notice(home: Path) -> None:
    (home / FILE).unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    """Tell whether a process of this number exists, or existed and was not yet buried."""
    with suppress(PermissionError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True
