"""create_app(settings): the only file that knows every feature."""

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path

from flask import Flask, has_app_context
from pydantic_core import from_json
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from coach import mail
from coach.accounts import (
    account_routes,
    denials,
    factor_routes,
    group_routes,
    inviting_routes,
    navigation,
    people_routes,
)
from coach.accounts import jobs as accounts_jobs
from coach.accounts import routes as accounts
from coach.accounts import words as accounts_words
from coach.alerts import digest as alerts_digest
from coach.alerts import nudging as alerts_nudging
from coach.alerts import raising as alerts_raising
from coach.alerts import routes as alerts
from coach.alerts import words as alerts_words
from coach.api import document_routes as api_docs
from coach.api import linking_routes as api_linking
from coach.api import routes as api
from coach.api import token_routes as api_tokens
from coach.cabinet import my_day_routes
from coach.cabinet import routes as cabinet
from coach.check_ins import offline_routes as check_ins_offline
from coach.check_ins import reminding as check_ins_reminding
from coach.check_ins import routes as check_ins
from coach.check_ins import words as check_ins_words
from coach.closing import ending
from coach.csv_import import jobs as csv_import_jobs
from coach.csv_import import routes as csv_import
from coach.csv_import import words as csv_import_words
from coach.dashboard import (
    client_periods,
    client_routes,
    client_words,
    roster_actions,
    taking_back,
    way_back,
)
from coach.dashboard import routes as dashboard
from coach.dashboard import words as dashboard_words
from coach.database import pooling, silence, tenancy
from coach.database.roles import refuse_strong_role
from coach.days import field_words
from coach.exporting import routes as exporting
from coach.extensions import compress, csrf, db, login, migrate
from coach.insights import jobs as insights_jobs
from coach.insights import words as insights_words
from coach.insights import words_rewriting as insights_rewriting
from coach.observability import health, reporting, scraping, tracing
from coach.observability.logging import configure_logging
from coach.observability.requests import follow
from coach.operator import alarms as operator_alarms
from coach.operator import routes as operator
from coach.privacy import erasing as privacy_erasing
from coach.privacy import leaving as privacy_leaving
from coach.privacy import leaving_routes, sharing_routes
from coach.privacy import making as privacy_making
from coach.privacy import routes as rights
from coach.privacy import words as privacy_words
from coach.runtime.services import provide
from coach.web import favicon, filters, gallery, legal
from coach.web.errors import show_errors
from coach.web.locale import speak
from coach.web.security import secure
from coach.web.session import use_database_sessions
from coach.web.transactions import one_per_request
from coach.weekly import mailing as weekly_mailing
from coach.weekly import routes as weekly
from coach.weekly import summary_routes
from coach.weekly import words as weekly_words
from coach.whoop import gauges as whoop_gauges
from coach.whoop import webhook_routes as whoop_webhooks
from coach.whoop.linking import keeping_alive as whoop_keeping_alive
from coach.whoop.linking import withdrawing as whoop_withdrawing
from coach.whoop.own_app import routes as whoop_app
from coach.whoop.screens import health_routes as whoop_health
from coach.whoop.screens import routes as whoop
from coach.whoop.screens import words as whoop_words
from coach.whoop.sync import backfill as whoop_backfill
from coach.whoop.sync import events as whoop_events
from coach.whoop.sync import jobs as whoop_jobs
from coach.whoop.sync import notices as whoop_notices
from coach.work import gauges as work_gauges
from config import Settings

MEGABYTE = 1024 * 1024
QUEUE_SECONDS = 0.4  # for each word with Redis
DIRECT = {"options": "-c timezone=UTC -c idle_in_transaction_session_timeout=60s"}
# A pooler gives each transaction another connection: it holds no prepared statement of ours, and
# takes no options; the role brings them (docs/sizing.md).
THROUGH_POOLER: dict[str, object] = {"prepare_threshold": None}
TRANSLATIONS = Path(__file__).resolve().parent / "translations"
MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
FEATURES = (
    *(health, scraping, favicon, accounts, people_routes, group_routes, cabinet),
    *(inviting_routes, my_day_routes, check_ins_offline, account_routes, factor_routes, legal),
    *(whoop, whoop_app, whoop_webhooks, whoop_health, csv_import, check_ins, dashboard, exporting),
    *(weekly, summary_routes, roster_actions, client_routes, client_periods, alerts),
    *(sharing_routes, rights, leaving_routes, taking_back),
    *(api, api_docs, api_tokens, api_linking, operator),
)
WORDS = (
    *(accounts_words, check_ins_words, field_words, csv_import_words, insights_words),
    *(dashboard_words, client_words, weekly_words, whoop_words, alerts_words),
    *(privacy_words, way_back),
)
GAUGES = (
    *(("database", each) for each in (work_gauges.record, whoop_gauges.behind, whoop_gauges.quota)),
    ("database", operator_alarms.gauges),
    ("redis", work_gauges.workers),
)
# Imported because they register who does which work.
DOERS = (
    check_ins_reminding,
    *(accounts_jobs, whoop_jobs, whoop_events, whoop_backfill, csv_import_jobs),
    *(whoop_notices, whoop_withdrawing, whoop_keeping_alive, insights_jobs, weekly_mailing, ending),
    *(alerts_raising, alerts_nudging, alerts_digest, insights_rewriting),
    *(privacy_making, privacy_erasing, privacy_leaving, operator_alarms),
)


def create_app(settings: Settings) -> Flask:
    """Build the application; nothing is connected to yet."""
    configure_logging(settings.log_level, as_json=settings.in_production)
    tracing.start(settings.traces_url)
    reporting.start(settings.sentry_dsn, environment=settings.environment)
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
    gallery.open_gallery(app, settings)
    for words in WORDS:
        words.register(app)
    for part, gauges in GAUGES:
        scraping.measure(app, part, gauges)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.required_secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "hide_parameters": True,  # of a statement that fails: they are people's values
            "json_deserializer": from_json,  # in a quarter of the time of Python's own
            "pool_size": 10,
            "pool_timeout": 3,  # a request may have to wait for a second one
            "connect_args": {
                "connect_timeout": 2,
                # A server that has vanished is given up soon, also in the middle of a statement.
                "keepalives_idle": 10,
                "keepalives_interval": 5,
                "keepalives_count": 3,
                "tcp_user_timeout": 25_000,
                **(THROUGH_POOLER if settings.database_pooler else DIRECT),
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
    follow(app)
    use_database_sessions(app, on_https=settings.on_https)
    one_per_request(app)
    secure(app, settings)
    show_errors(app)
    db.init_app(app)
    with app.app_context():
        tenancy.guard(db.engine)
        pooling.ask_the_idle(db.engine)
        silence.give_up_the_silent(db.engine)
        refuse_strong_role(db.engine)
    migrate.init_app(app, db, directory=str(MIGRATIONS))
    csrf.init_app(app)
    login.init_app(app)
    speak(app)
    compress.init_app(app)
    mail.configure(app, settings)
    filters.register(app)
    navigation.register(app)
    denials.register(app)
    app.extensions["redis"] = Redis.from_url(
        str(settings.redis_url),
        socket_timeout=QUEUE_SECONDS,
        socket_connect_timeout=QUEUE_SECONDS,
        retry=Retry(NoBackoff(), 0),  # the library would try for seconds, and a page cannot wait
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
