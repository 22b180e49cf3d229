"""Fill in what the settings leave open: embedded servers and keys kept in COACH_HOME."""

import atexit
import base64
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path

from pydantic import SecretStr

from coach.runtime.home import open_home, secret
from config import Settings

_open = ExitStack()
atexit.register(_open.close)


def provide(settings: Settings) -> Settings:
    """Give settings with nothing left open; embedded servers run until this process ends.

    In production everything is required, so nothing is ever embedded there. Raises CannotStart.
    """
    if settings.in_production:
        return settings
    home = settings.coach_home.absolute()
    postgres, valkey = settings.database_url is None, settings.redis_url is None
    settings = _with_keys(settings, home)
    if not (postgres or valkey):
        return settings
    services = _open.enter_context(open_home(home, postgres=postgres, valkey=valkey))
    return settings.model_copy(
        update={
            "database_url": services.database_url or settings.database_url,
            "migration_database_url": services.migration_url or settings.migration_database_url,
            "redis_url": services.redis_url or settings.redis_url,
        }
    )


def _with_keys(settings: Settings, home: Path) -> Settings:
    kept: dict[str, object] = {}
    if settings.secret_key is None:
        kept["secret_key"] = SecretStr(secret(home, "secret_key"))
    if settings.encryption_keys is None:
        seed = sha256(secret(home, "encryption_key").encode()).digest()
        kept["encryption_keys"] = base64.urlsafe_b64encode(seed).decode()
    return settings.model_copy(update=kept)
