"""Which unprivileged user a server runs as when we are root, and where that user may go."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from coach.runtime.errors import CannotStart

CANDIDATES = ("postgres", "_postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine, by number."""

    uid: int
    gid: int

    def may_enter(self, folder: Path) -> bool:
        """Tell whether this user can walk down to a folder and into it."""
        return all(self._may_pass(part) for part in (folder, *folder.parents))

    def _may_pass(self, folder: Path) -> bool:
        status = folder.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def unprivileged() -> Account:
    """Find a user that is there already: we never add one."""
    known = {user.pw_name: user for user in pwd.getpwall()}
    for name in CANDIDATES:
        if name in known and known[name].pw_uid != 0:
            return Account(known[name].pw_uid, known[name].pw_gid)
    raise CannotStart(
        f"PostgreSQL does not run as root, and none of the users {', '.join(CANDIDATES)} exists. "
        "Start this as an ordinary user, or set DATABASE_URL to a server of your own."
    )


def owner_of(folder: Path) -> Account:
    status = folder.stat()
    return Account(status.st_uid, status.st_gid)


def we_are_root() -> bool:
    return os.geteuid() == 0
