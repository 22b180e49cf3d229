"""PostgreSQL's own programs for dumping and restoring, in a version that fits the server."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url

from coach.cli import Refused
from coach.runtime.wheels import client_programs

DEBIAN = Path("/usr/lib/postgresql")
VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PGSSLROOTCERT", "SSL_CERT_FILE")
MOST_LINES = 5


def run(name: str, server: int, url: str, *arguments: str) -> None:
    """Run a program against the database of a URL; raises Refused with what it said.

    The password goes through the environment: what stands in arguments everybody here can read.
    """
    address = make_url(url).set(drivername="postgresql")
    called = subprocess.run(  # noqa: S603  # no shell; the words are our own
        [
            str(folder_for(server) / name),
            *arguments,
            f"--dbname={address._replace(password=None).render_as_string()}",
        ],
        env={each: os.environ[each] for each in PASSED_ON if each in os.environ}
        | {"PGPASSWORD": str(address.password or ""), "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if called.returncode:
        raise Refused(f"{name} failed:\n{_told(called.stderr)}")


def folder_for(server: int) -> Path:
    """Find the programs of the lowest version that knows a server of this major version.

    A newer dump may hold words that an older server does not know; an older program refuses.
    """
    fitting = [(major, folder) for major, folder in _installed() if major >= server]
    if not fitting:
        raise Refused(
            f"The server is PostgreSQL {server}, and there is no pg_dump of that version or newer."
            f" Install its client programs (Debian: postgresql-client-{server})."
        )
    return min(fitting)[1]


def _installed() -> Iterator[tuple[int, Path]]:
    on_path = shutil.which("pg_dump")
    folders = [*sorted(DEBIAN.glob("*/bin")), client_programs()]
    if on_path and not DEBIAN.exists():  # Debian's is a script that chooses for itself
        folders.append(Path(on_path).parent)
    for folder in folders:
        if (folder / "pg_dump").exists() and (folder / "pg_restore").exists():
            said = subprocess.run(  # noqa: S603  # as above
                [str(folder / "pg_dump"), "--version"], capture_output=True, text=True, check=False
            )
            if found := VERSION.search(said.stdout):
                yield int(found[1]), folder


def _told(stderr: str) -> str:
    """Keep what is an error; the lines between them may quote rows, and rows are about people."""
    errors = [line for line in stderr.splitlines() if "error:" in line]
    return "\n".join(errors[:MOST_LINES]) or "it said nothing"
