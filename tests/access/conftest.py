"""The objects that the paths of the matrix name, all of Ann's organisation."""

from datetime import date
from uuid import UUID

import pytest
from flask import Flask

from coach.accounts.models import Group, GroupClient, Invitation, Role
from coach.check_ins.models import DayTag, TagKind
from coach.csv_import.models import Import
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.ids import new_id
from tests.alerts.made import an_alert
from tests.cast import Cast


@pytest.fixture
def objects(app: Flask, cast: Cast) -> dict[str, UUID]:
    """Things that belong to Ann's organisation, named by paths of the matrix."""
    home, client_id = cast.ann.organisation_id, cast.bea.client_id
    assert client_id
    invitation = Invitation(
        id=new_id(),
        organisation_id=home,
        email="new@example.org",
        name="New",
        role=Role.CLIENT,
        timezone="UTC",
        invited_by=cast.ann.user_id,
        expires_at="2099-01-01T00:00:00+00:00",
    )
    upload, tag, group = _upload(home, client_id), _tag(home, client_id), _group(home)
    made = {"invitation": invitation.id, "upload": upload.id, "tag": tag.id, "group": group.id}
    with app.app_context(), acting_for(home):
        db.session.add_all([invitation, upload, tag, group])
        db.session.flush()
        member = {"group_id": group.id, "client_id": client_id}
        db.session.add(GroupClient(organisation_id=home, **member))
        db.session.commit()
        db.session.remove()
        made["alert"] = an_alert(app, cast.ann, cast.bea)
    return {**made, "client": client_id}


def _upload(home: UUID, client_id: UUID) -> Import:
    return Import(
        id=new_id(),
        organisation_id=home,
        client_id=client_id,
        file_name="export.zip",
        size=1,
        sha256="0",
        state="done",
    )


def _tag(home: UUID, client_id: UUID) -> DayTag:
    first = date(2026, 5, 14)
    return DayTag(
        id=new_id(), organisation_id=home, client_id=client_id, kind=TagKind.ILL, first_date=first
    )


def _group(home: UUID) -> Group:
    return Group(id=new_id(), organisation_id=home, name="Sprint")
