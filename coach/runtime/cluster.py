"""The files of the embedded PostgreSQL: made once by initdb, checked before each start."""

import os
import shutil
from pathlib import Path

from coach.runtime.children import Order, Process
from coach.runtime.errors import CannotStart
from coach.runtime.folders import Place
from coach.runtime.keys import write_private
from coach.runtime.logs import last_lines, open_log
from coach.runtime.wheels import postgres_major

INITDB_SECONDS = 120
ENVIRONMENT = {
    "PATH": os.defpath,
    "LC_ALL": "C.UTF-8",
}  # no PGPORT of a stranger, none of our secrets


def ready_cluster(place: Place, programs: Path, password: str, log: Path) -> Path:
    """Give the data folder, made if need be; one of another major version is refused."""
    data = place.folder / "data"
    if not data.exists():
        _make(data, place, programs, password, log)
    _refuse_other_major(data)
    return data


def _make(data: Path, place: Place, programs: Path, password: str, log: Path) -> None:
    """Run initdb beside the final place, so that an interrupted one leaves nothing behind."""
    draft, pwfile = place.folder / "data.new", place.folder / "password.new"
    shutil.rmtree(draft, ignore_errors=True)
    write_private(pwfile, password)
    if place.account:
        os.chown(pwfile, place.account.uid, place.account.gid)
    try:
        _initdb(draft, pwfile, place, programs, log)
    finally:
        pwfile.unlink()
    draft.rename(data)


def _initdb(draft: Path, pwfile: Path, place: Place, programs: Path, log: Path) -> None:
    argv = [
        *(str(programs / "initdb"), "--pgdata", str(draft), "--username=postgres"),
        *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"),
        *(f"--pwfile={pwfile}", "--no-instructions"),
    ]
    with open_log(log) as output:
        order = Order(argv, ENVIRONMENT, cwd=place.folder, account=place.account)
        child = Process.start(order, output=output)
    try:
        code = child.wait(INITDB_SECONDS)
    finally:
        child.stop()
    if code != 0:
        raise CannotStart(f"PostgreSQL's initdb failed:\n{last_lines(log)}")


def _refuse_other_major(data: Path) -> None:
    found, ours = (data / "PG_VERSION").read_text("ascii").strip(), postgres_major()
    if found != ours:
        raise CannotStart(
            f"The database in {data} was made by PostgreSQL {found}, and this version of coach "
            f"brings PostgreSQL {ours}. Dump it with the version that made it (coach backup), move "
            "the folder away, start again, and restore the dump."
        )


def forget_dead_postmaster(data: Path, sockets: Path) -> None:
    """Remove pid files whose number meanwhile belongs to somebody else, as after a reboot.

    PostgreSQL itself would take any process of that number for a running server.
    """
    if Path("/proc/self/cmdline").exists() and not _runs(data):
        for file in (data / "postmaster.pid", *sockets.glob(".s.PGSQL.*")):
            file.unlink(missing_ok=True)


def _runs(data: Path) -> bool:
    file = data / "postmaster.pid"
    pid = file.read_text("utf-8").partition("\n")[0] if file.exists() else "none"
    command = Path("/proc", pid, "cmdline")
    return command.exists() and os.fsencode(data) in command.read_bytes()
