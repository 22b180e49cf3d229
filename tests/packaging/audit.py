"""Ask the advisory source about every package of the lock: `make audit`.

What could not be asked about counts as a failure. pip-audit alone would end well when its source
is away and nothing was looked at.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

LOCK = Path(__file__).resolve().parents[2] / "requirements.lock"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said, and how the command ends."""

    says: str
    code: int


def judge(answer: str, wanted: set[str]) -> Verdict:
    """Read what pip-audit printed; `wanted` are the packages it had to look at."""
    try:
        found = json.loads(answer)["dependencies"]
        looked_at = {each["name"] for each in found if "skip_reason" not in each}
        vulnerable = [each for each in found if each.get("vulns")]
    except (ValueError, KeyError, TypeError):
        looked_at, vulnerable = set(), []
    if vulnerable:
        told = [
            f"{each['name']} {each['version']}: {', '.join(it['id'] for it in each['vulns'])}"
            for each in vulnerable
        ]
        return Verdict("vulnerable:\n" + "\n".join(told), 1)
    if missing := wanted - looked_at:
        return Verdict(f"not audited: {len(missing)} of {len(wanted)} packages", 2)
    return Verdict(f"audited={len(wanted)} vulnerable=0", 0)


def packages(lock: Path) -> set[str]:
    """List the packages of a lock for this kind of machine."""
    lines = lock.read_text().splitlines()
    return {line.partition("==")[0] for line in lines if "==" in line and ";" not in line}


def main(lock: Path = LOCK) -> int:
    asked = subprocess.run(  # noqa: S603  # our own words
        [
            *(sys.executable, "-m", "pip_audit", "--strict", "--format=json"),
            *("--disable-pip", "--require-hashes", "--progress-spinner=off"),
            f"--requirement={lock}",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    verdict = judge(asked.stdout, packages(lock))
    print(verdict.says)  # noqa: T201  # a command
    if verdict.code == 2:
        print(asked.stderr.strip().splitlines()[-1:], file=sys.stderr)  # noqa: T201
    return verdict.code


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
