"""What WHOOP does not have: a front page, and exports to take away."""

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue

from coach.simulator.export import export_zip
from coach.simulator.world import world

routes = Blueprint("backdoor", __name__)


@routes.get("/")
def front() -> ResponseReturnValue:
    return render_template("simulator/front.html", members=world().named)


@routes.get("/_simulator/export/<int:user_id>")
def export(user_id: int) -> ResponseReturnValue:
    member = world().member(user_id) or abort(404)
    now = world().clock()
    name = f"my_whoop_data_{now:%Y_%m_%d}.zip"
    return Response(
        export_zip(member, now),
        mimetype="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
