"""No sealed column is forgotten: the register against the schema, the data and the code."""

import ast
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from coach import migrating
from coach.accounts import factors
from coach.database.base import Base
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.keys.columns import JSON, SEALED, rows_of
from coach.whoop.apps import installation_app, sealed_for
from coach.whoop.grant import farewells
from coach.whoop.grant.farewells import Grant
from coach.work.leases import now
from config import Settings
from tests.cast import Cast
from tests.critic import Critic
from tests.whoop.conftest import Linker
from tests.whoop.conftest import linked_app as linked_app  # noqa: PLC0414  # fixtures
from tests.whoop.conftest import linker as linker  # noqa: PLC0414
from tests.whoop.conftest import whoop as whoop  # noqa: PLC0414

ROOT = Path(__file__).parents[2] / "coach"
LOOKS_SEALED = r"(^|\")v[0-9]+\.[0-9a-f]{8}\.[A-Za-z0-9_=-]+"
# Whoever begins to seal: add the column to coach/keys/columns.py, then the file to this list.
SEAL = {
    *("accounts/factors.py", "whoop/apps.py", "whoop/grant/farewells.py", "whoop/grant/states.py"),
    *("whoop/grant/vault.py", "whoop/linking/withdrawing.py", "keys/resealing.py"),
}
FOREIGN = {"sealing"}  # its own folder


def test_every_registered_column_is_there() -> None:
    for column in SEALED:
        table = Base.metadata.tables[column.table]
        assert column.column in table.columns, column.name
        assert set(column.key) == {each.name for each in table.primary_key.columns}, column.name


def test_only_known_files_seal() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        if path.relative_to(ROOT).parts[0] not in FOREIGN and _seals(path)
    }
    assert found == SEAL


def test_what_is_sealed_anywhere_in_the_database_is_registered_and_opens(
    settings: Settings, cast: Cast, linker: Linker
) -> None:
    own_app = _seal_in_every_way(linker, cast)
    engine = migrating.owner(settings)
    with engine.connect() as connection:
        found = {
            f"{table.name}.{column.name}"
            for table in Base.metadata.sorted_tables
            for column in table.columns
            if connection.scalar(
                text(f'SELECT EXISTS (SELECT FROM {table.name} WHERE "{column.name}"::text ~ :it)'),
                {"it": LOOKS_SEALED},
            )
        }
        assert found == {column.name for column in SEALED}
        for column in SEALED:
            mine = [
                row
                for page in rows_of(connection, column)
                for row in page
                if row.get("organisation_id", own_app) in {str(cast.bea.organisation_id), own_app}
                and (column.type != JSON or row["id"] == own_app)
            ]
            assert mine, column.name
            for row in mine:
                for value in column.values_in(row["stored"]):
                    assert settings.sealer.open(value, place=column.place_of(row))


def _seal_in_every_way(linker: Linker, cast: Cast) -> str:
    """Seal something in every column; gives the id of a WHOOP app of one's own."""
    linker.link(cast.bea, "mara")
    Critic.of(linker.app).sign_in(cast.carl).post_form(  # begins to link: a state is kept
        "/cabinet/whoop/connect", {"agree": "yes", "share": ["recovery"]}
    )
    with linker.app.app_context(), acting_for(cast.bea.organisation_id):
        assert cast.bea.client_id
        factors.secret_to_confirm(cast.bea.user_id)
        app_id = installation_app()
        grant = Grant(app_id, "m", "access", "refresh", now(), frozenset())
        farewells.keep(grant, cast.bea.client_id, cast.bea.organisation_id, not_before=now())
        own = uuid4()
        db.session.execute(
            text(
                "INSERT INTO whoop_apps (id, slug, organisation_id, client_id, sealed_secrets)"
                " VALUES (:id, :slug, :whose, 'x', CAST(:secrets AS jsonb))"
            ),
            {
                "id": own,
                "slug": f"own-{own.hex}",
                "whose": cast.bea.organisation_id,
                "secrets": f'[{{"sealed": "{sealed_for(own, "secret")}", "since": "now"}}]',
            },
        )
        db.session.commit()
        db.session.remove()
    return str(own)


def _seals(path: Path) -> bool:
    """Tell whether a file calls `….seal(…)`."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "seal"
        for node in ast.walk(ast.parse(path.read_text()))
    )


@pytest.fixture(autouse=True)
def tidy(app: Flask, settings: Settings) -> None:
    """Leave no value of a test before us that its own keys sealed."""
    with migrating.owner(settings).begin() as connection:
        for name in ("mfa", "oauth_states", "farewells"):
            connection.execute(text(f"DELETE FROM {name}"))
    assert app
