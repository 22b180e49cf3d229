"""A supervisor of one child, whose own child left its process group; to be killed by a test."""

import os
import subprocess
import sys

from coach.runtime.supervisor import Child, Supervisor

GRANDCHILD = "import time; time.sleep(600)"


def main(mark: str) -> None:
    me = [sys.executable, "-m", "tests.runtime.family"]
    Supervisor([Child("parent", [*me, "parent", mark], dict(os.environ))]).run()


def parent(mark: str) -> None:
    with subprocess.Popen(  # noqa: S603  # the words are our own
        [sys.executable, "-c", GRANDCHILD, mark], start_new_session=True
    ):
        sys.stdout.write("both are here\n")
        sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1] == "parent":
        parent(sys.argv[2])
    else:
        main(sys.argv[1])
