"""What WHOOP does not have: a front page, exports to take away, and doors for tests."""

from dataclasses import asdict
from uuid import UUID

from flask import Blueprint, Response, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from coach.simulator.announcing import news, send
from coach.simulator.export import export_zip
from coach.simulator.life import life
from coach.simulator.world import world

routes = Blueprint("backdoor", __name__)


@routes.get("/")
def front() -> ResponseReturnValue:
    return render_template("simulator/front.html", members=world().members)


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


@routes.post("/_simulator/revoke/<int:user_id>")
def revoke(user_id: int) -> ResponseReturnValue:
    """End the member's grants as the member would in WHOOP's app: nobody is told."""
    return jsonify(revoked=world().grants.revoke_user(user_id))


@routes.post("/_simulator/announce/<int:user_id>")
def announce(user_id: int) -> ResponseReturnValue:
    """Announce the member's newest sleep, recovery and workout, each `copies` times."""
    member, here = world().member(user_id) or abort(404), world()
    url, copies = here.options.webhook_url or abort(409), request.args.get("copies", 1, int)
    secret = here.registration.client_secret
    events = news(life(member, here.clock()), how=request.args.get("how", "updated"))
    return jsonify(statuses=[send(url, secret, user_id, each, copies=copies) for each in events])


@routes.post("/_simulator/delete/<uuid:subject>")
def delete(subject: UUID) -> ResponseReturnValue:
    """Delete a sleep with its recovery, or a workout, as the member would in WHOOP's app."""
    world().deleted.add(subject)
    return jsonify(deleted=str(subject))


@routes.get("/_simulator/journal")
def journal() -> ResponseReturnValue:
    return jsonify(
        calls=[asdict(call) | {"at": call.at.isoformat()} for call in list(world().journal)]
    )
