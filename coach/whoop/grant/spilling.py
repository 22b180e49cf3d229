"""New tokens that the database could not take: kept sealed on disk until it can.

WHOOP has spent the old refresh token by then, so what is lost here only the client can mend.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from coach.database.tenancy import acting_for
from coach.extensions import db, settings
from coach.whoop.errors import MustReconnect
from coach.whoop.grant import tries
from coach.whoop.grant.oauth import Tokens
from coach.whoop.grant.vault import Columns, Vault
from coach.whoop.grant.verdicts import Outcome

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Spill:
    """A sealed pair of tokens, the token it replaces (hashed), and the try that brought it."""

    vault: Vault
    columns: Columns
    replaces: str
    tried: UUID

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file; the tokens in it stay sealed."""
        said = json.loads(path.read_text())
        vault = Vault(UUID(said["integration_id"]), UUID(said["organisation_id"]))
        columns: Columns = dict(said["columns"])
        columns["token_expires_at"] = datetime.fromisoformat(str(columns["token_expires_at"]))
        return cls(vault, columns, said["replaces"], UUID(said["tried"]))

    @classmethod
    def of(cls, vault: Vault, tokens: Tokens, *, replaces: str, tried: UUID) -> Self:
        """Seal tokens for the row they could not be brought into."""
        expires_at = datetime.now(UTC) + tokens.lasts
        columns = vault.sealed(tokens) | {"token_expires_at": expires_at}
        return cls(vault, columns, replaces, tried)

    def keep(self) -> None:
        """Write the file, readable by us alone, and see that it is on the disk."""
        _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        text = json.dumps(
            {
                "integration_id": str(self.vault.integration_id),
                "organisation_id": str(self.vault.organisation_id),
                "columns": self.columns,
                "replaces": self.replaces,
                "tried": str(self.tried),
            },
            default=str,
        )
        half = self._path.with_suffix(".new")
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        half.replace(self._path)

    def save(self) -> None:
        """Bring the tokens into their row, if it still holds what they replace, and forget them."""
        vault = self.vault
        with acting_for(vault.organisation_id), db.engine.begin() as connection:
            try:
                if vault.read(connection, lock=True).token_hash == self.replaces:
                    ended = tries.ending(self.tried, Outcome.RENEWED)
                    vault.save(connection, self.columns, ended)
            except MustReconnect:
                log.info("spilled_tokens_not_needed")
        self._path.unlink(missing_ok=True)

    @property
    def _path(self) -> Path:
        return _folder() / f"{self.vault.integration_id}.json"


def pick_up(vault: Vault) -> None:
    """Save what was spilled of one integration; costs a look at the disk when nothing was."""
    path = _folder() / f"{vault.integration_id}.json"
    if path.exists():
        Spill.read(path).save()


def pick_up_all() -> int:
    """Save all that was spilled on this machine; how many."""
    found = list(_spilled())
    for spill in found:
        try:
            spill.save()
        except DBAPIError as error:
            log.warning("spilled_tokens_wait", reason=type(error).__name__)
    return len(found)


def _spilled() -> Iterator[Spill]:
    return (Spill.read(path) for path in sorted(_folder().glob("*.json")))


def _folder() -> Path:
    return settings().coach_home / "spill"
