"""Doors for tests and benchmarks, which WHOOP does not have; they open for this machine only."""

from dataclasses import asdict
from datetime import timedelta
from ipaddress import ip_address
from typing import TypeVar
from uuid import UUID

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from coach.simulator.announcing import announce as announce_now
from coach.simulator.apps import Registration
from coach.simulator.faults import Script
from coach.simulator.journal import worst
from coach.simulator.manner import Manner
from coach.simulator.world import EVERYTHING, ClockStands, world

M = TypeVar("M", bound=BaseModel)

routes = Blueprint("controls", __name__, url_prefix="/_simulator")


class Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TimeAsked(Asked):
    """First ticking or not, then `now`, then `forward` in seconds."""

    ticking: bool | None = None
    now: AwareDatetime | None = None
    forward: float = Field(default=0.0, ge=0)


class AppAsked(Asked):
    client_id: str
    client_secret: str
    redirect_uris: frozenset[str] = frozenset()
    webhook_url: str | None = None
    per_minute: int = 100
    per_day: int = 10_000


class GrantsAsked(Asked):
    user_ids: tuple[int, ...]
    client_id: str | None = None
    scopes: tuple[str, ...] = EVERYTHING


@routes.before_request
def only_from_here() -> None:
    if not ip_address(request.remote_addr or "0.0.0.0").is_loopback:  # noqa: S104  nobody's address
        abort(403)


@routes.errorhandler(ClockStands)
def clock_stands(_problem: ClockStands) -> ResponseReturnValue:
    return jsonify(error="this world's clock is set elsewhere"), 409


@routes.errorhandler(ValidationError)
def not_understood(problem: ValidationError) -> ResponseReturnValue:
    said = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in problem.errors()]
    return jsonify(error=said), 400


@routes.get("/clock")
def clock() -> ResponseReturnValue:
    return jsonify(now=world().clock().isoformat())


@routes.post("/clock")
def set_clock() -> ResponseReturnValue:
    asked, settable = _asked(TimeAsked), world().settable()
    if asked.ticking is not None:
        settable.tick(on=asked.ticking)
    if asked.now is not None:
        settable.set(asked.now)
    settable.forward(timedelta(seconds=asked.forward))
    return clock()


@routes.get("/faults")
def faults() -> ResponseReturnValue:
    here = world().faults
    return jsonify(script=here.script.model_dump(mode="json"), met=here.met, fell=here.fell)


@routes.post("/faults")
def set_faults() -> ResponseReturnValue:
    world().follow(_asked(Script))
    return faults()


@routes.delete("/faults")
def no_faults() -> ResponseReturnValue:
    world().follow(Script())
    return faults()


@routes.get("/journal")
def journal() -> ResponseReturnValue:
    """Return the calls after number `since`; `next` is what to ask for then."""
    kept = world().journal
    calls = kept.since(request.args.get("since", 0, int))
    return jsonify(
        calls=[asdict(call) | {"at": call.at.isoformat()} for call in calls],
        next=calls[-1].number if calls else kept.written,
    )


@routes.get("/counters")
def counters() -> ResponseReturnValue:
    """Return API calls by app, member and day, and each app's worst minute and day."""
    kept = world().journal
    calls = kept.since(0)
    return jsonify(
        per_day=[[*key[:2], key.day.isoformat(), n] for key, n in kept.counted().items()],
        worst_minute=worst(calls, timedelta(minutes=1)),
        worst_day=worst(calls, timedelta(days=1)),
    )


@routes.get("/webhooks")
def webhooks() -> ResponseReturnValue:
    post = world().post
    return jsonify(manner=post.manner.model_dump(), tally=post.tally)


@routes.post("/webhooks")
def set_webhooks() -> ResponseReturnValue:
    world().post.manner = _asked(Manner)
    return webhooks()


@routes.get("/apps")
def apps() -> ResponseReturnValue:
    return jsonify(apps=[_told(each) for each in world().apps.all()])


@routes.post("/apps")
def register() -> ResponseReturnValue:
    asked = _asked(AppAsked)
    world().register(Registration(**dict(asked)))
    return apps()


@routes.post("/grants")
def grant() -> ResponseReturnValue:
    """Link members to an app without any page; their pairs, by member."""
    asked, here = _asked(GrantsAsked), world()
    unknown = asked.client_id is not None and here.apps.find(asked.client_id) is None
    if unknown or not all(here.member(each) for each in asked.user_ids):
        abort(404)
    pairs = {
        each: here.grant(each, client_id=asked.client_id, scopes=asked.scopes)
        for each in asked.user_ids
    }
    return jsonify({str(user_id): asdict(pair) for user_id, pair in pairs.items()})


@routes.post("/revoke/<int:user_id>")
def revoke(user_id: int) -> ResponseReturnValue:
    """End the member's grants as the member would in WHOOP's app: nobody is told."""
    return jsonify(revoked=world().grants.revoke_user(user_id, request.args.get("app")))


@routes.post("/announce/<int:user_id>")
def announce(user_id: int) -> ResponseReturnValue:
    """Announce the member's newest sleep, recovery and workout, each `copies` times."""
    here, copies = world(), request.args.get("copies", 1, int)
    if here.member(user_id) is None:
        abort(404)
    if here.apps.first.webhook_url is None:
        abort(409)
    how = request.args.get("how", "updated")
    return jsonify(statuses=announce_now(here, user_id, how=how, copies=copies))


@routes.post("/delete/<uuid:subject>")
def delete(subject: UUID) -> ResponseReturnValue:
    """Delete a sleep with its recovery, or a workout, as the member would in WHOOP's app."""
    known = world().delete(subject, request.args.get("member", None, int))
    return jsonify(deleted=str(subject), announced=known)


@routes.post("/rescore/<uuid:subject>")
def rescore(subject: UUID) -> ResponseReturnValue:
    """Score a sleep with its recovery, or a workout, again."""
    known = world().rescore(subject, request.args.get("member", None, int))
    return jsonify(rescored=str(subject), announced=known)


def _asked(model: type[M]) -> M:
    return model.model_validate_json(request.get_data() or b"{}")


def _told(app: Registration) -> dict[str, object]:
    """Tell of an app what is no secret."""
    told = asdict(app) | {"redirect_uris": sorted(app.redirect_uris)}
    del told["client_secret"]
    return told
