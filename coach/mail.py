"""GROUND: send one rendered message."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from flask import Flask, current_app
from flask_mailman import EmailMessage

from coach.extensions import mail
from config import Settings


def configure(app: Flask, settings: Settings) -> None:
    """Read MAIL_URL: smtp://user:password@host:587?tls=1&from=a@b.

    Without it mail is written to files under COACH_HOME, and in production not sent at all: the
    people page then shows the links to pass on.
    """
    mail_url = settings.mail_url
    app.config["MAIL_FILE_PATH"] = str((settings.coach_home / "mail").absolute())
    if mail_url is None:
        app.config["MAIL_BACKEND"] = "dummy" if settings.in_production else "file"
        app.config["MAIL_DEFAULT_SENDER"] = "coach@localhost"
    else:
        parts, options = urlsplit(mail_url), parse_qs(urlsplit(mail_url).query)
        app.config.update(
            MAIL_BACKEND="smtp",
            MAIL_SERVER=parts.hostname,
            MAIL_PORT=parts.port or 587,
            MAIL_USERNAME=unquote(parts.username or "") or None,
            MAIL_PASSWORD=unquote(parts.password or "") or None,
            MAIL_USE_TLS=options.get("tls", ["1"])[0] == "1",
            MAIL_USE_SSL=parts.scheme == "smtps",
            MAIL_TIMEOUT=20,
            MAIL_DEFAULT_SENDER=options.get("from", [f"coach@{parts.hostname}"])[0],
        )
    mail.init_app(app)


def forget(address: str) -> None:
    """Delete what was written into files to somebody; what was sent is with who got it."""
    folder = Path(current_app.config["MAIL_FILE_PATH"])
    for letter in folder.glob("*"):  # one to a file
        if address in letter.read_text("utf-8", "replace"):
            letter.unlink(missing_ok=True)


def send(template: str, *, to: Sequence[str], subject: str, **context: object) -> None:
    """Send one plain-text message; call it after the commit, from a worker."""
    # Not render_template: what pages get (who is looking, where to go) has no place in a mail.
    body = current_app.jinja_env.get_template(template).render(**context)
    EmailMessage(subject=subject, body=body, to=list(to)).send()
