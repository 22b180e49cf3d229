"""Which browser the browser tests get, and what happens without one."""

from pathlib import Path

import pytest

from tests import chromium


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("COACH_CHROMIUM", raising=False)
    monkeypatch.setattr(chromium, "may_install", lambda: False)
    return tmp_path


def browser(folder: Path, name: str) -> Path:
    made = folder / name
    made.touch(mode=0o755)
    return made


def test_a_browser_on_the_path_is_found(bare_machine: Path) -> None:
    made = browser(bare_machine, "google-chrome")
    assert chromium.find_chromium() == str(made)


def test_the_browser_that_somebody_names_wins(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser(bare_machine, "chromium")
    made = browser(bare_machine, "my-browser")
    monkeypatch.setenv("COACH_CHROMIUM", str(made))
    assert chromium.find_chromium() == str(made)


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_no_browser_is_said_loudly_and_fails_in_ci(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ci: str, code: int
) -> None:
    monkeypatch.setenv("CI", ci)
    assert chromium.main() == code
    assert "NO CHROMIUM" in capsys.readouterr().err


def test_a_browser_is_installed_where_that_is_allowed(
    monkeypatch: pytest.MonkeyPatch, bare_machine: Path
) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr(chromium, "may_install", lambda: True)
    monkeypatch.setattr(chromium, "install", lambda: browser(bare_machine, "chromium"))
    assert chromium.main() == 0
