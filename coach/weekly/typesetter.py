"""Run by `paper` as a program: JSON on standard input, one page of PDF on standard output.

It imports nothing of ours and nothing but typst, so that it starts in a moment.
"""

import resource
import sys
from pathlib import Path

import typst

TEMPLATE = Path(__file__).with_name("summary.typ")
CPU_SECONDS, MOST_INPUT = 8, 1_000_000


def main() -> None:
    """Set one page; whatever fails ends the program, which is what its caller looks at."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    told = sys.stdin.buffer.read(MOST_INPUT).decode()
    # Fonts of the system stand in for letters that the embedded ones lack.
    page = typst.compile(TEMPLATE, root=TEMPLATE.parent, format="pdf", sys_inputs={"told": told})
    sys.stdout.buffer.write(page)


if __name__ == "__main__":
    main()
