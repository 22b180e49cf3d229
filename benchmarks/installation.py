"""An installation of its own for a benchmark: embedded servers, plain processes, linked members."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
from flask import Flask

from coach import migrating
from coach.accounts.models import Client
from coach.accounts.organisations import create_organisation
from coach.app import create_app
from coach.database.tenancy import act_for_nobody, acting_for
from coach.extensions import db
from coach.ids import new_id
from coach.runtime.home import open_home
from coach.runtime.services import provide
from coach.whoop.apps import installation_app
from coach.whoop.grant.oauth import Tokens
from coach.whoop.grant.vault import Vault
from coach.whoop.models import Integration, IntegrationTokens, Status, WhoopLink
from config import Settings
from tests.processes.stage import Stage, free_port, wait_until

KEPT = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "TMPDIR")
SECRET = "benchmark-secret"  # noqa: S105  # of a WHOOP that is simulated
SCOPES = [
    f"read:{what}"
    for what in ("recovery", "cycles", "sleep", "workout", "profile", "body_measurement")
] + ["offline"]


@contextmanager
def installation(**differing: str) -> Iterator[Stage]:
    """Give an installation with its schema, in which no process of ours runs yet."""
    with tempfile.TemporaryDirectory(prefix="coach-bench-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        with open_home(home, postgres=True, valkey=True) as services:
            port, whoop = free_port(), free_port()
            stage = Stage(
                home,
                {name: os.environ[name] for name in KEPT if name in os.environ}
                | {
                    "ENVIRONMENT": "test",
                    "COACH_HOME": str(home),
                    "DATABASE_URL": str(services.database_url),
                    "MIGRATION_DATABASE_URL": str(services.migration_url),
                    "REDIS_URL": str(services.redis_url),
                    "SECRET_KEY": secrets.token_urlsafe(32),
                    "HOST": "127.0.0.1",
                    "PORT": str(port),
                    "BASE_URL": f"http://127.0.0.1:{port}",
                    "FEATURE_WHOOP_INTEGRATION": "1",
                    "WHOOP_CLIENT_ID": "benchmark-client",
                    "WHOOP_CLIENT_SECRET": SECRET,
                    "WHOOP_API_BASE_URL": f"http://127.0.0.1:{whoop}/developer",
                    "WHOOP_OAUTH_BASE_URL": f"http://127.0.0.1:{whoop}/oauth/oauth2",
                    "LOG_LEVEL": "WARNING",
                }
                | differing,
            )
            migrating.upgrade(provide(Settings.from_env(stage.environment)))
            try:
                yield stage
            finally:
                stage.close()


def application(stage: Stage) -> Flask:
    """Give the application of an installation inside this process."""
    return create_app(provide(Settings.from_env(stage.environment)))


def link_members(members: list[str], *, clients_each: int = 25) -> list[UUID]:
    """Make a client with an active link for each WHOOP member, some to an organisation.

    Runs in an application context; returns the integrations in the order of the members.
    """
    made: list[UUID] = []
    for first in range(0, len(members), clients_each):
        name = f"bench-{first}-{new_id().hex[-6:]}"
        organisation_id = create_organisation(name, slug=name).id
        app_id = installation_app()
        some = members[first : first + clients_each]
        made += [_link(organisation_id, app_id, member) for member in some]
        db.session.commit()
        db.session.remove()
        act_for_nobody()
    return made


def _link(organisation_id: UUID, app_id: UUID, member: str) -> UUID:
    client, integration_id = new_id(), new_id()
    mine = {"organisation_id": organisation_id}
    db.session.add(Client(id=client, name=f"Client {member}", timezone="Europe/Berlin", **mine))
    db.session.flush()
    db.session.add(
        Integration(
            id=integration_id,
            client_id=client,
            external_user_id=member,
            whoop_app_id=app_id,
            status=Status.ACTIVE,
            scopes=SCOPES,
            **mine,
        )
    )
    db.session.flush()
    linked = {"whoop_app_id": app_id, "external_user_id": member}
    db.session.add(WhoopLink(integration_id=integration_id, **linked, **mine))
    db.session.flush()
    return integration_id


def grant(organisation_id: UUID, integration_id: UUID, access: str, refresh: str) -> None:
    """Store a pair of tokens that lives for an hour."""
    tokens = Tokens(access, refresh, timedelta(hours=1), frozenset(SCOPES))
    row = {"organisation_id": organisation_id, "integration_id": integration_id}
    with acting_for(organisation_id):
        sealed = Vault(integration_id, organisation_id).sealed(tokens)
        db.session.add(IntegrationTokens(**row, **sealed))
        db.session.flush()


def wait_for(address: str) -> None:
    """Wait until an address answers with success; web needs most of it, on a busy machine."""
    wait_until(lambda: _answers(address), 180, what=f"an answer of {address}")


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5).status_code == 200
    except httpx.TransportError:
        return False
