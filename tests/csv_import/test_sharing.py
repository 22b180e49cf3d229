"""Single sleeps, workouts and answers are read through the eyes of somebody."""

from uuid import UUID

import pytest
from werkzeug.exceptions import NotFound

from coach.accounts import consents
from coach.accounts.access import Viewer
from coach.accounts.models import FieldGroup, Role
from coach.days import happenings
from tests.cast import Cast, Somebody
from tests.csv_import.uploader import FIRST, SECOND, Uploader, zipped


def viewer(who: Somebody, role: Role) -> Viewer:
    return Viewer(
        organisation_id=who.organisation_id,
        organisation_name="",
        user_id=who.user_id,
        membership_id=who.membership_id,
        role=role,
        name="",
        email=who.email,
        timezone="UTC",
        client_id=who.client_id,
    )


def seen(by: Viewer, client_id: UUID | None) -> tuple[int, int, int]:
    assert client_id
    span = (client_id, FIRST, SECOND)
    return (
        len(happenings.sleeps(*span, by=by)),
        len(happenings.workouts(*span, by=by)),
        len(happenings.journal(*span, by=by)),
    )


def test_a_client_sees_all_and_a_coach_what_was_shared(bea: Uploader, cast: Cast) -> None:
    bea.upload(zipped())
    with bea.inside():
        owner, coach = viewer(cast.bea, Role.CLIENT), viewer(cast.ann, Role.COACH)
        assert seen(owner, cast.bea.client_id) == (3, 1, 1)
        assert seen(coach, cast.bea.client_id) == (0, 0, 0)
        consents.share_with_coaches([FieldGroup.SLEEP, FieldGroup.WORKOUTS], by=owner)
        assert seen(coach, cast.bea.client_id) == (3, 1, 0)
        consents.share_with_coaches([FieldGroup.JOURNAL], by=owner)
        assert seen(coach, cast.bea.client_id) == (3, 1, 1)


def test_somebody_elses_client_is_not_found(bea: Uploader, cast: Cast) -> None:
    bea.upload(zipped())
    with bea.inside():
        for who, role in ((cast.carl, Role.CLIENT), (cast.zoe, Role.OWNER)):
            with pytest.raises(NotFound):
                seen(viewer(who, role), cast.bea.client_id)
