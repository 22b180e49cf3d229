"""Find Chromium for the browser tests; `python -m tests.chromium` gets it where that is allowed."""

import os
import platform
import shutil
import subprocess
import sys

NAMES = ("chromium", "google-chrome", "chromium-browser")
MISSING = """
!!! NO CHROMIUM: THE BROWSER TESTS DO NOT RUN. Install chromium, or name one in COACH_CHROMIUM. !!!
"""


def find_chromium() -> str | None:
    """Return the browser of COACH_CHROMIUM, else the first one on the PATH."""
    chosen = os.environ.get("COACH_CHROMIUM")
    found = (shutil.which(name) for name in ([chosen] if chosen else NAMES))
    return next(filter(None, found), None)


def main() -> int:
    """Make sure that there is a browser; without one, say so, and fail where CI=true."""
    if find_chromium() is None and may_install():
        install()
    if find_chromium() is not None:
        return 0
    sys.stderr.write(MISSING)
    return int(os.environ.get("CI") == "true")


def may_install() -> bool:
    return os.geteuid() == 0 and _is_debian() and not os.environ.get("COACH_CHROMIUM")


def install() -> None:
    """Install Debian's Chromium with a font that has Cyrillic; a failure shows as no browser."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["/usr/bin/apt-get", "-qq", "update"], env=quiet, check=False)
    subprocess.run(
        ["/usr/bin/apt-get", "-qq", "install", "-y", "chromium", "fonts-liberation"],
        env=quiet,
        stdout=sys.stderr,
        check=False,
    )


def _is_debian() -> bool:
    """Ubuntu's package of this name is only a door to a store, so Debian itself is asked for."""
    try:
        return platform.freedesktop_os_release()["ID"] == "debian"
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
