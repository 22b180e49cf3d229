"""Another WHOOP account than before is taken only when its person says so."""

from sqlalchemy import func, select

from coach.extensions import db
from coach.whoop.grant.models import Farewell
from tests.cast import Cast
from tests.whoop.life.living import ACCOUNT, REVOKE, Begin


def test_another_account_is_taken_only_when_its_person_says_so(life: Begin, cast: Cast) -> None:
    bea = life(cast.bea, "mara")
    before, mine, told = bea.users(), bea.row().external_user_id, bea.calls(REVOKE)
    browser, where = bea.come_back_as("noah")
    assert where == ACCOUNT
    bea.sync()
    assert (bea.row().external_user_id, bea.row().status) == (mine, "active")
    assert bea.users() == before
    assert "another WHOOP account" in browser.get(ACCOUNT).text
    assert bea.browser.get(ACCOUNT).status_code == 404, "only where it was begun"
    assert browser.post_form(ACCOUNT, {"choice": "perhaps"}).status_code == 422
    assert bea.calls(REVOKE) == told

    assert browser.post_form(ACCOUNT, {"choice": "new"}).status_code == 303
    assert browser.post_form(ACCOUNT, {"choice": "new"}).status_code == 404, "once"
    bea.work()
    bea.work()
    assert bea.row().external_user_id != mine
    assert bea.calls(REVOKE) == told + 1
    assert bea.users()[str(mine)] == before[str(mine)], "the old days say whose they are"
    assert bea.users()[str(bea.row().external_user_id)] > 20
    assert bea.row().status == "active"


def test_who_stays_with_the_old_account_gives_the_other_back(life: Begin, cast: Cast) -> None:
    bea = life(cast.bea, "mara")
    mine, told = bea.row().external_user_id, bea.calls(REVOKE)
    browser, _ = bea.come_back_as("ines")
    assert browser.post_form(ACCOUNT, {"choice": "cancel"}).status_code == 303
    bea.work()
    assert (bea.calls(REVOKE), bea.count(Farewell)) == (told + 1, 0)
    bea.sync()
    assert (bea.row().external_user_id, bea.row().status) == (mine, "active")


def test_a_grant_that_nobody_claims_is_given_back_after_ten_minutes(
    life: Begin, cast: Cast
) -> None:
    bea = life(cast.bea, "mara")
    told = bea.calls(REVOKE)
    browser, _ = bea.come_back_as("priya")
    bea.work()
    assert (bea.calls(REVOKE), bea.count(Farewell)) == (told, 1)
    bea.put(Farewell, not_before=func.now())
    assert browser.post_form(ACCOUNT, {"choice": "new"}).status_code == 404
    bea.work()
    assert (bea.calls(REVOKE), bea.count(Farewell)) == (told + 1, 0)


def test_what_waits_is_nowhere_in_plain_text(life: Begin, cast: Cast) -> None:
    bea = life(cast.bea, "mara")
    bea.come_back_as("omar")
    with bea.inside():
        row = db.session.execute(select(Farewell.access_token, Farewell.refresh_token)).one()
    assert all(each.startswith("v1.") for each in row)
