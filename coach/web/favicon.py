"""The icon at the address where browsers look for one by themselves: beside a fragment or a PDF."""

from datetime import timedelta
from pathlib import Path

from flask import Blueprint, Response, current_app
from flask.typing import ResponseReturnValue

bp = Blueprint("favicon", __name__)
KEPT = timedelta(days=7)


@bp.get("/favicon.ico")
def show() -> ResponseReturnValue:
    icon = Path(str(current_app.static_folder)) / "icon-192.png"
    answer = Response(icon.read_bytes(), mimetype="image/png")
    answer.cache_control.public, answer.cache_control.max_age = True, int(KEPT.total_seconds())
    return answer
