"""What a load consists of: signed announcements, and the cookie of somebody who is signed in."""

import hmac
import json
import re
import time
from base64 import b64encode
from uuid import uuid4

import httpx
from sqlalchemy import select

from benchmarks.installation import SECRET
from benchmarks.open_loop import Request
from coach.accounts import people
from coach.accounts.models import Role
from coach.database.tenancy import act_for_nobody, acting_for
from coach.extensions import db
from coach.whoop.models import WhoopLink

PASSWORD = "a load of made-up people"  # noqa: S105  # of people who do not exist
TYPES = ("sleep.updated", "recovery.updated", "workout.updated")
_TOKEN = re.compile(r'name="csrf_token"\s+value="([^"]+)"')


def announcement(number: int, *, first: int, members: int) -> Request:
    """Give a signed announcement of one of the members, whose ids begin at `first`."""
    said = {
        "user_id": first + number % members,
        "id": str(uuid4()),
        "type": TYPES[number % len(TYPES)],
        "trace_id": str(uuid4()),
    }
    body, stamp = json.dumps(said).encode(), str(int(time.time() * 1000))
    made = hmac.digest(SECRET.encode(), stamp.encode() + body, "sha256")
    headers = {
        "Content-Type": "application/json",
        "X-WHOOP-Signature": b64encode(made).decode(),
        "X-WHOOP-Signature-Timestamp": stamp,
    }
    return Request("POST", "/webhooks/whoop", body, headers)


def coach_of_everybody() -> str:
    """Make an owner of the first organisation with links, in an application context; the e-mail."""
    first = select(WhoopLink.organisation_id).order_by(WhoopLink.organisation_id).limit(1)
    organisation_id = db.session.execute(first).scalar_one()
    db.session.remove()
    email = "owner@load.example"
    with acting_for(organisation_id):
        user = people.user_for(email, PASSWORD)
        people.add_member(user, name="Owner", role=Role.OWNER, timezone="Europe/Berlin")
        db.session.commit()
        db.session.remove()
    act_for_nobody()
    return email


def signed_in(port: int, email: str, password: str = PASSWORD) -> str:
    """Sign in through the form; the header by which the server knows this person."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as browser:
        token = _TOKEN.search(browser.get("/sign-in").text)
        said = {"email": email, "password": password, "csrf_token": token[1] if token else ""}
        answer = browser.post("/sign-in", data=said)
        if answer.status_code != 303:
            raise SystemExit(f"signing in answered {answer.status_code}")
        return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
