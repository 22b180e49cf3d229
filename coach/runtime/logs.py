"""The servers' own log files: private, bounded, quoted when a start fails."""

import os
from pathlib import Path
from typing import IO

LARGEST = 10 * 1024 * 1024
QUOTED_LINES = 8


def open_log(file: Path) -> IO[bytes]:
    """Open a log to append to; one that has grown large makes room, its predecessor goes."""
    if file.exists() and file.stat().st_size > LARGEST:
        file.replace(file.with_name(f"{file.name}.1"))
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def last_lines(file: Path) -> str:
    with file.open("rb") as log:
        log.seek(max(0, file.stat().st_size - 4096))
        lines = log.read().decode(errors="replace").splitlines()
    return "\n".join(lines[-QUOTED_LINES:])
