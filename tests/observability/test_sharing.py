"""The counters of real processes, their forks and their dead, read as one."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import os, sys
from pathlib import Path
from coach.observability import counters, sharing

sharing.share(Path(sys.argv[1]))
counters.refreshes.labels(outcome="fresh").inc()
for _ in range(int(sys.argv[2])):  # one work horse after the other, each ending as RQ's do
    if (pid := os.fork()) == 0:
        counters.refreshes.labels(outcome="fresh").inc()
        counters.sync_seconds.labels(outcome="complete").observe(2.0)
        os._exit(0)
    os.waitpid(pid, 0)
counters.refreshes.labels(outcome="fresh").inc()
found = {
    sample.name: sample.value
    for metric in sharing.collect()
    for sample in metric.samples
    if sample.name.endswith(("refreshes_total", "_count"))
}
print(found, flush=True)
if len(sys.argv) > 3:
    sys.stdin.read()
"""


class Process:
    """A process that counts, and stays when told to."""

    def __init__(self, folder: Path, forks: int, *, stays: bool = False) -> None:
        words = [sys.executable, "-c", PROGRAM, str(folder), str(forks), *["stay"] * stays]
        self.process = subprocess.Popen(  # noqa: S603  # the words are our own
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline().strip()

    def end(self, how: int = signal.SIGKILL) -> None:
        os.kill(self.process.pid, how)
        self.process.communicate()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "metrics"


def test_what_forks_counted_arrives_and_their_files_do_not_pile_up(folder: Path) -> None:
    process = Process(folder, 20, stays=True)
    process.end()
    assert process.said == (
        "{'coach_token_refreshes_total': 22.0, 'coach_sync_duration_seconds_count': 20.0}"
    )
    assert len(list(folder.glob("*.db"))) == 3, "the parent's counters, and the forks' two files"


def test_processes_at_one_time_add_up_and_a_killed_ones_counts_stay(folder: Path) -> None:
    lives = Process(folder, 0, stays=True)
    struck = Process(folder, 1, stays=True)
    struck.end()
    after = [Process(folder, 1) for _ in range(5)]
    for each in after:
        each.end(0)
    assert "'coach_token_refreshes_total': 20.0" in after[-1].said  # 2 + 3 + 5 * 3
    assert len({path.name.partition("_")[2] for path in folder.glob("*.db")}) <= 3
    lives.end()


def test_the_first_process_of_all_begins_anew(folder: Path) -> None:
    Process(folder, 3, stays=True).end()
    anew = Process(folder, 0, stays=True)
    anew.end()
    assert anew.said == "{'coach_token_refreshes_total': 2.0}"
