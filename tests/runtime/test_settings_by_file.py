"""Secrets may stand in files that a variable names."""

from pathlib import Path

import pytest

from config import Settings, SettingsError


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 40 + "\n")
    environ = {"ENVIRONMENT": "test", "SECRET_KEY_FILE": str(tmp_path / "key")}
    assert Settings.from_env(environ).required_secret_key == "k" * 40


def test_an_empty_file_is_a_setting_that_nobody_made(tmp_path: Path) -> None:
    (tmp_path / "mail").touch()
    environ = {"ENVIRONMENT": "test", "MAIL_URL_FILE": str(tmp_path / "mail")}
    assert Settings.from_env(environ).mail_url is None


def test_what_production_requires_may_come_by_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("redis://:x@queue:6379/0")
    with pytest.raises(SettingsError) as refusal:
        Settings.from_env({"REDIS_URL_FILE": str(tmp_path / "url")})
    assert "DATABASE_URL is required" in str(refusal.value)
    assert "REDIS_URL" not in str(refusal.value)


@pytest.mark.parametrize("more", [{}, {"SECRET_KEY": "said as well"}])
def test_an_unreadable_file_or_a_setting_said_twice_stops_the_start(
    tmp_path: Path, more: dict[str, str]
) -> None:
    environ = {"ENVIRONMENT": "test", "SECRET_KEY_FILE": str(tmp_path / "absent"), **more}
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        Settings.from_env(environ)


def test_only_migrating_needs_the_role_that_owns_the_tables() -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.from_env({})
    assert "MIGRATION_DATABASE_URL" not in str(refusal.value)
