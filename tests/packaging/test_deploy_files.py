"""The example files under docs/deploy: units, proxy, pooler."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.packaging.tree import ROOT

DEPLOY = ROOT / "docs" / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    for unit in UNITS:
        name = unit.name.replace("@.", "@sync.")
        said = unit.read_text().replace("/opt/coach/bin/coach", "/bin/true")
        (tmp_path / name).write_text(said.replace("coach-web@1", "coach-web@sync"))
    checked = subprocess.run(  # noqa: S603  # the files above
        ["systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in checked.stderr.splitlines() if str(tmp_path) in line]
    assert ours == []


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_every_service_runs_as_coach_and_may_write_its_own_folder_only(unit: Path) -> None:
    said = unit.read_text()
    for line in (
        "User=coach",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "StateDirectory=coach",
    ):
        assert line in said.splitlines()


def test_only_migrating_reads_the_owners_address() -> None:
    readers = {unit.name for unit in SERVICES if "owner.env" in unit.read_text().split("[Unit]")[1]}
    assert readers == {"coach-migrate.service"}


def test_the_proxy_sends_each_header_coach_believes_from_itself_and_empties_the_others() -> None:
    said = (DEPLOY / "nginx" / "coach-proxy.conf").read_text()
    sent = dict(re.findall(r"^proxy_set_header (\S+) (\S+);$", said, flags=re.MULTILINE))
    assert sent["X-Forwarded-For"] == "$remote_addr"  # not what a visitor says before it
    assert sent["X-Forwarded-Proto"] == "$scheme"
    for name in ("X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix", "Forwarded"):
        assert sent[name] == '""'


def test_uploads_pass_the_proxy_up_to_our_own_limit_and_nothing_else_does() -> None:
    said = (DEPLOY / "nginx" / "coach.conf").read_text()
    whole = said.partition("location")[0]
    assert "client_max_body_size 1m;" in whole
    assert re.search(r"location = /cabinet/imports \{\s+client_max_body_size 51m;", said)


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
def test_nginx_understands_the_proxy(tmp_path: Path) -> None:
    said = (DEPLOY / "nginx" / "coach.conf").read_text()
    said = said.replace("/etc/nginx/coach-proxy.conf", str(DEPLOY / "nginx" / "coach-proxy.conf"))
    said = said.replace("/etc/coach/tls", str(tmp_path))
    subprocess.run(  # noqa: S603  # a certificate that nobody believes
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x"),
            *("-keyout", str(tmp_path / "privkey.pem"), "-out", str(tmp_path / "fullchain.pem")),
        ],
        check=True,
        capture_output=True,
    )
    main = tmp_path / "nginx.conf"
    main.write_text(f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n{said}\n}}\n")
    checked = subprocess.run(  # noqa: S603  # the file above
        ["nginx", "-t", "-c", str(main)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def test_the_pooler_gives_connections_back_after_each_transaction() -> None:
    said = (DEPLOY / "pgbouncer" / "pgbouncer.ini").read_text()
    assert "pool_mode = transaction" in said
    assert "options" in re.findall(r"ignore_startup_parameters = (.*)", said)[0].split(",")


@pytest.mark.parametrize("script", ["coach", "smoke-test", "compose/make-secrets"])
def test_scripts_are_shell_and_may_be_run(script: str) -> None:
    path = DEPLOY / script
    assert path.stat().st_mode & 0o111
    subprocess.run(["/bin/sh", "-n", str(path)], check=True)  # noqa: S603
