"""A stand-in for systemctl where no systemd runs: starts what the units say, as whom they say.

Known: oneshot and simple services, templates, sockets that services share. Not known: restarts,
hardening, anything else. Debian's own services are started by their scripts.
"""

import array
import os
import shlex
import socket
import subprocess
import sys
import time
from configparser import ConfigParser
from contextlib import suppress
from pathlib import Path

UNITS = Path("/etc/systemd/system")
RUN = Path("/run/stand-in")
FIRST_FD = 3


class Unit:
    """What a unit file says, for one instance."""

    def __init__(self, name: str) -> None:
        self.name = name
        stem, _, kind = name.rpartition(".")
        prefix, at, self.instance = stem.partition("@")
        self.file = UNITS / f"{prefix}{at}.{kind}"
        self._said = _Repeating(strict=False, interpolation=None)
        self._said.optionxform = str  # type: ignore[assignment,method-assign]  # names keep case
        self._said.read_string(self.file.read_text())

    def get(self, section: str, name: str, default: str = "") -> str:
        told = self._said.get(section, name, fallback=default)
        return told.replace("%i", self.instance).replace("%%", "%").replace("$$", "$")

    @property
    def environment(self) -> dict[str, str]:
        found = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        for path in self.get("Service", "EnvironmentFile").split():
            lines = Path(path).read_text().splitlines()
            found |= dict(line.split("=", 1) for line in lines if "=" in line)
        return found


class _Repeating(ConfigParser):
    """Joins what is said more than once, as systemd does with lists."""

    def _read(self, fp, fpname):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        seen: dict[str, int] = {}
        lines: list[str] = []
        for line in fp:
            name = line.partition("=")[0]
            if name == "EnvironmentFile" and name in seen:
                place = seen[name]
                lines[place] = f"{lines[place].rstrip()} {line.partition('=')[2]}"
                continue
            seen[name] = len(lines)
            lines.append(line)
        super()._read(lines, fpname)  # type: ignore[misc]  # ConfigParser's own


def start(name: str) -> int:
    """Start a unit of ours."""
    unit = Unit(name)
    if name.endswith(".socket"):
        return _open(unit)
    words = shlex.split(unit.get("Service", "ExecStart"))
    sockets = unit.get("Service", "Sockets")
    listening = [_borrow(sockets)] if sockets else []
    log = (RUN / f"{name}.log").open("ab")
    if listening:  # the number of our own process is known to itself only
        words = ["/bin/sh", "-c", 'export LISTEN_PID=$$; exec "$0" "$@"', *words]
    process = subprocess.Popen(  # noqa: S603  # what the unit says
        words,
        user=unit.get("Service", "User"),
        group=unit.get("Service", "Group"),
        extra_groups=[],
        cwd=unit.get("Service", "WorkingDirectory"),
        env=unit.environment | ({"LISTEN_FDS": "1"} if listening else {}),
        stdout=log,
        stderr=log,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        close_fds=not listening,
        pass_fds=(),
    )
    (RUN / f"{name}.pid").write_text(str(process.pid))
    return process.wait() if unit.get("Service", "Type") == "oneshot" else 0


def stop(name: str) -> int:
    """Ask the main process to end, and wait; one that has ended is no error."""
    pid = int((RUN / f"{name}.pid").read_text())
    with suppress(ProcessLookupError):
        os.kill(pid, 15)
    while Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes():
        time.sleep(0.1)
    return 0


def _known(name: str) -> list[str]:
    """Give what runs or ran under a name in which `*` stands for anything."""
    return sorted(each.stem for each in RUN.glob(f"{name}.pid")) if "*" in name else [name]


def _open(unit: Unit) -> int:
    """Listen in a process that does nothing else, and lend the socket to whoever asks for it."""
    host, port = unit.get("Socket", "ListenStream").rsplit(":", 1)
    listening = socket.create_server((host, int(port)), backlog=2048)
    (RUN / unit.name).unlink(missing_ok=True)
    lender = socket.socket(socket.AF_UNIX)
    lender.bind(str(RUN / unit.name))
    lender.listen()
    if pid := os.fork():
        (RUN / f"{unit.name}.pid").write_text(str(pid))
        return 0
    os.setsid()
    while True:
        borrower, _ = lender.accept()
        descriptors = array.array("i", [listening.fileno()])
        borrower.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
        borrower.close()


def _borrow(name: str) -> int:
    """Take over a listening socket, at the place where services look for it."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(RUN / name))
        _, found, _, _ = socket.recv_fds(line, 1, 1)
    os.dup2(found[0], FIRST_FD, inheritable=True)
    return FIRST_FD


def main(arguments: list[str]) -> int:
    """Do what systemctl is asked to; options but --now are nothing to us."""
    RUN.mkdir(exist_ok=True)
    verb, *names = [each for each in arguments if not each.startswith("-")]
    if verb == "daemon-reload" or (verb == "enable" and "--now" not in arguments):
        return 0
    for name in (each for said in names for each in _known(said)):
        code = _do(verb, name)
        if code:
            return code
    return 0


def _do(verb: str, name: str) -> int:
    if not name.startswith("coach"):
        known = "restart" if verb == "restart" else "start"
        return subprocess.call(["/usr/sbin/service", name, known])  # noqa: S603
    unit = name if name.endswith((".service", ".socket")) else f"{name}.service"
    if verb in {"stop", "restart"}:
        stop(unit)
    return 0 if verb == "stop" else start(unit)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
