"""What is promised about consent, coaches who go, scopes and looks holds (S-110, S-114, S-116, S-118)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from coach.accounts.models import AuditEntry, Consent, FieldGroup, Membership
from coach.accounts.sharing import TEXT_VERSION
from coach.check_ins.models import CoachNote
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.privacy import looking_back
from coach.whoop.models import Integration
from coach.whoop.screens import card
from config import Settings
from tests.cast import PASSWORD, Cast
from tests.critic import Critic
from tests.privacy.knowing import live, work

LOOKS = 20_000


def test_without_agreement_nothing_is_asked_of_whoop_and_with_it_stands_who_when_and_to_what(
    app: Flask, cast: Cast
) -> None:
    bea = Critic.of(app).sign_in(cast.bea)
    shared = {"share": [FieldGroup.SLEEP.value]}
    assert bea.post_form("/cabinet/whoop/connect", shared).status_code == 422
    with app.app_context(), acting_for(cast.bea.organisation_id):
        for table in (Integration, Consent):
            assert db.session.scalar(db.select(db.func.count()).select_from(table)) == 0
        db.session.remove()
    assert bea.post_form("/cabinet/whoop/connect", {**shared, "agree": "yes"}).status_code == 200
    with app.app_context(), acting_for(cast.bea.organisation_id):
        agreed = AuditEntry.action == "fetching_agreed"
        entry = db.session.scalars(db.select(AuditEntry).where(agreed)).one()
        assert (entry.actor_id, entry.subject_id) == (cast.bea.user_id, cast.bea.client_id)
        assert entry.details == {"text_version": TEXT_VERSION}
        given = db.session.scalars(db.select(Consent)).one()
        assert (given.field_group, given.text_version) == (FieldGroup.SLEEP, TEXT_VERSION)
        db.session.remove()


def test_when_a_coach_is_deleted_the_clients_notes_stay_without_a_name(
    app: Flask, cast: Cast
) -> None:
    canary = live(app, cast)
    ann = Critic.of(app).sign_in(cast.ann)
    assert ann.post_form("/account/deletion", {"password": PASSWORD}).status_code == 200
    # The work is found by the account it is about.
    assert work(app, replace(cast, bea=cast.ann), "erase_account") == ["done"]
    with app.app_context(), acting_for(cast.bea.organisation_id):
        note = db.session.scalars(db.select(CoachNote)).one()
        assert note.text == canary
        assert db.session.get(Membership, (note.organisation_id, note.author_id)) is None
        db.session.remove()


def test_no_scope_is_asked_for_that_nothing_uses() -> None:
    asked = Settings.from_env({"ENVIRONMENT": "test"}).whoop_scope.split()
    to_know_the_account, to_renew = "read:profile", "offline"
    assert set(asked) == {*card.SCOPES.values(), to_know_the_account, to_renew}


@pytest.mark.slow
def test_who_saw_a_client_is_found_without_reading_the_whole_log(app: Flask, cast: Cast) -> None:
    here, since = cast.bea.organisation_id, datetime.now(UTC) - timedelta(hours=1)
    with app.app_context(), acting_for(here):
        for client_id, count in ((cast.bea.client_id, 5), (cast.carl.client_id, LOOKS)):
            db.session.execute(
                text(
                    "INSERT INTO audit_log (id, organisation_id, actor_id, action, subject_id)"
                    " SELECT gen_random_uuid(), :here, :ann, 'client_viewed', :client"
                    " FROM generate_series(1, :count)"
                ),
                {"here": here, "ann": cast.ann.user_id, "client": client_id, "count": count},
            )
        db.session.commit()
        assert cast.bea.client_id
        until = since + timedelta(days=1)
        found = looking_back.who_saw(cast.bea.client_id, since, until)
        plan = db.session.execute(
            text(
                "EXPLAIN SELECT FROM audit_log WHERE organisation_id = :here"
                " AND subject_id = :client AND created_at BETWEEN :since AND :until"
            ),
            {"here": here, "client": cast.bea.client_id, "since": since, "until": until},
        )
        steps = "\n".join(plan.scalars())
        db.session.remove()
    assert len(found) == 5
    assert "Seq Scan" not in steps
