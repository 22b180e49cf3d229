"""How much one client may leave here, so that nobody fills the disk."""

import errno
import shutil
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, or_, select

from coach.csv_import.models import OPEN, Import, ImportState
from coach.database.tenancy import current_organisation
from coach.extensions import db, settings

MEGABYTE = 1024 * 1024
MOST_OPEN = 5
# As many of the largest uploads are kept of one client; a real export is a hundredth of that.
MOST_KEPT = 4
FREE_MB = 64


class TooManyOpen(Exception):
    """Too many uploads of this client were neither applied nor discarded."""


class TooMuchKept(Exception):
    """The files of this client that are still kept are too large together."""


def check(client_id: UUID, size: int) -> None:
    """Raise TooManyOpen or TooMuchKept unless one more upload of so many bytes fits."""
    mine = (Import.organisation_id == current_organisation(), Import.client_id == client_id)
    waiting = select(func.count()).where(*mine, Import.state.in_(OPEN))
    if db.session.execute(waiting).scalar_one() >= MOST_OPEN:
        raise TooManyOpen
    lying = select(func.coalesce(func.sum(Import.size), 0)).where(
        *mine,
        Import.created_at > func.now() - kept_for(),
        or_(Import.state != ImportState.UNDONE, Import.finished_at.is_not(None)),
    )
    if db.session.execute(lying).scalar_one() + size > most_kept_mb() * MEGABYTE:
        raise TooMuchKept


def most_kept_mb() -> int:
    """Say how many megabytes of files one client may leave here."""
    return MOST_KEPT * settings().upload_max_mb


def kept_for() -> timedelta:
    """Say how long an uploaded file is kept; there is always a day to read it in."""
    return timedelta(days=max(1, settings().upload_keep_days))


def check_disk(folder: Path) -> None:
    """Raise what a full disk raises before it is full: others need to write too."""
    needed = (settings().upload_max_mb + FREE_MB) * MEGABYTE
    if shutil.disk_usage(folder).free < needed:
        raise OSError(errno.ENOSPC, "too little room for an upload")
