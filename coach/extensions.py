"""GROUND: extensions, unbound until the factory binds them."""

from flask import current_app
from flask_babel import Babel
from flask_compress import Compress
from flask_login import LoginManager
from flask_mailman import Mail
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from coach.database.base import Base
from coach.sealing import Sealer
from config import Settings

db = SQLAlchemy(metadata=Base.metadata)
migrate = Migrate()
csrf = CSRFProtect()
login = LoginManager()
babel = Babel()
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
