"""A command that opens a home, says whether it owns it, and stays until its input ends."""

import os
import sys
from pathlib import Path

from coach.runtime.home import open_home


def main(home: str, *options: str) -> None:
    with open_home(Path(home), postgres="valkey-only" not in options, valkey=True) as services:
        if "fork" in options and os.fork() == 0:
            sys.stdin.read()  # a job that outlives its worker
            return  # and unwinds its copy of the stack
        sys.stdout.write("owner\n" if services.owner else "attached\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
