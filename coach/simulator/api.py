"""API v2, read only, one member at a time."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from flask import Blueprint, Response, g, jsonify, request
from flask.typing import ResponseReturnValue

from coach.simulator.listings import (
    Collection,
    cycles,
    newest_first,
    recoveries,
    recoveries_of_nights,
    sleeps,
    workouts,
)
from coach.simulator.members import Member
from coach.simulator.paging import BadQuery, page, query
from coach.simulator.payloads import payload
from coach.simulator.records import BodyMeasurement, Profile
from coach.simulator.world import world

NOT_AUTHORIZED = "Authorization was not valid"
P = ParamSpec("P")
View = Callable[Concatenate[Member, P], ResponseReturnValue]

routes = Blueprint("api", __name__, url_prefix="/developer/v2")


def needs(scope: str | None) -> Callable[[View[P]], Callable[P, ResponseReturnValue]]:
    """Give the view the member whose token it is; a missing scope is a 401 like any other."""

    def protect(view: View[P]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def answer(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            grant = world().grants.find(_bearer())
            if grant is None:
                return _text(NOT_AUTHORIZED, 401)
            limit = world().apps.limit(grant.client_id)
            allowed, g.rate_limit = limit.take(world().clock())
            if not allowed:
                return _text("Rate limit exceeded", 429)
            member, g.client_id = world().member(grant.user_id), grant.client_id
            if member is None or (scope and scope not in grant.scopes):
                return _text(NOT_AUTHORIZED, 401)
            return view(member, *args, **kwargs)

        return answer

    return protect


@routes.after_request
def tell_the_limits(response: Response) -> Response:
    response.headers.update(g.get("rate_limit", {}))
    return response


@routes.errorhandler(BadQuery)
def bad_query(error: BadQuery) -> ResponseReturnValue:
    return _text(str(error), 400)


@routes.get("/user/profile/basic")
@needs("read:profile")
def profile(member: Member) -> ResponseReturnValue:
    who = member.persona
    return _record(Profile(who.user_id, who.email, who.first_name, who.last_name))


@routes.get("/user/measurement/body")
@needs("read:body_measurement")
def body(member: Member) -> ResponseReturnValue:
    who = member.persona
    return _record(BodyMeasurement(who.height, who.weight, who.top_heart_rate))


@routes.delete("/user/access")
@needs(None)
def revoke(member: Member) -> ResponseReturnValue:
    world().grants.revoke_user(member.user_id, g.client_id)
    return Response(status=204)


@routes.get("/cycle")
@needs("read:cycles")
def list_cycles(member: Member) -> ResponseReturnValue:
    return _page(member, cycles)


@routes.get("/recovery")
@needs("read:recovery")
def list_recoveries(member: Member) -> ResponseReturnValue:
    naps = world().options.nap_recoveries
    return _page(member, recoveries if naps else recoveries_of_nights)


@routes.get("/activity/sleep")
@needs("read:sleep")
def list_sleeps(member: Member) -> ResponseReturnValue:
    return _page(member, sleeps)


@routes.get("/activity/workout")
@needs("read:workout")
def list_workouts(member: Member) -> ResponseReturnValue:
    return _page(member, workouts)


@routes.get("/cycle/<int:cycle_id>")
@needs("read:cycles")
def one_cycle(member: Member, cycle_id: int) -> ResponseReturnValue:
    chapter = world().chapter(member, cycle_id)
    return _record(chapter and chapter.cycle)


@routes.get("/cycle/<int:cycle_id>/sleep")
@needs("read:sleep")
def sleep_of_cycle(member: Member, cycle_id: int) -> ResponseReturnValue:
    chapter = world().chapter(member, cycle_id)
    return _record(chapter and chapter.main)


@routes.get("/cycle/<int:cycle_id>/recovery")
@needs("read:recovery")
def recovery_of_cycle(member: Member, cycle_id: int) -> ResponseReturnValue:
    chapter = world().chapter(member, cycle_id)
    return _record(chapter and chapter.recovery_of(chapter.main))


@routes.get("/activity/sleep/<uuid:sleep_id>")
@needs("read:sleep")
def one_sleep(member: Member, sleep_id: UUID) -> ResponseReturnValue:
    chapter = world().chapter(member, sleep_id)
    found = (each for each in chapter.sleeps if each.id == sleep_id) if chapter else iter(())
    return _record(next(found, None))


@routes.get("/activity/workout/<uuid:workout_id>")
@needs("read:workout")
def one_workout(member: Member, workout_id: UUID) -> ResponseReturnValue:
    chapter = world().chapter(member, workout_id)
    found = (each for each in chapter.workouts if each.id == workout_id) if chapter else iter(())
    return _record(next(found, None))


def _bearer() -> str:
    authorization = request.authorization
    if authorization is None or authorization.type != "bearer":
        return ""
    return authorization.token or ""


def _page(member: Member, collection: Collection) -> ResponseReturnValue:
    asked, options = query(request.args, now=world().clock()), world().options
    chapters = world().chapters(member, asked.until)
    shown = page(newest_first(chapters, collection, asked.start), asked)
    records = [payload(each, nulls=options.nulls) for each in shown.records]
    answer: dict[str, object] = {"records": records}
    if shown.next_token or options.nulls:
        answer["next_token"] = shown.next_token
    return jsonify(answer)


def _record(record: object) -> ResponseReturnValue:
    if record is None:
        return _text("Not Found", 404)
    return jsonify(payload(record, nulls=world().options.nulls))


def _text(words: str, status: int) -> Response:
    return Response(words, status, mimetype="text/plain")
