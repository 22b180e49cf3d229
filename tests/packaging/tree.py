"""The files that these tests read, and the programs they ask about them."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = ROOT / "Dockerfile"
MAKEFILE = ROOT / "Makefile"
MAKE_SECRETS = ROOT / "docs" / "deploy" / "compose" / "make-secrets"
LOCKS = (ROOT / "requirements.lock", ROOT / "requirements-dev.lock")


def ask(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program in the project's folder as if it were called first, not by another make."""
    return subprocess.run(  # noqa: S603  # each caller writes the command out
        [shutil.which(program) or program, *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        capture_output=True,
        text=True,
        check=False,
    )
