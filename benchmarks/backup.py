"""L-20: how long a backup of a population takes and what pages notice; how long it takes to restore.

`HOME_DIR=… [PAGES=5 SECONDS=60 RESTORE=1] make bench NAME=backup`. The file lies beside the database
for as long as this runs, twice for a moment: the dump, and the archive that it goes into. Below 4 GB
of free disk everything ends. RESTORE=1 restores it into another database on the same machine; that
takes the room of the population once more, so it is for smaller ones.
"""

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.at_work import AtWork, figures
from benchmarks.installation import installation
from benchmarks.population.home import populated
from benchmarks.population.size import Size
from tests.processes.stage import Program, Stage

SECONDS = float(os.environ.get("SECONDS", "60"))
PAGES_PER_SECOND = float(os.environ.get("PAGES", "5"))
RESTORE = os.environ.get("RESTORE") == "1"
LEAST_FREE_BYTES = 4_000_000_000


def main() -> None:
    """Measure pages alone, then beside `coach backup`; restore it elsewhere when asked to."""
    with populated(Size.of_environment()) as stage:
        file = stage.home / "measured.backup"
        file.unlink(missing_ok=True)
        try:
            told = _backed_up(stage, file)
            print(json.dumps(told), file=sys.stderr)
            if RESTORE:
                told |= _restored(file)
        finally:
            file.unlink(missing_ok=True)
        print((stage.home / "population.made").read_text(), file=sys.stderr)
    print(json.dumps(told))


def _backed_up(stage: Stage, file: Path) -> dict[str, float]:
    coaches, ends = AtWork.on(stage), time.monotonic() + SECONDS
    alone = coaches.open_pages(lambda: time.monotonic() < ends, PAGES_PER_SECOND)
    began = time.monotonic()
    program = stage.start("backup", str(file), "--json")
    beside = coaches.open_pages(_while_it_runs(program, file.parent), PAGES_PER_SECOND)
    took = time.monotonic() - began
    if program.process.wait():
        raise SystemExit(program.said)
    told = figures("alone", alone) | figures("beside", beside)
    return told | {
        "dump_s": round(took, 1),
        "bytes": file.stat().st_size,
        "rows": json.loads(program.said.splitlines()[-1])["rows"],
        "ratio_p95": round(told["beside_p95_ms"] / told["alone_p95_ms"], 2),
    }


def _while_it_runs(program: Program, folder: Path) -> Callable[[], bool]:
    def runs() -> bool:
        if shutil.disk_usage(folder).free < LEAST_FREE_BYTES:
            program.process.send_signal(signal.SIGINT)  # it clears away what it has written
            program.process.wait()
        return program.process.poll() is None

    return runs


def _restored(file: Path) -> dict[str, float]:
    """Restore into an installation of its own, whose rows `coach restore` counts."""
    with installation() as other:
        began = time.monotonic()
        program = other.start("restore", str(file), "--without-links", "--json")
        if program.process.wait():
            raise SystemExit(program.said)
        return {"restore_s": round(time.monotonic() - began, 1)}


if __name__ == "__main__":
    main()
