"""A link is cut at once, and WHOOP is told when it listens and nobody else needs the grant."""

from datetime import timedelta
from itertools import count
from threading import Thread

import pytest
from sqlalchemy import func, select

from coach.extensions import db
from coach.whoop.grant.keeping import TokenKeeper
from coach.whoop.grant.models import Farewell
from coach.whoop.models import IntegrationTokens, WhoopLink, WhoopRecord
from tests.cast import Cast
from tests.whoop.life.living import REVOKE, Begin, Life


def test_whoop_is_told_of_a_disconnect_as_soon_as_it_listens(life: Begin, cast: Cast) -> None:
    bea = life(cast.bea, "priya")
    config, told = bea.linker.app.config, bea.calls(REVOKE)
    bea.disconnect()
    assert (bea.count(IntegrationTokens), bea.count(WhoopLink)) == (0, bea.count(WhoopLink))
    known = config["SETTINGS"]
    config["SETTINGS"] = known.model_copy(update={"whoop_api_base_url": "http://127.0.0.1:9/x"})
    bea.work()
    config["SETTINGS"] = known
    assert bea.count(Farewell) == 1
    bea.work()
    assert (bea.count(Farewell), bea.calls(REVOKE) - told) == (0, 1)
    bea.work()
    assert bea.calls(REVOKE) - told == 1


def test_a_token_that_has_ended_is_renewed_to_give_the_grant_back(life: Begin, cast: Cast) -> None:
    bea = life(cast.bea, "tessa")
    member = int(str(bea.row().external_user_id))
    bea.linker.whoop.now += timedelta(hours=2)
    bea.disconnect()
    bea.work()
    simulator = bea.linker.whoop.app.extensions["simulator"]
    assert not simulator.grants.revoke_user(member), "nothing is left to revoke"
    assert bea.count(Farewell) == 0


def test_nothing_is_revoked_while_another_organisation_lives_by_the_account(
    life: Begin, cast: Cast
) -> None:
    bea, xenia = life(cast.bea, "june"), life(cast.xenia, "june")
    told = bea.calls(REVOKE)
    bea.disconnect()
    bea.work()
    assert bea.calls(REVOKE) == told
    xenia.sync()
    assert xenia.row().status == "active"
    xenia.disconnect()
    xenia.work()
    assert bea.calls(REVOKE) == told + 1


def test_linking_again_at_once_leaves_the_new_grant_alone(life: Begin, cast: Cast) -> None:
    bea = life(cast.bea, "walter")
    told = bea.calls(REVOKE)
    bea.disconnect()
    bea.linker.link(cast.bea, "walter")
    bea.work()
    assert (bea.calls(REVOKE), bea.count(Farewell)) == (told, 0)
    assert bea.row().status == "active"


def _cut_in(bea: Life, monkeypatch: pytest.MonkeyPatch, *, at: int, again: bool) -> list[int]:
    """Let the client cut the link when a sync takes its `at`-th token; gives what is left then."""
    give, left, asked = TokenKeeper.access_token, list[int](), count(1)

    def cut() -> None:
        bea.disconnect()
        if again:
            bea.linker.link(bea.who, "ada")

    def cut_in_between(keeper: TokenKeeper) -> str:
        token = give(keeper)
        if next(asked) == at:
            cutting = Thread(target=cut)
            cutting.start()
            cutting.join()
            left.append(_untouched(bea))
        return token

    monkeypatch.setattr(TokenKeeper, "access_token", cut_in_between)
    return left


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("at", [1, 2, 4])
def test_after_a_disconnect_a_running_sync_writes_nothing(
    life: Begin, cast: Cast, monkeypatch: pytest.MonkeyPatch, *, at: int, again: bool
) -> None:
    bea = life(cast.bea, "ada")
    bea.put(WhoopRecord, raw={"kept": "as it was"})
    left = _cut_in(bea, monkeypatch, at=at, again=again)
    bea.browser.post_form("/cabinet/whoop/sync")
    bea.linker.work(cast.bea.organisation_id)
    assert [_untouched(bea)] == left, "rows written after the cut"
    if not again:
        assert bea.count(IntegrationTokens) == 0
        return
    bea.work()
    bea.work()
    assert (bea.row().last_sync is not None, bea.row().status) == (True, "active")
    assert _untouched(bea) < left[0], "the new link is synced"


def _untouched(bea: Life) -> int:
    with bea.inside():
        same = WhoopRecord.raw["kept"].astext == "as it was"
        return db.session.execute(select(func.count()).where(same)).scalar_one()
