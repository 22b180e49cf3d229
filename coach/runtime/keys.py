"""The home folder, and secrets made once and kept in it, readable by their owner only."""

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

from coach.runtime.errors import CannotStart
from coach.runtime.unprivileged import we_are_root

NAME = re.compile(r"[a-z][a-z0-9_-]*")
SECRET_BYTES = 32
PRIVATE = 0o700


def secret(home: Path, name: str) -> str:
    """Read the secret of this name, made at the first call: 32 random bytes as base64url text."""
    if not NAME.fullmatch(name):
        raise ValueError(f"not a name for a secret: {name!r}")
    make_home(home)
    folder = home / "secrets"
    folder.mkdir(mode=PRIVATE, exist_ok=True)
    if not (folder / name).exists():
        _publish(folder / name, secrets.token_urlsafe(SECRET_BYTES))
    return (folder / name).read_text(encoding="ascii")


def _publish(file: Path, text: str) -> None:
    """Make the file appear whole and at once; whoever comes second takes the first one's."""
    draft = file.with_name(f".{file.name}-{secrets.token_hex(8)}")
    write_private(draft, text)
    with suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()


def write_private(file: Path, text: str) -> None:
    """Write a file that nobody else may read, not even for a moment."""
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(descriptor)


def make_home(home: Path) -> None:
    """Make the home unless it is there; one that exists is never changed."""
    if not home.exists():
        # A server that runs as somebody else has to pass through, and sees no more than that.
        home.mkdir(mode=0o711 if we_are_root() else PRIVATE, parents=True, exist_ok=True)
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        raise CannotStart(f"{home} belongs to another user. Set COACH_HOME to a folder of yours.")
