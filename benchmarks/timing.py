"""Does the sign-in tell by its time who has an account? Ratio of medians, asked in turns.

`make bench NAME=timing`; TRIES= per kind (400).
"""

import json
import os
import statistics
import time

from sqlalchemy import text

from benchmarks.installation import application, installation
from coach.accounts import people
from coach.accounts.models import Role
from coach.accounts.organisations import create_organisation
from coach.accounts.passwords import matches
from coach.database.tenancy import act_for_nobody
from coach.extensions import db
from tests.critic import Critic

TRIES = int(os.environ.get("TRIES", "400"))
KNOWN, UNKNOWN = "known@example.org", "nobody@example.org"
WRONG = "not the password"


def main() -> None:
    with installation() as stage:
        app = application(stage)
        app.testing = False
        with app.app_context():
            create_organisation("Timing")
            user = people.user_for(KNOWN, "the right password of somebody")
            people.add_member(user, name="Known", role=Role.COACH)
            db.session.commit()
            act_for_nobody()
            matches(WRONG, None)  # the first comparison makes what later ones compare with
        browser = Critic.of(app)
        pages = {"/sign-in": {"password": WRONG}, "/forgot": {}}
        figures = {page: _ratio(browser, page, fields) for page, fields in pages.items()}
        with app.app_context():
            db.engine.dispose()
        app.extensions["redis"].close()
    print(json.dumps({"benchmark": "timing", "tries": TRIES, **figures}))


def _ratio(browser: Critic, page: str, fields: dict[str, str]) -> dict[str, float]:
    token = browser.token()
    seconds: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    for turn in range(TRIES * 2):
        email = (KNOWN, UNKNOWN)[turn % 2]
        _forget_tries(browser)
        began = time.perf_counter()
        browser.post(page, data={"email": email, "csrf_token": token, **fields})
        seconds[email].append(time.perf_counter() - began)
    known, unknown = (statistics.median(seconds[email]) for email in (KNOWN, UNKNOWN))
    return {
        "known_p50_ms": round(known * 1000, 2),
        "unknown_p50_ms": round(unknown * 1000, 2),
        "p50_ratio": round(known / unknown, 3),
    }


def _forget_tries(browser: Critic) -> None:
    """Keep the throttle out of the measurement."""
    with browser.application.app_context():
        db.session.execute(text("DELETE FROM login_attempts"))
        db.session.commit()
        db.session.remove()


if __name__ == "__main__":
    main()
