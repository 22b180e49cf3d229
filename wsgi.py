"""The web application for a WSGI server: `gunicorn wsgi:app`, `flask --app wsgi …`."""

import os

from coach.app import create_app
from coach.runtime.services import provide
from config import Settings

app = create_app(provide(Settings.from_env(os.environ)))
