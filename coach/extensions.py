"""GROUND: extensions, unbound until the factory binds them."""

from babel.support import NullTranslations
from flask import current_app, g
from flask_babel import Babel, Domain
from flask_compress import Compress
from flask_login import LoginManager
from flask_mailman import Mail
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from coach.database.base import Base
from coach.sealing import Sealer
from config import Settings


class KeptCatalogues(Domain):  # type: ignore[misc]  # Flask-Babel ships no types
    """Catalogues that are read once, and looked up once for a language in a request.

    The library's own domain lives as long as a request: it would read the files for each page.
    """

    def get_translations(self) -> NullTranslations:
        # Where the library keeps the language, and forgets this with it: a page asks a thousand times.
        kept = g.get("_flask_babel") if g else None
        found: NullTranslations | None = getattr(kept, "babel_translations", None)
        if found is None:
            found = super().get_translations()
            if g:
                g.get("_flask_babel").babel_translations = found
        return found


CATALOGUES = KeptCatalogues()


class _Babel(Babel):  # type: ignore[misc]  # Flask-Babel ships no types
    domain_instance = CATALOGUES


db = SQLAlchemy(metadata=Base.metadata)
migrate = Migrate()
csrf = CSRFProtect()
login = LoginManager()
babel = _Babel()
mail = Mail()
compress = Compress()


def settings() -> Settings:
    """Give the settings of the application we run in."""
    found = current_app.config["SETTINGS"]
    if not isinstance(found, Settings):
        raise TypeError("the application was made without create_app(settings)")
    return found


def sealer() -> Sealer:
    """Give what seals and opens secrets in this installation."""
    return settings().sealer
