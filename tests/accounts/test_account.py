"""One's own account: name, e-mail, password, devices, step-up."""

from uuid import UUID

from flask import Flask
from sqlalchemy import select, text, update

from coach.accounts import devices, own_account, resets
from coach.accounts.models import PasswordReset, User
from coach.accounts.person_models import EmailChange
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.ids import new_id
from coach.web.models import UserSession
from coach.whoop.models import Integration
from coach.work.models import Work
from tests.cast import PASSWORD, Cast, Somebody
from tests.critic import Critic

NEW = "seven quiet harbours"


def _change_of(app: Flask, who: Somebody) -> tuple[UUID, str]:
    with app.app_context(), app.test_request_context():
        found = db.session.scalars(
            select(EmailChange.id)
            .where(EmailChange.user_id == who.user_id)
            .order_by(EmailChange.id.desc())
        ).first()
        assert found
        path = own_account.link(found).removeprefix("http://localhost")
        db.session.remove()
    return found, path


def _grow_old(app: Flask, who: Somebody) -> None:
    """Let the last proof of who they are be eleven minutes old."""
    older = "data = data || jsonb_build_object('proved_at', (data->>'proved_at')::float - 660)"
    with app.app_context():
        asked = text(f"UPDATE user_sessions SET {older} WHERE user_id = :id")
        db.session.execute(asked, {"id": who.user_id})
        db.session.commit()


def test_a_new_name_is_shown_at_once(app: Flask, cast: Cast) -> None:
    bea = Critic.of(app).sign_in(cast.bea)
    assert bea.post_form("/account/name", {"name": "Beatriz"}).status_code == 303
    assert "Beatriz" in bea.get("/account").text
    assert "Beatriz" in Critic.of(app).sign_in(cast.ann).get("/people").text


def test_a_new_address_counts_once_its_link_is_opened(app: Flask, cast: Cast) -> None:
    bea, fresh = Critic.of(app).sign_in(cast.bea), f"new-{cast.bea.email}"
    assert bea.post_form("/account/email", {"email": fresh}).status_code == 303
    change, path = _change_of(app, cast.bea)
    with app.app_context():
        asked = select(Work.kind).where(Work.subject_id == change)
        assert set(db.session.scalars(asked)) == {"send_email_link", "send_email_notice"}
        db.session.remove()
    assert Critic.of(app).sign_in(cast.bea).get("/cabinet").status_code == 200
    mailbox = Critic.of(app)
    assert fresh in mailbox.get(path).text
    assert mailbox.post_form(path, page=path).status_code == 200
    assert mailbox.get(path).status_code == 410
    signed = Critic.of(app).post_form("/sign-in", {"email": fresh, "password": PASSWORD})
    assert signed.status_code == 303


def test_only_the_hash_of_the_link_is_kept(app: Flask, cast: Cast) -> None:
    bea = Critic.of(app).sign_in(cast.bea)
    bea.post_form("/account/email", {"email": f"x-{cast.bea.email}"})
    change, path = _change_of(app, cast.bea)
    with app.app_context():
        kept = db.session.get_one(EmailChange, change).token_hash
        db.session.remove()
    assert kept not in path
    assert path.rsplit("/", 1)[1] not in kept


def test_somebody_elses_address_gets_the_same_answer_and_no_mail(app: Flask, cast: Cast) -> None:
    bea = Critic.of(app).sign_in(cast.bea)
    free = bea.post_form("/account/email", {"email": f"free-{cast.bea.email}"})
    taken = bea.post_form("/account/email", {"email": cast.zoe.email})
    assert (free.status_code, free.headers["Location"]) == (
        taken.status_code,
        taken.headers["Location"],
    )
    change, path = _change_of(app, cast.bea)
    with app.app_context():
        assert own_account.to_mail(change)[2]
        db.session.remove()
    assert Critic.of(app).post_form(path, page=path).status_code == 410


def test_an_old_link_changes_nothing(app: Flask, cast: Cast) -> None:
    Critic.of(app).sign_in(cast.bea).post_form("/account/email", {"email": "late@example.org"})
    change, path = _change_of(app, cast.bea)
    with app.app_context():
        db.session.execute(
            update(EmailChange)
            .where(EmailChange.id == change)
            .values(expires_at=EmailChange.created_at)
        )
        db.session.commit()
    assert Critic.of(app).get(path).status_code == 410


def test_a_new_password_closes_the_link_to_an_address_of_somebody_else(
    app: Flask, cast: Cast
) -> None:
    """The notice to the old mailbox advises just that: whoever asked for the change loses it."""
    thief = Critic.of(app).sign_in(cast.bea)
    thief.post_form("/account/email", {"email": f"thief-{cast.bea.email}"})
    _change, path = _change_of(app, cast.bea)
    Critic.of(app).post_form("/forgot", {"email": cast.bea.email})
    with app.app_context():
        mine = select(PasswordReset.id).where(PasswordReset.user_id == cast.bea.user_id)
        way_back = resets.link(db.session.scalars(mine).one()).removeprefix("http://localhost")
        db.session.remove()
    assert Critic.of(app).post_form(way_back, {"password": NEW}).status_code == 200
    assert Critic.of(app).post_form(path, page="/sign-in").status_code == 410
    assert Critic.of(app).sign_in(cast.bea, NEW).get("/cabinet").status_code == 200


def test_deleting_whoops_history_asks_again_who_it_is(app: Flask, cast: Cast) -> None:
    with app.app_context(), acting_for(cast.bea.organisation_id):
        linked = {"organisation_id": cast.bea.organisation_id, "client_id": cast.bea.client_id}
        db.session.add(Integration(id=new_id(), provider="whoop", status="active", **linked))
        db.session.commit()
        db.session.remove()
    bea = Critic.of(app).sign_in(cast.bea)
    _grow_old(app, cast.bea)
    place = "/cabinet/whoop/disconnect"
    asked = bea.post_form(place, {"history": "delete"}, headers={"Referer": f"http://x{place}"})
    assert asked.headers["Location"] == f"/account/proof?next={place}"
    kept = bea.post_form(place, {"history": "keep"})
    assert kept.headers["Location"] == "/cabinet/integrations"


def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(
    app: Flask, cast: Cast
) -> None:
    here, elsewhere = Critic.of(app).sign_in(cast.bea), Critic.of(app).sign_in(cast.bea)
    wrong = here.post_form("/account/password", {"old": "not this", "password": NEW})
    assert "That is not your password" in wrong.text
    done = here.post_form("/account/password", {"old": PASSWORD, "password": NEW})
    assert done.status_code == 303
    assert here.get("/cabinet").status_code == 200
    assert elsewhere.get("/cabinet").status_code == 303
    assert Critic.of(app).sign_in(cast.bea, NEW).get("/cabinet").status_code == 200


def test_one_session_is_ended_and_only_ones_own(app: Flask, cast: Cast) -> None:
    here, elsewhere = Critic.of(app).sign_in(cast.bea), Critic.of(app).sign_in(cast.bea)
    stranger = Critic.of(app).sign_in(cast.zoe)
    page = here.get("/account").text
    assert page.count("This device") == 1
    key = page.split('name="key" value="')[1].split('"')[0]
    assert stranger.post_form("/account/sessions/end", {"key": key}).status_code == 404
    assert here.post_form("/account/sessions/end", {"key": key}).status_code == 303
    assert elsewhere.get("/cabinet").status_code == 303
    assert here.get("/cabinet").status_code == 200


def test_all_other_sessions_are_ended_in_one_step(app: Flask, cast: Cast) -> None:
    others = [Critic.of(app).sign_in(cast.bea) for _ in range(3)]
    here = Critic.of(app).sign_in(cast.bea)
    assert here.post_form("/account/sessions/end-others").status_code == 303
    assert [it.get("/cabinet").status_code for it in (*others, here)] == [303, 303, 303, 200]
    with app.app_context():
        left = select(UserSession.id_hash).where(UserSession.user_id == cast.bea.user_id)
        assert len(db.session.scalars(left).all()) == 1
        db.session.remove()


def test_devices_are_named_in_words(app: Flask) -> None:
    with app.test_request_context():
        phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1"
        desk = "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0 Safari/537.36 Edg/140.0"
        assert devices.device_name(phone) == "Safari on iPhone"
        assert devices.device_name(desk) == "Edge on Linux"
        assert devices.device_name("curl/8") == "A device we do not know"


def test_what_cannot_be_taken_back_asks_again_who_it_is(app: Flask, cast: Cast) -> None:
    bea = Critic.of(app).sign_in(cast.bea)
    _grow_old(app, cast.bea)
    asked = bea.get("/cabinet/export/data.zip")
    assert asked.headers["Location"] == "/account/proof?next=/cabinet/export/data.zip"
    place = asked.headers["Location"]
    for path in ("/account/email", "/cabinet/data/export", "/cabinet/data/whoop"):
        assert bea.post_form(path).headers["Location"].startswith("/account/proof")
    assert bea.post_form(place, {"password": "wrong"}, page=place).status_code == 422
    proven = bea.post_form(place, {"password": PASSWORD}, page=place)
    assert proven.headers["Location"] == "/cabinet/export/data.zip"
    assert bea.get("/cabinet/export/data.zip").status_code == 200


def test_the_keys_of_an_organisation_ask_again_too(app: Flask, cast: Cast) -> None:
    olga = Critic.of(app).sign_in(cast.olga)
    _grow_old(app, cast.olga)
    for path in ("/organisation/whoop", "/organisation/whoop/secrets", "/organisation/security"):
        assert olga.post_form(path).headers["Location"].startswith("/account/proof")


def test_the_proof_leads_nowhere_else(app: Flask, cast: Cast) -> None:
    bea = Critic.of(app).sign_in(cast.bea)
    place = "/account/proof?next=https://evil.example/"
    answer = bea.post_form(place, {"password": PASSWORD}, page=place)
    assert answer.headers["Location"] == "/account"


def test_a_disabled_person_is_out_with_the_next_click(app: Flask, cast: Cast) -> None:
    bea = Critic.of(app).sign_in(cast.bea)
    with app.app_context():
        db.session.execute(
            update(User).where(User.id == cast.bea.user_id).values(disabled_at=User.created_at)
        )
        db.session.commit()
    assert bea.get("/cabinet").status_code == 303
