"""create_app(settings): the only file that knows every feature."""

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path

from flask import Flask, has_app_context
from redis import Redis

from coach import mail
from coach.accounts import jobs as accounts_jobs
from coach.accounts import navigation, people_routes
from coach.accounts import routes as accounts
from coach.accounts import words as accounts_words
from coach.cabinet import routes as cabinet
from coach.csv_import import jobs as csv_import_jobs
from coach.csv_import import routes as csv_import
from coach.csv_import import words as csv_import_words
from coach.dashboard import routes as dashboard
from coach.dashboard import words as dashboard_words
from coach.database import tenancy
from coach.database.roles import refuse_strong_role
from coach.extensions import compress, csrf, db, login, migrate
from coach.observability import health
from coach.observability.logging import configure_logging, name_requests
from coach.runtime.services import provide
from coach.web import filters
from coach.web.errors import show_errors
from coach.web.locale import speak
from coach.web.security import secure
from coach.web.session import use_database_sessions
from coach.web.transactions import one_per_request
from coach.whoop import events as whoop_events
from coach.whoop import jobs as whoop_jobs
from coach.whoop import oauth
from coach.whoop import routes as whoop
from coach.whoop import webhook_routes as whoop_webhooks
from config import Settings

MEGABYTE = 1024 * 1024
TRANSLATIONS = Path(__file__).resolve().parent / "translations"
MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
FEATURES = (health, accounts, people_routes, cabinet, whoop, whoop_webhooks, csv_import, dashboard)
WORDS = (accounts_words, csv_import_words, dashboard_words)
# Imported because they register who does which work.
DOERS = (accounts_jobs, whoop_jobs, whoop_events, csv_import_jobs)


def create_app(settings: Settings) -> Flask:
    """Build the application; nothing is connected to yet."""
    configure_logging(settings.log_level, as_json=settings.in_production)
    app = Flask(
        "coach",
        static_folder="web/static",
        static_url_path="/static",
        template_folder="web/templates",
    )
    _configure(app, settings)
    _bind_ground(app, settings)
    for feature in FEATURES:
        app.register_blueprint(feature.bp)
    for words in WORDS:
        words.register(app)
    oauth.register(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.required_secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_pre_ping": True,
            "hide_parameters": True,  # of a statement that fails: they are people's values
            "pool_size": 10,
            "pool_timeout": 5,
            "connect_args": {
                "connect_timeout": 3,
                "options": "-c timezone=UTC -c idle_in_transaction_session_timeout=60s",
            },
        },
        MAX_CONTENT_LENGTH=settings.upload_max_mb * MEGABYTE,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # pages after a callback send no referrer; the token decides
        BABEL_DEFAULT_LOCALE="en",
        BABEL_TRANSLATION_DIRECTORIES=str(TRANSLATIONS),
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}


def _bind_ground(app: Flask, settings: Settings) -> None:
    name_requests(app)
    use_database_sessions(app, on_https=settings.on_https)
    one_per_request(app)
    secure(app, settings)
    show_errors(app)
    db.init_app(app)
    with app.app_context():
        tenancy.guard(db.engine)
        refuse_strong_role(db.engine)
    migrate.init_app(app, db, directory=str(MIGRATIONS))
    csrf.init_app(app)
    login.init_app(app)
    speak(app)
    compress.init_app(app)
    mail.configure(app, settings)
    filters.register(app)
    navigation.register(app)
    app.extensions["redis"] = Redis.from_url(
        str(settings.redis_url), socket_timeout=1, socket_connect_timeout=1
    )


def in_application(function: Callable[[], None]) -> Callable[[], None]:
    """Let a function be called from anywhere: in the application we are in, or in a new one."""

    @wraps(function)
    def called() -> None:
        if has_app_context():
            function()
            return
        app = create_app(provide(Settings.from_env(os.environ)))
        with app.app_context():
            function()

    return called
