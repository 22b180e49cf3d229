"""Clients who upload exports through the pages, in organisations of their own."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from coach.accounts import people
from coach.accounts.models import Role
from coach.accounts.organisations import create_organisation
from coach.csv_import.models import Import
from coach.database.tenancy import act_for_nobody, acting_for
from coach.demo.visitor import Visitor
from coach.extensions import db
from tests.factories.exports import years

PASSWORD = "benchmark-benchmark"  # noqa: S105  # of people who do not exist


@dataclass
class Client(Visitor):
    """A client with a browser, who knows where they are stored."""

    email: str
    organisation_id: UUID
    base_url: str
    page: str = ""

    def __post_init__(self) -> None:
        super().__init__(self.base_url, "")
        self.sign_in(self.email, PASSWORD)

    @property
    def cookie(self) -> str:
        """Give the header by which the server knows this person."""
        return "; ".join(f"{name}={value}" for name, value in self._browser.cookies.items())

    def state(self, app: Flask) -> str:
        """Look up how far the newest upload is: read is not yet compared with the days."""
        with app.app_context(), acting_for(self.organisation_id):
            mine = (Import.organisation_id == self.organisation_id, Import.id == self.import_id)
            columns = select(Import.state, Import.compared_at).where(*mine)
            state, compared_at = db.session.execute(columns).one()
            db.session.remove()
            return "comparing" if state == "preview" and compared_at is None else str(state)

    @property
    def import_id(self) -> UUID:
        return UUID(self.page.rpartition("/")[2])

    def send(self, archive: bytes) -> None:
        """Upload an export."""
        self.page = self.send_export("my_whoop_data.zip", archive)


def make_organisation(which: int, clients: int) -> UUID:
    """Make an organisation of clients who can sign in, in an application context."""
    organisation_id = create_organisation(f"Bench {which}", slug=f"bench-{which}").id
    for number in range(clients):
        user = people.user_for(email_of(which, number), PASSWORD)
        people.add_member(user, name=f"Client {number}", role=Role.CLIENT, timezone="UTC")
    db.session.commit()
    db.session.remove()
    act_for_nobody()
    return organisation_id


def email_of(which: int, number: int) -> str:
    """Name a client of an organisation."""
    return f"client{number}@bench{which}.example"


def life(seed: int) -> bytes:
    """Make an export of five years of somebody."""
    return zipped(years.export(seed=seed))


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Put files into one archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()
