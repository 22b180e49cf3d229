"""The project's pages say what is true."""

import re
from pathlib import Path

import click
import pytest

from coach.__main__ import coach
from coach.schedule import SCHEDULE
from config import Settings

ROOT = Path(__file__).parent.parent
RUNNING = (ROOT / "docs" / "running.md").read_text()


@pytest.mark.parametrize("name", [name.upper() for name in Settings.model_fields])
def test_every_setting_is_explained(name: str) -> None:
    assert f"`{name}`" in RUNNING


@pytest.mark.parametrize("name", sorted(coach.commands))
def test_every_command_is_explained(name: str) -> None:
    hidden = {"check-migrations", "users", "organisations"}
    assert name in hidden or f"`coach {name}" in RUNNING
    assert isinstance(coach.commands[name], click.Command)


def test_the_schedule_is_told_whole_for_who_brings_another_scheduler() -> None:
    told = re.findall(r"^\| `([^`]+)` \| `(\w+)` \|", RUNNING, flags=re.MULTILINE)
    assert told == [(entry.cron, entry.name) for entry in SCHEDULE]


def test_every_link_leads_somewhere() -> None:
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"
