"""Linking, syncing and hearing through an organisation's own WHOOP app, to the end."""

from datetime import timedelta

import pytest

from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.whoop import apps
from coach.whoop.models import Integration, QuotaLedger, WebhookEvent, WhoopLink
from tests.cast import Cast
from tests.critic import Critic
from tests.whoop.announcing import body, post, signed
from tests.whoop.conftest import Linker
from tests.whoop.own_app import NEW_SECRET, PAGE, SECRET, enter, register_at_whoop


@pytest.fixture
def own(linker: Linker, cast: Cast) -> tuple[Linker, Critic, str]:
    """Olga's organisation with its own app: a linker, her browser, and the slug."""
    browser, slug = enter(linker.app, cast.olga)
    register_at_whoop(linker.whoop, slug)
    return linker, browser, slug


def integration_of(linker: Linker, cast: Cast) -> Integration:
    with linker.app.app_context(), acting_for(cast.bea.organisation_id):
        return db.session.scalars(db.select(Integration)).one()


def test_a_client_links_and_syncs_by_the_own_app(
    own: tuple[Linker, Critic, str], cast: Cast
) -> None:
    linker, browser, _ = own
    before = len(linker.whoop.calls)
    linker.link(cast.bea, "mara")
    linker.work(cast.bea.organisation_id)
    link = integration_of(linker, cast)
    assert (link.status, link.last_sync is not None) == ("active", True)
    with linker.app.app_context():
        assert link.whoop_app_id == apps.app_of(cast.bea.organisation_id).id
        spent = sum(db.session.get_one(QuotaLedger, link.whoop_app_id).minutes.values())
    assert spent == sum("/developer/" in call for call in linker.whoop.calls[before:])
    assert f'<span class="stat__value">{spent}' in browser.get(PAGE).text


def test_tokens_are_renewed_by_the_newest_secret(
    own: tuple[Linker, Critic, str], cast: Cast
) -> None:
    linker, browser, slug = own
    client = linker.link(cast.bea, "mara")
    linker.work(cast.bea.organisation_id)
    register_at_whoop(linker.whoop, slug, NEW_SECRET)
    browser.post_form(f"{PAGE}/secrets", {"secret": NEW_SECRET})
    linker.whoop.now += timedelta(hours=2)  # the access token is dead by now
    before = len(linker.whoop.app.extensions["journal"])
    client.post_form("/cabinet/whoop/sync")
    linker.work(cast.bea.organisation_id)
    calls = list(linker.whoop.app.extensions["journal"])[before:]
    assert [call.status for call in calls if call.path.endswith("/token")] == [200]
    assert integration_of(linker, cast).status == "active"


def test_what_whoop_announces_to_the_own_app_finds_its_client(
    own: tuple[Linker, Critic, str], cast: Cast
) -> None:
    linker, _, slug = own
    linker.link(cast.bea, "mara")
    link = integration_of(linker, cast)
    member = int(link.external_user_id or 0)
    raw = body(user_id=member)
    where = f"/webhooks/whoop/{slug}"
    assert post(linker.app, raw, signed(raw, secret=SECRET), path=where).status_code == 204
    elsewhere = body(user_id=member)
    assert post(linker.app, elsewhere).status_code == 204  # to the installation's app
    with linker.app.app_context():
        events = db.session.execute(
            db.select(WebhookEvent.whoop_app_id, WebhookEvent.state).where(
                WebhookEvent.external_user_id == str(member)
            )
        ).all()
        states = dict(events)
        assert states[link.whoop_app_id] == "waiting"
        assert (
            link.id
            not in db.session.scalars(
                db.select(WebhookEvent.pending).where(
                    WebhookEvent.whoop_app_id != link.whoop_app_id
                )
            ).all()
        )


def test_an_app_in_use_stays_until_its_links_are_cut(
    own: tuple[Linker, Critic, str], cast: Cast
) -> None:
    linker, browser, _ = own
    client = linker.link(cast.bea, "mara")
    answer = browser.post_form(f"{PAGE}/removal")
    assert answer.status_code == 409
    assert "Clients are still linked by this app. Nothing was removed." in answer.text
    client.post_form("/cabinet/whoop/disconnect", {"history": "keep"})
    answer = browser.post_form(f"{PAGE}/removal")
    assert answer.status_code == 409
    assert "still being told of clients who left" in answer.text
    linker.work(cast.bea.organisation_id)
    assert linker.whoop.calls[-1] == "DELETE /developer/v2/user/access"
    assert browser.post_form(f"{PAGE}/removal").status_code == 303
    assert integration_of(linker, cast).whoop_app_id is None


def test_links_of_before_keep_the_installations_app_until_they_are_made_again(
    linker: Linker, cast: Cast
) -> None:
    linker.link(cast.bea, "mara")
    with linker.app.app_context():
        installation = apps.installation_app()
        db.session.commit()
    browser, slug = enter(linker.app, cast.olga)
    assert integration_of(linker, cast).whoop_app_id == installation
    assert "The WHOOP app of this installation" in browser.get(PAGE).text
    register_at_whoop(linker.whoop, slug)
    linker.link(cast.bea, "mara")
    link = integration_of(linker, cast)
    with linker.app.app_context():
        entered = db.session.scalars(
            db.select(WhoopLink.whoop_app_id).where(WhoopLink.integration_id == link.id)
        )
        assert entered.all() == [link.whoop_app_id]
        assert link.whoop_app_id != installation


def test_a_client_is_warned_when_the_app_is_full(
    own: tuple[Linker, Critic, str], cast: Cast
) -> None:
    linker, browser, _ = own
    browser.post_form(f"{PAGE}/limits", {"per_minute": "9", "per_day": "99", "member_cap": "1"})
    carl = Critic.of(linker.app).sign_in(cast.carl)
    words = "only so many people"
    assert words not in carl.get("/cabinet/whoop/connect").text
    bea = linker.link(cast.bea, "mara")
    assert words in carl.get("/cabinet/whoop/connect").text
    assert words not in bea.get("/cabinet/whoop/connect").text  # she is no further member
    assert "WHOOP may refuse the next one" in browser.get(PAGE).text
