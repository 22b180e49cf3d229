"""Where the servers keep data and sockets, within what the system and an unprivileged user allow."""

import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from coach.runtime.errors import CannotStart
from coach.runtime.keys import write_private
from coach.runtime.unprivileged import Account, owner_of, unprivileged, we_are_root

LONGEST_SOCKET_PATH = 103  # bytes; Linux takes 107, macOS 103
LONGEST_SOCKET_NAME = ".s.PGSQL.5432"
FOLDERS_FOR_ALL = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108  # a random name is made in it


@dataclass(frozen=True, slots=True)
class Place:
    """A folder for a server's files, and who the server runs as when that is not us."""

    folder: Path
    account: Account | None


def postgres_place(home: Path) -> Place:
    """Find the folder for PostgreSQL, made at the first call; as root it may lie outside the home."""
    record = home / "postgres-folder"
    folder = Path(record.read_text("utf-8")) if record.exists() else home / "postgres"
    if record.exists() and not folder.exists():
        raise CannotStart(
            f"The database was in {folder}, which is gone. Remove {record} to start anew."
        )
    if not we_are_root():
        return Place(private_folder(folder, None), None)
    account = owner_of(folder) if folder.exists() else unprivileged()
    if folder.exists() and not account.may_enter(folder):
        raise CannotStart(
            f"PostgreSQL runs as user number {account.uid}, who may not enter {folder}."
        )
    return Place(folder if folder.exists() else _new_folder(home, account, record), account)


def _new_folder(home: Path, account: Account, record: Path) -> Path:
    """Stay in the home if the account may go there; we open no folder that was closed to it."""
    if account.may_enter(home):
        return private_folder(home / "postgres", account)
    open_to_it = [folder for folder in FOLDERS_FOR_ALL if _may_use(folder, account)]
    if not open_to_it:
        raise CannotStart(f"User number {account.uid} may not enter {home}. Move COACH_HOME.")
    folder = _own_temporary(open_to_it[0], account)
    write_private(record, str(folder))
    return folder


def _may_use(folder: Path, account: Account) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK) and account.may_enter(folder)


def private_folder(folder: Path, account: Account | None) -> Path:
    """Make a folder only its owner may enter; it appears with the right owner or not at all."""
    if not folder.exists():
        draft = _own_temporary(folder.parent, account)
        draft.rename(folder)
    return folder


def socket_folder(wanted: Path, record: Path, account: Account | None) -> Path:
    """Give the wanted folder, or when its path is too long for a socket a recorded short one."""
    if _is_short(wanted):
        return private_folder(wanted, account)
    if record.exists() and _is_private(folder := Path(record.read_text("utf-8")), account):
        return folder
    folder = _own_temporary(_short_parent(), account)
    write_private(record, str(folder))
    return folder


def _is_short(folder: Path) -> bool:
    return len(os.fsencode(folder / LONGEST_SOCKET_NAME)) <= LONGEST_SOCKET_PATH


def _short_parent() -> Path:
    ours = Path(tempfile.gettempdir())
    return ours if _is_short(ours / "coach-12345678") else Path("/tmp")  # noqa: S108  # as above


def _is_private(folder: Path, account: Account | None) -> bool:
    """Tell whether a folder in a place open to all is still the one we made."""
    try:
        status = folder.lstat()
    except FileNotFoundError:
        return False
    uid = account.uid if account else os.geteuid()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == uid and not status.st_mode & 0o077


def _own_temporary(parent: Path, account: Account | None) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="coach-", dir=parent))
    if account:
        os.chown(folder, account.uid, account.gid)
    return folder
