"""Linked members of a simulated WHOOP in a process of its own, and their days, one after the other."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
from sqlalchemy import func, select, update

from benchmarks.installation import SECRET, grant, link_members
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.simulator.crowd import FIRST_ID
from coach.whoop.models import Integration, IntegrationTokens, WhoopLink
from coach.whoop.sync import jobs
from tests.processes.stage import Stage, wait_until

# Really waited: only while its clock ticks does the simulated WHOOP wait.
ANSWER_SECONDS = float(os.environ.get("ANSWER_MS", "5")) / 1000
# So high that quota is never what we wait for.
PER_MINUTE, PER_DAY = 1_000_000, 100_000_000
SLOW = {"kind": "slow", "seconds": ANSWER_SECONDS}


@dataclass(frozen=True, slots=True)
class Linked:
    """A link to be synced."""

    organisation_id: UUID
    id: UUID


class Whoop:
    """The simulated WHOOP of an installation, with its clock in our hands, so many days ago."""

    def __init__(self, stage: Stage, *, members: int, days: int) -> None:
        self.members = [FIRST_ID + number for number in range(members)]
        self.origin = stage.environment["WHOOP_API_BASE_URL"].removesuffix("/developer")
        port = self.origin.rpartition(":")[2]
        self.pid = stage.start("simulator", "--port", port, "--crowd", str(members)).process.pid
        wait_until(self._answers, what="an answer of the simulated WHOOP")
        ours = {"client_id": stage.environment["WHOOP_CLIENT_ID"], "client_secret": SECRET}
        self._post("apps", {**ours, "per_minute": PER_MINUTE, "per_day": PER_DAY})
        self._post(
            "faults", {"faults": [{"name": "pause", "effect": SLOW, "match": {"path": "*"}}]}
        )
        noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
        self._post("clock", {"ticking": True, "now": (noon - timedelta(days=days)).isoformat()})

    def link(self) -> list[Linked]:
        """Link a client to each member, with real tokens."""
        pairs = self._post("grants", {"user_ids": self.members})
        ids = link_members([str(each) for each in self.members])
        found = db.session.execute(select(WhoopLink.integration_id, WhoopLink.organisation_id))
        owners = {each.integration_id: each.organisation_id for each in found}
        linked = [Linked(owners[each], each) for each in ids]
        db.session.remove()
        for one, member in zip(linked, self.members, strict=True):
            pair = pairs[str(member)]
            grant(one.organisation_id, one.id, pair["access_token"], pair["refresh_token"])
            db.session.commit()
            db.session.remove()
        return linked

    def next_day(self, linked: list[Linked]) -> list[UUID]:
        """Let a day pass: nights, workouts, the end of every access token; asks for all syncs."""
        self._post("clock", {"forward": timedelta(days=1).total_seconds()})
        return [_ask(one) for one in linked]

    def _post(self, what: str, asked: dict[str, object]) -> dict[str, dict[str, str]]:
        answer = httpx.post(f"{self.origin}/_simulator/{what}", json=asked, timeout=60)
        answer.raise_for_status()
        told: dict[str, dict[str, str]] = answer.json()
        return told

    def _answers(self) -> bool:
        try:
            return httpx.get(self.origin, timeout=5).status_code == 200
        except httpx.TransportError:
            return False


def _ask(one: Linked) -> UUID:
    with acting_for(one.organisation_id):
        ended = update(IntegrationTokens).where(IntegrationTokens.integration_id == one.id)
        db.session.execute(ended.values(token_expires_at=func.now() - timedelta(minutes=1)))
        integration = db.session.get_one(Integration, (one.organisation_id, one.id))
        work = jobs.ask_for_sync(integration)
        db.session.commit()
        db.session.remove()
    return work
