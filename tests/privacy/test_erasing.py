"""What is deleted is nowhere any more; what is not, stays."""

from pathlib import Path

import pytest
from flask import Flask

from coach.accounts.links import token_for
from coach.accounts.models import (
    AuditEntry,
    Client,
    CoachClient,
    Consent,
    Invitation,
    Membership,
    TokenKind,
    User,
)
from coach.database.tenancy import acting_for
from coach.days.models import DailyLog, DayChange
from coach.extensions import db
from coach.privacy import erasing, upkeep
from coach.weekly.models import WeeklyPlan
from config import Settings
from tests.cast import PASSWORD, Cast
from tests.critic import Critic
from tests.privacy.knowing import DAY, live, places_of, queued, work
from tests.privacy.said_of_them import say_more

# Every table that keeps words of or about a person.
WORDED = {
    *("alerts", "api_tokens", "check_ins", "clients", "daily_logs", "day_changes", "day_readings"),
    *("day_tags", "email_changes", "idempotency_keys", "import_days", "import_rows", "imports"),
    *("integrations", "invitations", "journal_entries", "memberships", "notes"),
    *("rewritten_words", "webhook_events", "weekly_plans", "whoop_records", "workouts"),
}


def test_after_an_account_is_deleted_nothing_of_it_is_found(
    app: Flask, cast: Cast, settings: Settings
) -> None:
    canary = live(app, cast)
    say_more(app, cast, canary)
    bea = Critic.of(app).sign_in(cast.bea)
    bea.post_form("/cabinet/data/export")
    work(app, cast, "make_export")
    there = places_of(canary, settings)
    assert {Path(it).parent.name for it in there} >= {"mail", "uploads"}
    assert set(there) >= WORDED
    assert bea.post_form("/account/deletion", {"password": "wrong"}).status_code == 422
    assert bea.post_form("/account/deletion", {"password": PASSWORD}).status_code == 200
    assert bea.get("/cabinet").status_code == 303
    again = Critic.of(app)
    again.sign_in(cast.bea)
    assert again.get("/cabinet").status_code == 303
    assert work(app, cast, "erase_account") == ["done"]
    assert places_of(canary, settings) == []
    assert places_of(cast.bea.email, settings) == []
    assert queued(app, canary) == []
    with app.app_context(), acting_for(cast.bea.organisation_id):
        proof = db.select(AuditEntry.action).where(AuditEntry.actor_id == cast.bea.user_id)
        assert "account_erased" in set(db.session.scalars(proof))
        assert db.session.get(User, cast.bea.user_id) is None
        assert db.session.get(Client, (cast.carl.organisation_id, cast.carl.client_id))
        db.session.remove()


def test_a_deletion_that_was_cut_off_is_done_by_the_next_try(
    app: Flask, cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = live(app, cast)
    Critic.of(app).sign_in(cast.bea).post_form("/account/deletion", {"password": PASSWORD})
    with monkeypatch.context() as patch:
        patch.setattr(erasing, "_erase_last", _power_cut)
        assert work(app, cast, "erase_account") == ["waiting"]
    with app.app_context():
        upkeep.go_on_deleting()  # joins what is open and makes it due
        db.session.remove()
    assert work(app, cast, "erase_account") == ["done"]
    assert places_of(canary, settings) == []


def _power_cut(*_: object) -> None:
    raise OSError("the plug was pulled")


def test_whoop_data_goes_and_what_was_typed_stays(
    app: Flask, cast: Cast, settings: Settings
) -> None:
    canary = live(app, cast)
    bea = Critic.of(app).sign_in(cast.bea)
    assert "What stays" in bea.get("/cabinet/data/whoop").text
    bea.post_form("/cabinet/data/whoop")
    assert work(app, cast, "erase_whoop_data") == ["done"]
    left = places_of(canary, settings)
    assert {"whoop_records", "import_rows", "integrations", "journal_entries"}.isdisjoint(left)
    assert not [each for each in left if "uploads" in each]
    with app.app_context(), acting_for(cast.bea.organisation_id):
        day = db.session.get_one(DailyLog, (cast.bea.organisation_id, cast.bea.client_id, DAY))
        assert day.notes == canary
        kept = db.select(DayChange.new).where(DayChange.client_id == cast.bea.client_id)
        assert canary in set(db.session.scalars(kept))
        db.session.remove()


def test_a_client_leaves_comes_back_or_has_all_deleted_by_the_mailed_link(
    app: Flask, cast: Cast, settings: Settings
) -> None:
    canary = live(app, cast)
    Critic.of(app).sign_in(cast.olga).post_form(f"/people/{cast.bea.membership_id}/removal")
    ann = Critic.of(app).sign_in(cast.ann)
    assert ann.get(f"/dashboard/clients/{cast.bea.client_id}").status_code == 404
    assert work(app, cast, "send_leaving") == ["done"]
    assert "check_ins" in places_of(canary, settings)
    with app.app_context():
        assert cast.bea.client_id
        link = f"/leaving/{token_for(TokenKind.LEAVING, cast.bea.client_id)}"
    visitor = Critic.of(app)
    assert "Delete it for good" in visitor.get(link).text
    assert visitor.post_form(link, page=link).status_code == 200
    assert visitor.get(link).status_code == 404
    assert work(app, cast, "erase_client") == ["done"]
    with app.app_context(), acting_for(cast.bea.organisation_id):
        assert db.session.get(Client, (cast.bea.organisation_id, cast.bea.client_id)) is None
        assert db.session.get(User, cast.bea.user_id) is not None  # the account is theirs
        db.session.remove()


def test_a_coach_who_is_removed_loses_everything_and_their_clients_keep_theirs(
    app: Flask, cast: Cast
) -> None:
    ann, olga = Critic.of(app).sign_in(cast.ann), Critic.of(app).sign_in(cast.olga)
    assert ann.get(f"/dashboard/clients/{cast.bea.client_id}").status_code == 200
    assert olga.post_form(f"/people/{cast.ann.membership_id}/removal").status_code == 303
    assert ann.get(f"/dashboard/clients/{cast.bea.client_id}").status_code == 303
    with app.app_context(), acting_for(cast.ann.organisation_id):
        pairs = db.select(CoachClient).where(CoachClient.coach_id == cast.ann.membership_id)
        assert db.session.scalars(pairs).all() == []
        assert db.session.get(Client, (cast.bea.organisation_id, cast.bea.client_id))
        db.session.remove()


def test_a_coachs_account_goes_and_what_is_others_stays(
    app: Flask, cast: Cast, settings: Settings
) -> None:
    canary = live(app, cast)
    say_more(app, cast, canary)
    of_ann = f"-{cast.ann.membership_id}"
    shared = {f"row{of_ann}": "1", f"share{of_ann}": "sleep"}
    Critic.of(app).sign_in(cast.bea).post_form("/cabinet/sharing", shared)
    ann = Critic.of(app).sign_in(cast.ann)
    guest = {"email": "new@example.com", "name": "New", "role": "client", "timezone": "UTC"}
    assert ann.post_form("/invitations", guest).status_code == 303
    before = set(places_of(canary, settings))
    assert ann.post_form("/account/deletion", {"password": PASSWORD}).status_code == 200
    assert work(app, cast, "erase_account") == ["done"]
    # Alerts are the coach's own: what their rule told them.
    assert before - set(places_of(canary, settings)) == {"alerts"}
    with app.app_context(), acting_for(cast.bea.organisation_id):
        assert db.session.get(User, cast.ann.user_id) is None
        assert db.session.scalars(db.select(WeeklyPlan.coach_id)).all() == [None]
        to_ann = db.select(Consent).where(Consent.coach_id == cast.ann.membership_id)
        (consent,) = db.session.scalars(to_ann).all()
        assert consent.ends_at is not None
        asked = db.select(Invitation.coach_id).where(Invitation.email == guest["email"])
        assert db.session.scalars(asked).all() == [None]
        db.session.remove()


def test_the_only_owner_cannot_go(app: Flask, cast: Cast) -> None:
    olga = Critic.of(app).sign_in(cast.olga)
    typed = {"password": PASSWORD}
    assert olga.post_form("/account/leaving", typed).status_code == 422
    assert olga.post_form("/account/deletion", typed).status_code == 422
    assert olga.post_form(f"/people/{cast.olga.membership_id}/removal").status_code == 422
    with app.app_context(), acting_for(cast.olga.organisation_id):
        member = db.session.get_one(
            Membership, (cast.olga.organisation_id, cast.olga.membership_id)
        )
        assert member.removed_at is None
        db.session.remove()


def test_a_client_leaves_with_the_password_and_can_have_the_data_deleted_at_once(
    app: Flask, cast: Cast, settings: Settings
) -> None:
    canary = live(app, cast)
    bea = Critic.of(app).sign_in(cast.bea)
    assert bea.post_form("/account/leaving", {"data": "delete"}).status_code == 422
    typed = {"data": "delete", "password": PASSWORD}
    left = bea.post_form("/account/leaving", typed)
    assert "You have left" in left.text
    assert bea.get("/cabinet").status_code == 303
    assert work(app, cast, "erase_client") == ["done"]
    assert places_of(canary, settings) == []
