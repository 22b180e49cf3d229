"""The check-in without a connection: the worker of the browser, its page, and where answers arrive.

The page and the worker are the same for everybody: no name, no value, no session.
"""

from hashlib import sha256

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from coach.accounts.access import clients_only, viewer
from coach.check_ins import arriving
from coach.check_ins.marks import device_mark
from coach.web.assets import STYLE_SHEETS, asset
from coach.work.leases import now

bp = Blueprint("offline", __name__, template_folder="templates")
SCRIPTS = ("js/unsent.js", "js/offline.js", "js/app.js", "vendor/htmx-4.0.1/htmx.min.js")


@bp.get("/service-worker.js")
def worker() -> ResponseReturnValue:
    sheets = [f"css/{name}.css" for name in STYLE_SHEETS]
    files = [asset(name) for name in (*sheets, *SCRIPTS, "icon.svg")]
    version = sha256(" ".join(files).encode()).hexdigest()[:12]
    text = render_template("check_ins/service-worker.js", files=files, version=version)
    response = Response(text, mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get("/offline")
def page() -> ResponseReturnValue:
    return render_template("check_ins/offline.html")


@bp.get("/cabinet/check-in/token")
@clients_only
def token() -> ResponseReturnValue:
    return jsonify(csrf_token=generate_csrf(), whose=device_mark(viewer().user_id))


@bp.post("/cabinet/check-in/unsent")
@clients_only
def arrive() -> ResponseReturnValue:
    looking = viewer()
    client = looking.own_client()
    try:
        arrival = arriving.Arrival.read(request.form, now=now())
    except arriving.Unusable:
        return make_response(jsonify(kept=False), 422)
    return jsonify(kept=arriving.keep(arrival, client, by=looking))
