import pytest

from coach.sealing import new_key
from config import Settings, SettingsError

PRODUCTION = {
    "DATABASE_URL": "postgresql://coach_app:x@db/coach",
    "REDIS_URL": "redis://:x@queue:6379/0",
    "SECRET_KEY": "s" * 40,
    "ENCRYPTION_KEYS": new_key(),
    "BASE_URL": "https://coach.example.org",
}


def test_production_needs_everything_and_names_it_at_once() -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.from_env({"FEATURE_WHOOP_INTEGRATION": "1", "PORT": "many"})
    for name in (*PRODUCTION, "WHOOP_CLIENT_ID", "WHOOP_CLIENT_SECRET", "PORT"):
        assert name in str(refusal.value)


def test_a_complete_production_environment_is_read() -> None:
    settings = Settings.from_env(PRODUCTION)
    assert settings.in_production
    assert settings.database_url == "postgresql+psycopg://coach_app:x@db/coach"
    assert settings.callback_address == "https://coach.example.org/cabinet/whoop-callback"
    assert not settings.feature_whoop_integration


def test_secrets_are_not_shown() -> None:
    assert "s" * 40 not in repr(Settings.from_env(PRODUCTION))


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("WHOOP_API_BASE_URL", "https://api.prod.whoop.com/developer/v2", "must not end in"),
        ("BASE_URL", "http://coach.example.org", "https"),
        ("BASE_URL", "coach.example.org", "http or https address"),
        ("ENCRYPTION_KEYS", "short", "ENCRYPTION_KEYS"),
        ("DATABASE_URL", "mysql://x", "PostgreSQL"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL"),
        ("REDIS_URL", "redis://queue:6379/0", "needs a password"),
        ("REDIS_URL", "rediss://user@queue:6379/0", "needs a password"),
    ],
)
def test_a_wrong_setting_says_what_is_expected(name: str, value: str, hint: str) -> None:
    with pytest.raises(SettingsError, match=hint):
        Settings.from_env({**PRODUCTION, name: value})


@pytest.mark.parametrize(
    "url", ["redis://127.0.0.1:6379/0", "redis://localhost", "unix:///run/valkey.sock"]
)
def test_a_queue_that_only_this_machine_reaches_needs_no_password(url: str) -> None:
    assert Settings.from_env({**PRODUCTION, "REDIS_URL": url}).redis_url == url


def test_aliases_of_older_front_ends_work() -> None:
    settings = Settings.from_env(
        {
            **PRODUCTION,
            "WHOOP_REDIRECT_URL": "https://front.example.org/back",
            "WHOOP_API_CALLS_PER_MINUTE": "50",
        }
    )
    assert settings.callback_address == "https://front.example.org/back"
    assert settings.whoop_rate_limit_per_minute == 50
