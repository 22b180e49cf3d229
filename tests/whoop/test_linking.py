"""Linking and syncing against the simulated WHOOP, through the pages a browser sees."""

from datetime import timedelta

from coach.database.tenancy import acting_for
from coach.days.models import DailyLog
from coach.extensions import db
from coach.whoop.models import Integration, IntegrationTokens, OAuthState, SyncRun, WhoopRecord
from tests.cast import Cast, Somebody
from tests.critic import Critic
from tests.whoop.conftest import Linker
from tests.whoop.walk import allow_at


def _days(linker: Linker, who: Somebody) -> list[DailyLog]:
    with linker.app.app_context(), acting_for(who.organisation_id):
        return list(
            db.session.scalars(
                db.select(DailyLog)
                .where(DailyLog.client_id == who.client_id)
                .order_by(DailyLog.date)
            )
        )


def test_a_linked_client_gets_thirty_days(linker: Linker, cast: Cast) -> None:
    browser = linker.link(cast.bea, "mara")
    assert "Syncing" in browser.get("/cabinet/integrations").text
    assert linker.work(cast.bea.organisation_id) == 1
    days = _days(linker, cast.bea)
    assert 28 <= len(days) <= 32
    assert days[-1].state == "provisional"
    assert all(day.source == "whoop" for day in days)
    assert sum(day.recovery_score is not None for day in days) > 24
    assert "Linked" in browser.get("/cabinet/integrations").text


def test_a_second_sync_changes_nothing_and_costs_four_calls(linker: Linker, cast: Cast) -> None:
    browser = linker.link(cast.bea, "noah")
    linker.work(cast.bea.organisation_id)
    before = [(day.date, day.version, day.recovery_score) for day in _days(linker, cast.bea)]
    calls = len(linker.whoop.calls)
    browser.post_form("/cabinet/whoop/sync")
    linker.work(cast.bea.organisation_id)
    assert [(d.date, d.version, d.recovery_score) for d in _days(linker, cast.bea)] == before
    assert len(linker.whoop.calls) - calls == 4


def test_the_next_day_arrives_and_the_old_one_is_final(linker: Linker, cast: Cast) -> None:
    browser = linker.link(cast.bea, "ada")
    linker.work(cast.bea.organisation_id)
    before = _days(linker, cast.bea)
    linker.whoop.now += timedelta(days=1)
    with linker.app.app_context(), acting_for(cast.bea.organisation_id):
        db.session.execute(
            db.update(IntegrationTokens).values(token_expires_at=db.func.now() + timedelta(days=3))
        )
        db.session.commit()
    browser.post_form("/cabinet/whoop/sync")
    linker.work(cast.bea.organisation_id)
    after = _days(linker, cast.bea)
    assert after[-1].date > before[-1].date
    assert [day.state for day in after].count("provisional") == 1


def test_a_manual_value_survives_every_sync_and_whoops_is_offered(
    linker: Linker, cast: Cast
) -> None:
    browser = linker.link(cast.bea, "tessa")
    linker.work(cast.bea.organisation_id)
    day = _days(linker, cast.bea)[-3]
    page = f"/cabinet/days/{day.date}"
    assert browser.type_value(page, "sleep_hours", "5.5").status_code == 303
    browser.post_form("/cabinet/whoop/sync")
    linker.work(cast.bea.organisation_id)
    shown = next(each for each in _days(linker, cast.bea) if each.date == day.date)
    assert shown.sleep_hours == 5.5
    assert shown.sources["sleep_hours"] == "manual"
    assert shown.hrv == day.hrv
    text = browser.get(page).text
    assert "you, " in text
    assert "value again" in text
    browser.type_value(page, "sleep_hours", do="device")
    again = next(each for each in _days(linker, cast.bea) if each.date == day.date)
    assert again.sleep_hours == day.sleep_hours


def test_a_stale_edit_is_refused(linker: Linker, cast: Cast) -> None:
    browser: Critic = Critic.of(linker.app).sign_in(cast.bea)
    page = "/cabinet/days/2026-05-14/fields/hrv"
    typed = {"seen": "untyped", "do": "set", "value": "55"}
    assert browser.post_form(page, typed).status_code == 303
    assert browser.post_form(page, typed).status_code == 409


def test_the_coach_sees_what_is_shared_and_a_strange_coach_nothing(
    linker: Linker, cast: Cast
) -> None:
    linker.link(cast.bea, "ines")
    linker.work(cast.bea.organisation_id)
    day = _days(linker, cast.bea)[-1]
    roster = Critic.of(linker.app).sign_in(cast.ann).get("/dashboard").text
    assert "Bea" in roster
    assert f"{day.recovery_score:.0f}" in roster
    assert "Shares nothing with you yet" in roster  # Carl
    assert "Bea" not in Critic.of(linker.app).sign_in(cast.yan).get("/dashboard").text


def test_denied_consent_links_nothing(linker: Linker, cast: Cast) -> None:
    browser: Critic = Critic.of(linker.app).sign_in(cast.bea)
    leaving = browser.post_form("/cabinet/whoop/connect", {"agree": "yes"})
    back = allow_at(linker.whoop.origin, leaving.text, "mara", "deny")
    assert "You did not agree at WHOOP" in browser.get(back).text
    with linker.app.app_context(), acting_for(cast.bea.organisation_id):
        assert db.session.scalar(db.select(Integration.id)) is None


def test_a_state_counts_once_and_only_in_its_own_session(linker: Linker, cast: Cast) -> None:
    browser: Critic = Critic.of(linker.app).sign_in(cast.bea)
    leaving = browser.post_form("/cabinet/whoop/connect", {"agree": "yes"})
    back = allow_at(linker.whoop.origin, leaving.text, "walter")
    thief: Critic = Critic.of(linker.app).sign_in(cast.carl)
    calls = len(linker.whoop.calls)
    assert thief.get(back).status_code == 400
    assert thief.get("/cabinet/whoop-callback?code=x&state=forged").status_code == 400
    assert len(linker.whoop.calls) == calls  # no exchange was tried
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 400
    with linker.app.app_context(), acting_for(cast.bea.organisation_id):
        assert db.session.scalar(db.select(OAuthState.id)) is None


def test_one_account_cannot_feed_two_clients_of_an_organisation(linker: Linker, cast: Cast) -> None:
    linker.link(cast.bea, "june")
    browser: Critic = Critic.of(linker.app).sign_in(cast.carl)
    leaving = browser.post_form("/cabinet/whoop/connect", {"agree": "yes"})
    answer = browser.get(allow_at(linker.whoop.origin, leaving.text, "june"))
    assert answer.status_code == 409
    assert "Bea" not in answer.text
    linker.link(cast.xenia, "june")  # another organisation may


def test_disconnecting_erases_tokens_and_tells_whoop(linker: Linker, cast: Cast) -> None:
    browser = linker.link(cast.bea, "priya")
    linker.work(cast.bea.organisation_id)
    answer = browser.post_form("/cabinet/whoop/disconnect", {"history": "delete"})
    assert answer.status_code == 303
    assert "DELETE /developer/v2/user/access" not in linker.whoop.calls
    linker.work(cast.bea.organisation_id)
    assert linker.whoop.calls[-1] == "DELETE /developer/v2/user/access"
    assert _days(linker, cast.bea) == []
    with linker.app.app_context(), acting_for(cast.bea.organisation_id):
        assert db.session.scalar(db.select(IntegrationTokens.integration_id)) is None
        assert db.session.scalar(db.select(WhoopRecord.provider_id)) is None


def test_whoop_being_down_leaves_everything_as_it_was(linker: Linker, cast: Cast) -> None:
    linker.link(cast.bea, "omar")
    linker.work(cast.bea.organisation_id)
    before = len(_days(linker, cast.bea))
    linker.whoop.app.extensions["simulator"]  # it runs; the app below looks elsewhere
    elsewhere = linker.app.config["SETTINGS"].model_copy(
        update={"whoop_api_base_url": "http://127.0.0.1:9/developer"}
    )
    known = linker.app.config["SETTINGS"]
    linker.app.config["SETTINGS"] = elsewhere
    try:
        Critic.of(linker.app).sign_in(cast.bea).post_form("/cabinet/whoop/sync")
        linker.work(cast.bea.organisation_id)
    finally:
        linker.app.config["SETTINGS"] = known
    assert len(_days(linker, cast.bea)) == before
    page = Critic.of(linker.app).sign_in(cast.bea).get("/cabinet/integrations").text
    assert "Waiting for WHOOP" in page
    with linker.app.app_context(), acting_for(cast.bea.organisation_id):
        outcomes = set(db.session.scalars(db.select(SyncRun.outcome)))
    assert outcomes == {"complete", "postponed"}
