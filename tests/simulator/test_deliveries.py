"""Announcements: what is told, when, how often, and how it may go wrong on the way."""

import hmac
import json
from base64 import b64encode
from collections import Counter
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread
from uuid import UUID

import pytest

from coach.simulator.announcing import Postman
from coach.simulator.apps import Registration
from coach.simulator.crowd import FIRST_ID
from coach.simulator.delivery import Delivery, signature
from coach.simulator.manner import Manner
from coach.simulator.mix import USUAL, Mix
from coach.simulator.world import World, world_of
from tests.simulator.browser import CLIENT_ID, HEAVY_TRAINER, NAPPER, SECRET, JsonObject
from tests.simulator.worlds import WEBHOOK, Linked, days, simulator

Told = list[tuple[str, str, str]]
PATHS = {"sleep": "/activity/sleep", "recovery": "/recovery", "workout": "/activity/workout"}


def told(deliveries: list[Delivery]) -> Told:
    return [(str(each.due), each.change.type, str(each.trace_id)) for each in deliveries]


def kept(member: Linked) -> dict[tuple[str, str], JsonObject]:
    """Return what the lists show, scored or never to be, by kind and the id that events name."""
    return {
        (kind, str(each.get("sleep_id") or each["id"])): each
        for kind, path in PATHS.items()
        for each in member.records(path)
        if each["score_state"] != "PENDING_SCORE"
    }


def first(world: World) -> Delivery:
    """Go on until something is due."""
    while True:
        due = world.next_due()
        assert due is not None
        for delivery in world.advance(due):
            return delivery


def test_the_signature_is_whoops() -> None:
    body = (
        b'{"user_id":10129,"id":"ecfc6a15-4661-442f-a9a4-f160dd7afae8","type":"sleep.updated",'
        b'"trace_id":"e369c784-5100-49e8-8098-75d35c47b31b"}'
    )
    headers = signature("test_client_secret", body, datetime.fromtimestamp(1_748_241_241, UTC))
    assert headers["X-WHOOP-Signature-Timestamp"] == "1748241241000"
    assert headers["X-WHOOP-Signature"] == "HqrOdNk7edrilyDPPstLzI9L97ttliL3HIj5bWyVyP0="


def test_a_delivery_is_a_hint_signed_with_the_apps_secret() -> None:
    member = Linked(simulator(), HEAVY_TRAINER)
    delivery = first(member.world)
    assert set(json.loads(delivery.body)) == {"user_id", "id", "type", "trace_id"}
    assert (delivery.url, delivery.attempt) == (WEBHOOK, 1)
    assert delivery.headers
    stamp = delivery.headers["X-WHOOP-Signature-Timestamp"].encode()
    made = b64encode(hmac.digest(SECRET.encode(), stamp + delivery.body, "sha256")).decode()
    assert delivery.headers["X-WHOOP-Signature"] == made


@pytest.mark.parametrize("user_id", [HEAVY_TRAINER, NAPPER, FIRST_ID, FIRST_ID + 1])
@pytest.mark.parametrize("pending", [False, True])
def test_what_is_announced_is_what_the_lists_show_anew(user_id: int, pending: bool) -> None:  # noqa: FBT001
    app = simulator(crowd=2, manner=Manner(pending=pending), mix=Mix(rescores=0.8, naps=0.5))
    member = Linked(app, user_id)
    before, announced = kept(member), set()
    for delivery in days(member.world, 6):
        kind = delivery.change.type.removesuffix(".updated")
        subject = str(delivery.change.subject)
        announced.add((kind, subject))
        path = "/recovery" if kind == "recovery" else f"{PATHS[kind]}/{subject}"
        member.pair = member.world.grant(user_id)  # an hour's token may have run out
        assert member.get(path).status_code == 200
    list(days(member.world, 0.001, timedelta(seconds=30)))  # those on their way
    after = kept(member)
    anew = {key for key, record in after.items() if before.get(key) != record}
    assert anew == announced & set(after)
    assert announced <= set(after)


def test_a_week_is_the_same_for_the_same_seed() -> None:
    weeks = []
    for seed in (1, 1, 2):
        manner = Manner(seed=seed, dropped=0.2, duplicated=0.2, delayed=0.2, reordered=0.5)
        member = Linked(simulator(manner=manner), HEAVY_TRAINER)
        weeks.append(told(list(days(member.world, 7))))
    assert weeks[0] == weeks[1] != weeks[2]


def test_a_refused_delivery_is_tried_five_times_more_within_an_hour() -> None:
    member = Linked(simulator(), HEAVY_TRAINER)
    delivery = first(member.world)
    tries = [delivery]
    member.world.answered(delivery, 503)
    for _ in range(70):
        for each in member.world.advance(member.world.clock() + timedelta(minutes=1)):
            same = each.trace_id == delivery.trace_id
            member.world.answered(each, None if same else 204)
            tries += [each] if same else []
    minutes = [(each.due - delivery.due) / timedelta(minutes=1) for each in tries]
    assert minutes == [0, 1, 5, 15, 30, 60]
    assert {each.body for each in tries} == {delivery.body}
    assert member.world.post.tally["lost"] == 1


def test_a_retry_may_carry_its_first_timestamp() -> None:
    member = Linked(simulator(manner=Manner(signed_again=False)), HEAVY_TRAINER)
    delivery = first(member.world)
    member.world.answered(delivery, 500)
    later = member.world.advance(delivery.due + timedelta(minutes=2))
    (again,) = (each for each in later if each.attempt == 2)
    assert again.headers == delivery.headers


def test_announcements_are_dropped_doubled_and_overtaken_as_told() -> None:
    manner = Manner(dropped=0.3, duplicated=0.5, reordered=0.5, delayed=0.1)
    world = Linked(simulator(crowd=40, manner=manner), HEAVY_TRAINER).world
    for number in range(40):
        world.grant(FIRST_ID + number)
    brought = list(days(world, 3))
    tally, traces = world.post.tally, Counter(each.trace_id for each in brought)
    assert 0.2 < tally["dropped"] / tally["announced"] < 0.4
    assert 0.3 < sum(number == 2 for number in traces.values()) / len(traces) < 0.7
    happened = [each.change.at for each in brought]
    assert happened != sorted(happened)
    assert [each.due for each in brought] == sorted(each.due for each in brought)


def test_a_deleted_night_is_announced_twice_and_gone() -> None:
    member = Linked(simulator(), HEAVY_TRAINER)
    night = str(member.records("/activity/sleep")[0]["id"])
    assert member.client.post(f"/_simulator/delete/{night}").get_json()["announced"] is True
    later = member.world.advance(member.world.clock() + timedelta(minutes=1))
    mine = {each.change.type for each in later if str(each.change.subject) == night}
    assert mine == {"sleep.deleted", "recovery.deleted"}
    assert member.get(f"/activity/sleep/{night}").status_code == 404


def test_a_workout_is_scored_again_and_deleted_by_hand() -> None:
    member = Linked(simulator(), HEAVY_TRAINER)
    before = member.records("/activity/workout")[0]
    subject = UUID(str(before["id"]))
    assert member.world.rescore(subject)
    assert member.records("/activity/workout")[0] != before
    assert member.world.delete(subject)
    told = member.world.advance(member.world.clock() + timedelta(seconds=20))
    types = [each.change.type for each in told if each.change.subject == subject]
    assert types == ["workout.deleted"]  # the news of the edit was overtaken
    assert not member.world.delete(UUID(int=5))


def test_nobody_is_told_of_a_member_who_revoked() -> None:
    member = Linked(simulator(), HEAVY_TRAINER)
    assert list(days(member.world, 1))
    member.world.grants.revoke_user(HEAVY_TRAINER)
    assert not list(days(member.world, 2))


def test_each_app_is_told_at_its_own_address_with_its_own_secret() -> None:
    app = simulator()
    other = Registration("other", "other-secret", frozenset(), "https://other.test/hook")
    world_of(app).register(other)
    world_of(app).register(Registration("silent", "x", frozenset()))
    for client_id in (CLIENT_ID, "other", "silent"):
        world_of(app).grant(NAPPER, client_id=client_id)
    brought = list(days(world_of(app), 1))
    told = {
        each.app.client_id: {e.change for e in brought if e.app == each.app} for each in brought
    }
    assert told.keys() == {CLIENT_ID, "other"}
    assert told[CLIENT_ID] == told["other"]
    theirs = next(each for each in brought if each.app == other)
    assert theirs.headers
    stamp = theirs.headers["X-WHOOP-Signature-Timestamp"]
    moment = datetime.fromtimestamp(int(stamp) / 1000, UTC)
    assert signature("other-secret", theirs.body, moment) == theirs.headers


def test_the_crowd_lives_by_the_mix() -> None:
    size, length = 150, 10
    world = world_of(simulator(crowd=size))
    for number in range(size):
        world.grant(FIRST_ID + number)
    brought = list(days(world, length, timedelta(hours=6)))
    nights = Counter(each.change.type for each in brought)
    workouts = nights["workout.updated"] / (size * length)
    assert workouts == pytest.approx(USUAL.workouts, abs=0.06)
    # A night, a nap and a re-score are a sleep and a recovery each.
    rests = nights["sleep.updated"] / (size * length)
    assert rests == pytest.approx(1 + USUAL.naps + USUAL.rescores, abs=0.07)
    assert nights["recovery.updated"] == pytest.approx(nights["sleep.updated"], rel=0.02)


def test_the_postman_brings_what_is_due_while_the_clock_is_moved() -> None:
    came, bodies = Event(), []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()
            came.set()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Door) as door:
        thread = Thread(target=door.serve_forever)
        thread.start()
        app = simulator(webhook_url=f"http://127.0.0.1:{door.server_port}/")
        world_of(app).grant(HEAVY_TRAINER)
        postman = Postman(world_of(app))
        postman.start()
        app.test_client().post("/_simulator/clock", json={"forward": 86_400})
        assert came.wait(20)
        postman.stop()
        door.shutdown()
        thread.join()
    assert {json.loads(body)["user_id"] for body in bodies} == {HEAVY_TRAINER}
