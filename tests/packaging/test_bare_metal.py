"""docs/install.md, then backup, restore and upgrade, followed to the letter on a Debian.

Nothing of the machine is changed. Every block of the pages is run as it stands, in name spaces of
its own: files over the machine's lie in memory and vanish, and every process ends with the test.
systemd is stood in for by `systemctl.py`, which starts what our units say.
"""

import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.packaging.tree import ROOT, ask

PAGES = [ROOT / "docs" / f"{name}.md" for name in ("install", "backup", "upgrading")]
PORTS = (80, 443, 5432, 6379, 8000)
NEEDED = ("unshare", "nginx", "redis-server", "pg_ctlcluster", "setpriv", "openssl", "curl")
COVERED = ("etc", "opt", "var", "usr", "root", "run")
FRAME = """set -eu
mount --make-rprivate /
mount -t tmpfs tmpfs {folder}/layers
for part in {covered}; do
    mkdir -p {folder}/layers/$part/up {folder}/layers/$part/work
    mount -t overlay overlay \\
        -o lowerdir=/$part,upperdir={folder}/layers/$part/up,workdir={folder}/layers/$part/work /$part
done
printf '#!/bin/sh\\nexec /usr/bin/python3 {checkout}/tests/packaging/systemctl.py "$@"\\n' \\
    > /usr/local/bin/systemctl
chmod +x /usr/local/bin/systemctl
trap 'tail -n 20 /run/stand-in/*.log >&2' EXIT
cd {checkout}
"""
# Somebody signs in again: nothing is left of the shell that installed it but the name.
ANOTHER_DAY = """
umask 022
unset OWNER
"""
LOOK_AFTER = """
for turn in $(seq 60); do coach doctor > /dev/null && break; sleep 1; done
echo "--- after"
grep -h -o 'setup=https://[^/]*/setup/' /run/stand-in/coach-web@1.service.log | head -1
for part in web worker scheduler; do
    (set -a; . /etc/coach/coach.env; cd /opt/coach; exec /opt/coach/venv/bin/python -m coach.runtime.alive $part)
    echo "$part lives"
done
runuser -u postgres -- psql -At -c 'show server_version' | cut -d. -f1 | sed 's/^/postgresql /'
redis-cli info server | grep -o 'redis_version:[0-9]*'
coach doctor | tail -1
redis-cli config get appendonly | tail -1 | sed 's/^/appendonly /'
grep -l coach_owner /proc/[0-9]*/environ 2>/dev/null | wc -l | sed 's/^/processes that know the owner: /'
ps -o user= -C python | sort -u | sed 's/^/python runs as /'
docs/deploy/smoke-test "https://$DOMAIN" --resolve "$DOMAIN:443:127.0.0.1" --cacert /etc/coach/tls/fullchain.pem
"""


def reason_not_to() -> str | None:
    """Say why this machine cannot follow the page."""
    release = Path("/etc/os-release")
    if not release.exists() or "ID=debian" not in release.read_text().splitlines():
        return "this is not Debian"
    if os.geteuid() != 0:
        return "name spaces and apt need root"
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    taken = [port for port in PORTS if is_taken(port)]
    return f"ports are taken: {taken}" if taken else None


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", page.read_text(), flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("page", "at_least"), list(zip(PAGES, (8, 2, 1), strict=True)))
def test_the_pages_have_blocks_that_are_shell(page: Path, at_least: int) -> None:
    assert len(blocks(page)) >= at_least
    for block in blocks(page):
        checked = subprocess.run(["/bin/sh", "-n"], input=block, text=True, check=False)
        assert checked.returncode == 0, block


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_the_pages_are_followed_to_the_letter(tmp_path: Path) -> None:
    if reason := reason_not_to():
        pytest.skip(reason)
    checkout, layers = tmp_path / "coach", tmp_path / "layers"
    layers.mkdir()
    tmp_path.chmod(0o755)
    copy_to(checkout)
    frame = FRAME.format(folder=tmp_path, covered=" ".join(COVERED), checkout=checkout)
    script = tmp_path / "followed.sh"
    install, *later = ("".join(blocks(page)) for page in PAGES)
    script.write_text(frame + install + ANOTHER_DAY.join(["", *later]) + LOOK_AFTER)
    done = subprocess.run(  # noqa: S603  # the page, and what stands above
        [
            *("/usr/bin/unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"),
            *("/bin/bash", "-x", str(script)),
        ],
        env={name: value for name, value in os.environ.items() if name != "ENVIRONMENT"}
        | {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    after = done.stdout.rpartition("--- after")[2]
    for part in ("web", "worker", "scheduler"):
        assert f"{part} lives" in after
    assert "setup=https://coach.example.org/setup/" in after
    assert "postgresql 15" in after
    assert "redis_version:7" in after
    assert "appendonly yes" in after
    assert "processes that know the owner: 0" in after
    assert "python runs as root" not in after
    assert "fail=0" in after
    assert re.search(r"^erased_again=0$", done.stdout, flags=re.MULTILINE)
    assert "WRONG" not in done.stdout
    assert not Path("/etc/coach").exists()


def copy_to(folder: Path) -> None:
    """Copy every file that is or would be committed."""
    listed = ask("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
