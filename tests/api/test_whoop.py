"""Linking and syncing through the API, against the simulated WHOOP."""

from urllib.parse import parse_qs, urlsplit

from coach.api.resources.syncs import USUAL_DAYS
from tests.api.conftest import Program, a_token
from tests.cast import Cast
from tests.whoop.conftest import Linker, linked_app, linker, whoop
from tests.whoop.walk import allow_at

__all__ = ["linked_app", "linker", "whoop"]
MEMBER = "mara"


def linked(linker: Linker, cast: Cast, member: str) -> Program:
    """Link Bea as a front end of its own would."""
    bea = Program(linker.app.test_client(use_cookies=False), a_token(linker.app, cast.bea))
    begun = bea.post("/whoop/authorizations").json
    page = f'<a href="{begun["authorization_url"].replace("&", "&amp;")}">'
    back = parse_qs(urlsplit(allow_at(linker.whoop.origin, page, member)).query)
    said = {"code": back["code"][0], "state": begun["state"]}
    assert back["state"] == [begun["state"]]
    answer = bea.post("/whoop/exchanges", said)
    assert (answer.status_code, answer.json["connected"]) == (201, True)
    assert bea.post("/whoop/exchanges", said).status_code == 422  # a state counts once
    return bea


def test_a_front_end_links_a_client_and_reads_what_came(linker: Linker, cast: Cast) -> None:
    bea = linked(linker, cast, MEMBER)
    assert bea.get("/clients/me/whoop").json["status"] == "syncing"
    linker.work(cast.bea.organisation_id)
    (first,) = bea.get("/clients/me/syncs").json["items"]
    assert first["status"] == "complete"
    assert first["counts"]["sleep"] > 20
    for collection in ("cycles", "recoveries", "sleeps", "workouts"):
        newest = bea.get(f"/clients/me/{collection}/latest").json
        listed = bea.get(f"/clients/me/{collection}?limit=2").json
        assert newest["id"] in {each["id"] for each in listed["items"]}
        assert bea.get(f"/clients/me/{collection}/{newest['id']}").json == newest
    _days_agree(bea)
    night = bea.get("/clients/me/sleeps/latest").json
    health = bea.get(f"/clients/me/health/{night['date']}").json
    assert health["sleep"]["sleep_id"] == night["id"]
    assert health["source"] == "whoop"


def _days_agree(bea: Program) -> None:
    """See that cycles and recoveries are filtered by the day of which they are, both ends included."""
    for night in bea.get("/clients/me/sleeps?limit=20").json["items"]:
        if night["nap"]:
            continue
        span = f"start_date={night['date']}&end_date={night['date']}"
        recoveries = bea.get(f"/clients/me/recoveries?{span}").json["items"]
        assert night["id"] in {each["id"] for each in recoveries}
        cycles = bea.get(f"/clients/me/cycles?{span}").json["items"]
        of_night = {each["cycle_id"] for each in recoveries}
        assert of_night <= {each["id"] for each in cycles}


def test_a_sync_that_is_asked_for_has_a_status(linker: Linker, cast: Cast) -> None:
    bea = linked(linker, cast, MEMBER)
    linker.work(cast.bea.organisation_id)
    asked = bea.post("/clients/me/syncs")
    assert (asked.status_code, asked.json["status"]) == (202, "waiting")
    linker.work(cast.bea.organisation_id)
    done = bea.get(asked.headers["Location"].removeprefix("/api/v1")).json
    assert done["status"] == "complete"
    assert done["counts"]["cycles"] >= USUAL_DAYS


def test_who_disconnects_is_disconnected(linker: Linker, cast: Cast) -> None:
    bea = linked(linker, cast, MEMBER)
    assert bea("DELETE", "/clients/me/whoop").status_code == 204
    assert bea.get("/clients/me/whoop").json["connected"] is False
    assert bea("DELETE", "/clients/me/whoop").status_code == 404
