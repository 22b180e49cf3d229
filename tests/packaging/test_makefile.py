"""The commands of the Makefile and of .ci/run, without running what they start."""

import re

import pytest

from tests.packaging.tree import MAKEFILE, ROOT, ask

TARGETS = ("demo", "test", "test-slow", "check", "fix", "bench", "lock", "translations")


def plan(*arguments: str) -> str:
    """Return the commands that make would run."""
    told = ask("make", "--dry-run", "--always-make", "--no-print-directory", *arguments)
    assert told.returncode == 0, told.stderr
    return told.stdout


@pytest.mark.parametrize("target", TARGETS)
def test_each_target_is_there_whatever_files_exist(target: str) -> None:
    assert plan(target)
    phony = re.search(r"^\.PHONY:(.*)$", MAKEFILE.read_text(), flags=re.MULTILINE)
    assert phony is not None
    assert target in phony[1].split()


@pytest.mark.parametrize("target", ["demo", "test", "check"])
def test_a_fresh_machine_is_given_what_the_locks_hold(target: str) -> None:
    commands = plan(target)
    assert "-m venv .venv" in commands
    assert re.search(r"uv pip install .*--require-hashes -r requirements\.lock", commands)


def test_a_benchmark_is_chosen_by_its_name() -> None:
    assert "-m benchmarks.webhook" in plan("bench", "NAME=webhook")


def test_check_changes_no_source() -> None:
    own = [line for line in plan("check").splitlines() if "ruff" in line or "djlint" in line]
    assert own
    assert not [line for line in own if "--fix" in line or "--reformat" in line]
    assert all("--check" in line or "ruff check" in line for line in own)


def test_ci_checks_then_tests_and_says_nothing_after() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert "set -euo pipefail" in script
    assert re.search(r"export CI=true\nmake check\nmake test\n\Z", script)
