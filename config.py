"""Settings: one frozen, typed object from the environment."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)

from coach.sealing import LocalKey, Sealer, parse_key
from coach.sealing.local import Key

ALWAYS_IN_PRODUCTION = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "ENCRYPTION_KEYS",
    "BASE_URL",
)
WITH_WHOOP = ("WHOOP_CLIENT_ID", "WHOOP_CLIENT_SECRET")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class SettingsError(Exception):
    """One or more settings are missing or wrong; the message names all of them."""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an http or https address such as https://coach.example.org")
    return url.rstrip("/")


def _whoop_base(url: str) -> str:
    url = _origin(url)
    if url.endswith(("/v1", "/v2")):
        raise ValueError("must not end in /v1 or /v2: the version is added by Coach")
    return url


def _psycopg(url: str) -> str:
    scheme, found, rest = url.partition("://")
    if not found or scheme not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise ValueError("must be a PostgreSQL address such as postgresql://user:password@host/db")
    return f"postgresql+psycopg://{rest}"


def _keys(text: str) -> str:
    for key in text.split(","):
        parse_key(key.strip())
    return text


def _empty_is_absent(value: object) -> object:
    return None if value == "" else value


Address = Annotated[str, AfterValidator(_origin)]
WhoopAddress = Annotated[str, AfterValidator(_whoop_base)]
PostgresUrl = Annotated[str, AfterValidator(_psycopg)]
Keys = Annotated[str, AfterValidator(_keys)]
Optional = BeforeValidator(_empty_is_absent)


def _named(*names: str) -> AliasChoices:
    return AliasChoices(*names)


def _from_files(environ: Mapping[str, str]) -> dict[str, str]:
    """Read `NAME_FILE` where `NAME` is not said: secrets that a file holds stay out of `ps e`.

    Raises SettingsError when a file is named that cannot be read, or both are said.
    """
    told = {name: value for name, value in environ.items() if name.isupper()}
    problems = []
    for name in (each.upper() for each in Settings.model_fields):
        path = told.pop(f"{name}_FILE", "")
        if not path:
            continue
        if told.get(name):
            problems.append(f"{name}: say it or {name}_FILE, not both")
            continue
        try:
            told[name] = Path(path).read_text().strip()
        except OSError as error:
            problems.append(f"{name}_FILE: {error.strerror}")
    if problems:
        raise SettingsError("Coach cannot start:\n" + "\n".join(f"- {p}" for p in problems))
    return told


class Settings(BaseModel):
    """Everything an operator may set; the field names are the variables in lower case."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="ignore")

    environment: Literal["production", "development", "test"] = "production"
    database_url: Annotated[PostgresUrl | None, Optional] = None
    migration_database_url: Annotated[PostgresUrl | None, Optional] = None
    backup_database_url: Annotated[PostgresUrl | None, Optional] = None
    database_pooler: bool = False
    redis_url: Annotated[str | None, Optional] = None
    coach_home: Path = Path("var")
    secret_key: Annotated[SecretStr | None, Optional] = None
    encryption_keys: Annotated[Keys | None, Optional] = None
    kms_keys: Annotated[str | None, Optional] = None
    kms_cache_minutes: int = Field(default=15, ge=1, le=1440)
    base_url: Address = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    feature_whoop_integration: bool = False
    whoop_client_id: str = ""
    whoop_client_secret: SecretStr = SecretStr("")
    whoop_redirect_uri: Annotated[str | None, Optional] = Field(
        default=None, validation_alias=_named("whoop_redirect_uri", "whoop_redirect_url")
    )
    whoop_api_base_url: WhoopAddress = "https://api.prod.whoop.com/developer"
    whoop_oauth_base_url: Address = "https://api.prod.whoop.com/oauth/oauth2"
    whoop_scope: str = (
        "offline read:recovery read:cycles read:workout read:sleep read:profile"
        " read:body_measurement"
    )
    whoop_rate_limit_per_minute: int = Field(
        default=100,
        ge=1,
        validation_alias=_named("whoop_rate_limit_per_minute", "whoop_api_calls_per_minute"),
    )
    whoop_rate_limit_per_day: int = Field(default=10_000, ge=1)
    whoop_member_cap: int = Field(default=10, ge=0)
    whoop_sync_times_per_day: int = Field(default=2, ge=1, le=24)
    whoop_first_sync_days: int = Field(default=30, ge=1, le=365)
    whoop_backfill_days: int = Field(default=730, ge=0, le=3650)
    mail_url: Annotated[str | None, Optional] = None
    cors_origins: str = ""
    language_model_url: Annotated[Address | None, Optional] = None
    language_model_name: str = ""
    language_model_key: Annotated[SecretStr | None, Optional] = None
    api_rate_limit_per_minute: int = Field(default=600, ge=1)
    upload_max_mb: int = Field(default=50, ge=1, le=1000)
    upload_keep_days: int = Field(default=30, ge=0)
    metrics_token: Annotated[SecretStr | None, Optional] = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    heartbeat_url: Annotated[SecretStr | None, Optional] = None
    traces_url: Annotated[Address | None, Optional] = None
    sentry_dsn: Annotated[SecretStr | None, Optional] = None

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read the environment; raises SettingsError naming every missing and wrong setting."""
        environ = _from_files(environ)
        known = {name.lower(): value for name, value in environ.items()}
        problems = [f"{name} is required {why}" for name, why in _missing(environ)]
        try:
            settings = cls.model_validate(known)
        except ValidationError as error:
            problems += [_explain(dict(each)) for each in error.errors()]
        else:
            problems += _conflicts(settings)
        if problems:
            raise SettingsError("Coach cannot start:\n" + "\n".join(f"- {p}" for p in problems))
        return settings

    @property
    def in_production(self) -> bool:
        return self.environment == "production"

    @property
    def on_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def required_secret_key(self) -> str:
        """The secret key; the factory does not start without one."""
        if self.secret_key is None:
            raise SettingsError("SECRET_KEY is not set")
        return self.secret_key.get_secret_value()

    @cached_property
    def sealer(self) -> Sealer:
        """What seals and opens stored secrets, with every key we have; raises SettingsError."""
        keys: list[Key] = [*_keys_in_kms(self), *_own_keys(self.encryption_keys)]
        if not keys:
            raise SettingsError("ENCRYPTION_KEYS is not set")
        return Sealer(keys)

    @property
    def callback_address(self) -> str:
        """The redirect URI registered at WHOOP."""
        return self.whoop_redirect_uri or f"{self.base_url}/cabinet/whoop-callback"


def _own_keys(encryption_keys: str | None) -> list[Key]:
    given = encryption_keys.split(",") if encryption_keys else []
    return [LocalKey(parse_key(key.strip())) for key in given]


def _keys_in_kms(settings: Settings) -> list[Key]:
    if settings.kms_keys is None:
        return []
    try:
        from coach.sealing.managed import keys_of_aws  # noqa: PLC0415  # boto3 is an extra
    except ModuleNotFoundError:
        raise SettingsError("KMS_KEYS needs boto3: install the extra `kms`") from None
    names = [name.strip() for name in settings.kms_keys.split(",")]
    return list(keys_of_aws(names, seconds=settings.kms_cache_minutes * 60))


def _missing(environ: Mapping[str, str]) -> list[tuple[str, str]]:
    missing = []
    if environ.get("ENVIRONMENT", "production") == "production":
        instead = {"ENCRYPTION_KEYS": "KMS_KEYS"}
        missing += [
            (name, "in production")
            for name in ALWAYS_IN_PRODUCTION
            if not environ.get(name) and not environ.get(instead.get(name, ""))
        ]
    if environ.get("FEATURE_WHOOP_INTEGRATION", "").lower() in {"1", "true", "yes", "on"}:
        missing += [
            (name, "while FEATURE_WHOOP_INTEGRATION is on")
            for name in WITH_WHOOP
            if not environ.get(name)
        ]
    return missing


def _explain(error: dict[str, object]) -> str:
    location = error["loc"]
    name = str(location[0]).upper() if isinstance(location, tuple) and location else "settings"
    return f"{name}: {str(error['msg']).removeprefix('Value error, ')}"


def _conflicts(settings: Settings) -> list[str]:
    found = []
    host = urlsplit(settings.base_url).hostname
    if not settings.on_https and (settings.in_production or host not in LOOPBACK):
        found.append("BASE_URL: must be https, except on loopback outside production")
    if settings.in_production and _is_open_to_all(settings.redis_url or ""):
        found.append("REDIS_URL: a queue on another host needs a password (redis://:password@host)")
    return found


def _is_open_to_all(redis_url: str) -> bool:
    """Tell whether anybody who reaches that host could put work into the queue."""
    parts = urlsplit(redis_url)
    return (
        parts.scheme in {"redis", "rediss"}
        and not parts.password
        and parts.hostname not in LOOPBACK
    )
