"""How long a newcomer waits: `make demo` in a fresh clone with empty caches."""

import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
PORT = 18600
MOST_SECONDS = 600


def main() -> None:
    """Clone, run `make demo` until it says that everything is there, stop it, print the seconds."""
    with tempfile.TemporaryDirectory(prefix="coach-bench-") as folder:
        place = Path(folder)
        place.chmod(0o711)
        clone = place / "clone"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        figures = _watch(clone, place)
    print(json.dumps(figures))


def _watch(clone: Path, place: Path) -> dict[str, float]:
    environment = {
        **os.environ,
        "UV_CACHE_DIR": str(place / "uv"),
        "PIP_NO_CACHE_DIR": "1",
        "DEMO": f"--port {PORT}",
    }
    began = time.monotonic()
    figures: dict[str, float] = {}
    with subprocess.Popen(
        ["make", "demo"],
        cwd=clone,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as demo:
        assert demo.stdout
        for line in demo.stdout:
            passed = round(time.monotonic() - began, 1)
            if line.startswith("ready_after_s="):
                figures["first_page_s"] = passed
            if line.startswith("Coach is ready") or passed > MOST_SECONDS:
                figures["everybody_synced_s"] = passed
                break
        os.killpg(demo.pid, signal.SIGINT)
        demo.communicate(timeout=60)
    return figures


if __name__ == "__main__":
    main()
