"""Links that nobody asks are kept alive; those whose people have left are cut."""

from datetime import timedelta

from sqlalchemy import func, select, update

from coach.accounts.models import Membership
from coach.extensions import db
from coach.whoop.linking import keeping_alive
from coach.whoop.models import IntegrationTokens
from coach.work.leases import now
from coach.work.models import Work
from tests.cast import Cast
from tests.whoop.life.living import REVOKE, TOKEN, Begin, Life


def test_links_are_kept_alive_once_a_day_at_moments_of_their_own(life: Begin, cast: Cast) -> None:
    bea, carl = life(cast.bea, "mara"), life(cast.carl, "noah")
    carl.disconnect()
    carl.work()
    asked = bea.calls(TOKEN)
    with bea.inside():
        keeping_alive.upkeep(now=now())
    assert _open_renewals(bea) == []
    bea.put(IntegrationTokens, token_expires_at=func.now() - timedelta(hours=24))
    with bea.inside():
        keeping_alive.upkeep(now=now())
        keeping_alive.upkeep(now=now())
    (due,) = _open_renewals(bea)
    assert due.lane == "backfill"
    bea.work()
    assert bea.calls(TOKEN) == asked + 1
    bea.work()
    assert bea.calls(TOKEN) == asked + 1


def _open_renewals(bea: Life) -> list[Work]:
    with bea.inside():
        mine = (Work.organisation_id == bea.who.organisation_id, Work.state == "waiting")
        wanted = select(Work).where(*mine, Work.kind == keeping_alive.KEEP_ALIVE.name)
        found = list(db.session.scalars(wanted))
        db.session.expunge_all()
        return found


def test_the_link_of_somebody_who_was_removed_is_cut(life: Begin, cast: Cast) -> None:
    bea, carl = life(cast.bea, "mara"), life(cast.carl, "noah")
    with bea.inside():
        mine = Membership.id == cast.bea.membership_id
        db.session.execute(update(Membership).where(mine).values(removed_at=func.now()))
        db.session.commit()
        keeping_alive.upkeep(now=now())
    assert (bea.row().status, carl.row().status) == ("disconnected", "active")
    assert bea.count(IntegrationTokens) == 1
    told = bea.calls(REVOKE)
    bea.work()
    assert bea.calls(REVOKE) == told + 1
