"""Days that are missing between others are asked for once, and only those."""

from datetime import timedelta

from flask import Flask

from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.whoop.models import WhoopRecord
from coach.whoop.sync.deriving import derive
from tests.cast import Cast, Somebody
from tests.whoop.conftest import NOW, Linker
from tests.whoop.looking_back import (
    days_of,
    history_work,
    link_and_sync,
    linked_app,
    one_piece,
    read_all,
    records_of,
)

__all__ = ["linked_app"]


def lose(app: Flask, who: Somebody, *, from_ago: int, to_ago: int) -> None:
    """Lose some days, as a page that was never stored would."""
    mine = WhoopRecord.client_id == who.client_id
    since, until = NOW - timedelta(days=from_ago), NOW - timedelta(days=to_ago)
    with app.app_context(), acting_for(who.organisation_id):
        lost = mine & WhoopRecord.starts_at.between(since, until)
        cycles = db.select(WhoopRecord.provider_id).where(lost, WhoopRecord.kind == "cycle")
        db.session.execute(db.delete(WhoopRecord).where(mine, WhoopRecord.cycle_id.in_(cycles)))
        db.session.execute(db.delete(WhoopRecord).where(lost))
        assert who.client_id
        derive(who.client_id, since=None)
        db.session.commit()


def calls_since(linker: Linker, start: int) -> list[str]:
    return [call for call in linker.whoop.calls[start:] if "/oauth/" not in call]


def test_a_hole_is_filled_by_one_look_at_each_list(linker: Linker, cast: Cast) -> None:
    browser = link_and_sync(linker, cast.bea, "ada")
    read_all(linker.app, cast.bea)
    whole = records_of(linker.app, cast.bea), days_of(linker.app, cast.bea)
    lose(linker.app, cast.bea, from_ago=45, to_ago=42)
    assert len(days_of(linker.app, cast.bea)) < len(whole[1])
    browser.post_form("/cabinet/whoop/sync")
    linker.work(cast.bea.organisation_id)
    start = len(linker.whoop.calls)
    assert one_piece(linker.app, cast.bea)
    assert len(calls_since(linker, start)) == 4
    assert (records_of(linker.app, cast.bea), days_of(linker.app, cast.bea)) == whole
    assert history_work(linker.app, cast.bea) is None


def test_days_without_the_strap_are_asked_for_once_and_never_again(
    linker: Linker, cast: Cast
) -> None:
    browser = link_and_sync(linker, cast.bea, "lena")
    start = len(linker.whoop.calls)
    read_all(linker.app, cast.bea)
    asked = [call for call in calls_since(linker, start) if "/v2/cycle" in call]
    browser.post_form("/cabinet/whoop/sync")
    linker.work(cast.bea.organisation_id)
    assert history_work(linker.app, cast.bea) is None
    assert len(asked) < 12, "pages of cycles, and one look at each hole"
