"""What work costs: seconds, statements sent by this process, CPU by who spent it."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, event

TICKS = os.sysconf("SC_CLK_TCK")
_NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@dataclass(slots=True)
class Meter:
    """Adds up what measured stretches took; `groups` name processes, who may come and go."""

    groups: Mapping[str, Callable[[], Sequence[int]]]
    seconds: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Measure a stretch."""
        before, began = self._cpu_now(), time.perf_counter()
        yield
        self.seconds += time.perf_counter() - began
        for name, spent in self._cpu_now().items():
            self.cpu[name] = self.cpu.get(name, 0.0) + spent - before[name]

    def _cpu_now(self) -> dict[str, float]:
        return {name: sum(map(cpu_of, pids())) for name, pids in self.groups.items()}


@dataclass(slots=True)
class Sent:
    """Statements sent, without those that begin and end transactions."""

    statements: list[str] = field(default_factory=list)


@contextmanager
def sent_by(engine: Engine, sent: Sent) -> Iterator[None]:
    """Count what this process sends by an engine."""

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.upper().startswith(_NOT_COUNTED):
            sent.statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", note)


def cpu_of(pid: int) -> float:
    """Give the CPU seconds of a process and of its children that have ended; 0 when it is gone."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / TICKS  # utime, stime, and both of ended children
    return 0.0


def postgres_of(home: Path) -> list[int]:
    """Find the processes of a home's PostgreSQL: its postmaster, and what that has started."""
    (record,) = home.rglob("postmaster.pid")
    return with_children([int(record.read_text().split()[0])])


def with_children(pids: Sequence[int]) -> list[int]:
    """Add the living processes that some processes have started."""
    found = list(pids)
    for pid in pids:
        with suppress(OSError):
            words = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            found += [int(each) for each in words]
    return found
