"""Which language and time zone a page speaks."""

from flask import Flask, request
from flask_babel import get_locale

from coach.extensions import babel

LOCALES = ("en", "es", "ru")


def choose_locale() -> str:
    """Follow the browser's languages; English when it asks for none of ours."""
    return request.accept_languages.best_match(LOCALES) or "en"


def speak(app: Flask) -> None:
    """Bind Flask-Babel with our catalogues."""
    babel.init_app(app, locale_selector=choose_locale)
    app.add_template_global(get_locale, "get_locale")
