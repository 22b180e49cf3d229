"""The lock files: every package by exact version and hash, no address."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.packaging.tree import LOCKS, ROOT

RUNTIME, DEVELOPMENT = LOCKS


def pinned(lock: Path) -> set[tuple[str, str]]:
    """Return packages and versions; a second version is for another Python only."""
    found = re.findall(r"^([\w.-]+)==([^\s;]+)( ; .*)? \\$", lock.read_text(), flags=re.MULTILINE)
    assert len({name + marker for name, _, marker in found}) == len(found)
    return {(canonicalize_name(name), version) for name, version, _ in found}


def declared() -> dict[Path, list[Requirement]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime = [Requirement(line) for line in project["project"]["dependencies"]]
    tools = [Requirement(line) for line in project["dependency-groups"]["dev"]]
    return {RUNTIME: runtime, DEVELOPMENT: runtime + tools}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_line_is_a_pinned_package_or_a_hash(lock: Path) -> None:
    package = re.compile(r"[\w.-]+==[\w.!+]+( ; [\w'. <>=!()]+)? \\")
    hashed = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
    lines = lock.read_text().splitlines()
    assert [line for line in lines if not (package.fullmatch(line) or hashed.fullmatch(line))] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_has_a_hash(lock: Path) -> None:
    entries = re.split(r"^(?=\S)", lock.read_text(), flags=re.MULTILINE)
    assert [entry for entry in entries if entry and "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_what_the_project_declares_is_pinned_within_its_range(lock: Path) -> None:
    for need in declared()[lock]:
        ours = {version for name, version in pinned(lock) if name == canonicalize_name(need.name)}
        assert ours, need
        assert all(need.specifier.contains(version) for version in ours), need


def test_development_runs_on_the_versions_of_production() -> None:
    assert pinned(RUNTIME) <= pinned(DEVELOPMENT)
