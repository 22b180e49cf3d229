"""Runs one command that must not outlive its owner: a program of its own, started by `children`.

It waits between the owner and the command. The owner lets go by closing our standard input, which
the system does for it when it is killed. Then the command is asked to stop, and whatever is left of
its family after the grace is killed. When this program has ended, nothing it started is running.

Usage: leash.py STOP_SIGNAL GRACE_SECONDS UID GID HELD_FD COMMAND…   (-1 means none)
"""

import ctypes
import fcntl
import os
import select
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

OWNER = 0  # our standard input: nothing is ever written to it, so readable means closed
LET_GO = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LINUX = sys.platform == "linux"


def main(words: list[str]) -> int:
    stop_with, grace, uid, gid, held = (int(word) for word in words[:5])
    if held >= 0:
        fcntl.fcntl(held, fcntl.F_SETFD, fcntl.FD_CLOEXEC)  # a lock for us alone, while we live
    prctl = ctypes.CDLL(None).prctl if LINUX else ignore
    prctl(PR_SET_CHILD_SUBREAPER, 1)  # orphans come to us, so that we can end them
    news = listen_for_signals()
    leash, child = os.getpid(), os.fork()
    if child == 0:
        put_on_own(uid, gid)
        prctl(PR_SET_PDEATHSIG, stop_with)  # last: changing the user clears it
        run(words[5:], leash)
    status = wait(child, news)
    if status is None:
        os.kill(child, stop_with)
        status = wait(child, news, until=time.monotonic() + grace)
    return exit_code(end_family(child, status))


def ignore(*_: int) -> None:
    """Stand in for prctl where there is none; closing the pipe works everywhere."""


def listen_for_signals() -> int:
    """Turn signals, also a child's end, into bytes that `select` sees."""
    news, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in {signal.SIGCHLD, *LET_GO}:
        signal.signal(number, lambda *_: None)
    return news


def put_on_own(uid: int, gid: int) -> None:
    """Leave the leash's process group, and root's rights when told to."""
    os.setpgid(0, 0)
    if uid >= 0:
        os.setgroups([gid])
        os.setgid(gid)
        os.setuid(uid)


def run(command: list[str], leash: int) -> NoReturn:
    if os.getppid() != leash:
        os._exit(1)  # it died before the parent-death signal was set
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)  # Python ignores them, other programs should not
    os.dup2(os.open(os.devnull, os.O_RDONLY), OWNER)
    try:
        os.execvp(command[0], command)  # noqa: S606  # no shell is wanted; the words are our own
    except OSError as error:
        os.write(2, f"cannot run {command[0]}: {error.strerror}\n".encode())
    os._exit(127)


def wait(child: int, news: int, until: float | None = None) -> int | None:
    """Give the status the child ended with; None when we are to let go or the time is up."""
    while (status := reap(child)) is None:
        left = None if until is None else until - time.monotonic()
        if left is not None and left <= 0:
            return None
        ready, _, _ = select.select([news] if until else [news, OWNER], [], [], left)
        told = set(os.read(news, 512)) if news in ready else set()
        if until is None and (OWNER in ready or told & LET_GO):
            return None
    return status


def reap(child: int) -> int | None:
    """Bury who has died; give the status if the child is among them."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return None
        if pid in {0, child}:
            return status if pid else None


def end_family(child: int, status: int | None) -> int:
    """Kill everyone who is left until nobody is; give the status the child ended with."""
    while True:
        for pid in relatives(child):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        try:
            pid, ended_with = os.waitpid(-1, 0)
        except ChildProcessError:
            return status or 0
        if pid == child:
            status = ended_with


def relatives(child: int) -> list[int]:
    """List our children, adopted ones too; elsewhere than on Linux, the child's process group."""
    if not LINUX:
        return [-child]
    ours = str(os.getpid())
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and parent_of(entry) == ours
    ]


def parent_of(process: Path) -> str | None:
    try:
        text = (process / "stat").read_bytes()
    except OSError:
        return None  # gone since we listed it
    return text.rpartition(b")")[2].split()[1].decode()


def exit_code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
