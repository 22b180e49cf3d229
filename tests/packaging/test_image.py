"""The image, as far as it can be proven without a daemon: its steps, and what runs in the result."""

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from packaging.specifiers import SpecifierSet
from ruamel.yaml import YAML
from sqlalchemy import make_url

from coach.__main__ import coach
from config import Settings
from tests.packaging import image
from tests.packaging.test_bare_metal import copy_to
from tests.packaging.test_compose import Service, filled_in
from tests.packaging.tree import COMPOSE, MAKE_SECRETS, ROOT
from tests.processes.deaf import DeafLine
from tests.processes.stage import ForgetfulValkey, free_port
from tests.spare import spare_database

BUILD, FINAL = image.stages()
MINOR = re.findall(r"python:(\d+\.\d+)-slim", FINAL.base)[0]
NAMED = "PYTHON_OF_IMAGE"
DATABASE = "/run/postgres"
# Asks for the health of a part until it is well, as the daemon would.
WELL = """for turn in $(seq 90); do {ask} && break; sleep 1; done
{ask} && echo "{name} is well"
"""


def services() -> dict[str, Service]:
    return cast("dict[str, Service]", YAML(typ="safe").load(COMPOSE)["services"])


def test_both_stages_are_one_python_that_the_project_takes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert BUILD.base == FINAL.base
    assert SpecifierSet(project["requires-python"]).contains(MINOR)


def test_whatever_is_copied_is_there() -> None:
    named = [what for stage, what, _ in image.copies(BUILD) if stage is None]
    missing = [name for what in named for name in what if not (ROOT / name).exists()]
    assert missing == []
    for stage, what, _ in image.copies(FINAL):
        assert stage == BUILD.name
        assert all(any(name in rest for _, rest in BUILD.steps) for name in what)


def test_whatever_it_runs_is_a_command_of_ours_or_a_module() -> None:
    commands = [shlex.split(str(each["command"])) for each in services().values() if is_ours(each)]
    for program, name in [FINAL.command, *commands]:
        assert program == "coach"
        assert name in coach.commands
    asked = [each["healthcheck"].get("test", []) for each in services().values() if is_ours(each)]
    for words in [FINAL.health, *(each[1:] for each in asked if isinstance(each, list) and each)]:
        assert words[:2] == ["python", "-m"]
        assert importlib.util.find_spec(words[2])


def is_ours(service: Service) -> bool:
    return service["image"].startswith("coach:")


def python_of_the_image() -> str | None:
    """Find a Python of the image's minor version: the named one, else the one on the path."""
    found = os.environ.get(NAMED) or shutil.which(f"python{MINOR}") or ""
    asked = [found, "-c", "import sys; print(sys.version_info[:2], sys.executable)"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False) if found else None  # noqa: S603
    wanted = f"({MINOR.replace('.', ', ')}) "
    if said is None or said.returncode or not said.stdout.startswith(wanted):
        return None
    return str(Path(said.stdout.removeprefix(wanted).strip()).resolve())


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that somebody else may pass through."""
    with tempfile.TemporaryDirectory(prefix="coach-image-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def secrets(settings: Settings, folder: Path) -> Iterator[Path]:
    """Give the secrets that compose would hand out, which lead to a database and a queue of ours."""
    subprocess.run([str(MAKE_SECRETS)], cwd=folder, check=True, capture_output=True)  # noqa: S603
    sockets, queue = folder / "sockets", ForgetfulValkey()
    sockets.mkdir(mode=0o755)
    with spare_database(settings, folder) as spare, DeafLine(str(spare.database_url), sockets):
        told = {
            "database_url": there(spare.database_url),
            "migration_database_url": there(spare.migration_database_url),
            "redis_url": queue.url,
        }
        for each in sockets.iterdir():
            each.chmod(0o777)
        for name, value in told.items():
            (folder / "secrets" / name).chmod(0o644)
            (folder / "secrets" / name).write_text(value)
        yield folder / "secrets"
    queue.close()


def there(url: str | None) -> str:
    """Say the address of the database as it is inside the image."""
    address = make_url(str(url)).update_query_dict({"host": DATABASE})
    return address.render_as_string(hide_password=False)


def followed(folder: Path, secrets: Path, python: str) -> str:
    """Say the whole as shell: both stages, then each part of compose in the result."""
    machines = folder / "machines"
    machines.mkdir()
    told = filled_in(services()["migrate"]["environment"], Path("/run/secrets"))
    told |= {"HOST": "127.0.0.1", "PORT": str(free_port())}

    def run(*words: str) -> str:
        return image.running(FINAL, machines, told, words)

    named = {"folder": machines, "python": python, "name": FINAL.name, "secrets": secrets}
    said = [image.FRAME.format(**named)]
    said += [image.build(each, machines, folder / "checkout") for each in (BUILD, FINAL)]
    said += [f"mkdir -p {machines}/{FINAL.name}/root{DATABASE}"]
    said += [f"mount --bind {folder}/sockets {machines}/{FINAL.name}/root{DATABASE}"]
    said += [image.CLOSED.format(**named), run("coach", "migrate"), "echo '--- migrated'"]
    for part in ("web", "worker", "scheduler"):
        asking = run(*FINAL.health[:-1], part)
        said += [f"{run('coach', part)} &", WELL.format(ask=asking, name=part)]
    said += [f"{run('id', '-u')}; {run('sh', '-c', 'touch /app/x')} 2>&1 || true"]
    said += [f"{run('sh', '-c', 'touch $COACH_HOME/x && ls $COACH_HOME')}", "echo '--- done'"]
    return "\n".join(said)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_its_steps_end_in_something_that_runs_as_compose_runs_it(
    folder: Path, secrets: Path
) -> None:
    python = python_of_the_image()
    if python is None or os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip(f"needs root, name spaces and Python {MINOR} (or {NAMED})")
    copy_to(folder / "checkout")
    script = folder / "followed.sh"
    script.write_text(followed(folder, secrets, python))
    kept = ("ENVIRONMENT", "VIRTUAL_ENV", "PYTHON", "COACH")
    done = subprocess.run(  # noqa: S603  # what stands above
        [
            *("/usr/bin/unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"),
            *("/bin/bash", str(script)),
        ],
        env={name: value for name, value in os.environ.items() if not name.startswith(kept)}
        | {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    after = done.stdout.rpartition("--- migrated")[2]
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    for part in ("web", "worker", "scheduler"):
        assert f"{part} is well" in after
    assert "10001" in after
    assert "Read-only file system" in after
    assert "x\n--- done" in after
