"""Who cuts or makes a link locks what a sync locks in the same order, so neither waits in a circle."""

import time
from threading import Thread

from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.whoop.models import Integration
from tests.cast import Cast
from tests.critic import Critic
from tests.whoop.conftest import Linker

DAYS = db.text("SELECT pg_try_advisory_xact_lock(hashtextextended(:client, 0))")


def _somebody_waits_for_us() -> bool:
    blocked = (
        "SELECT EXISTS (SELECT FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
    )
    return bool(db.session.scalar(db.text(blocked)))


def test_who_disconnects_in_the_middle_of_a_page_leaves_the_days_to_the_sync(
    linker: Linker, cast: Cast
) -> None:
    browser = linker.link(cast.bea, "mara")
    with linker.app.app_context(), acting_for(cast.bea.organisation_id):
        mine = db.select(Integration.id).where(Integration.client_id == cast.bea.client_id)
        db.session.execute(mine.with_for_update(key_share=True))  # as a page is stored
        cutting = _cutting(browser)
        while not _somebody_waits_for_us():
            assert cutting.is_alive()
            time.sleep(0.02)
        assert db.session.scalar(DAYS, {"client": str(cast.bea.client_id)})  # as the sync ends
        db.session.rollback()
        cutting.join()
        assert db.session.scalar(db.select(Integration.status)) == "disconnected"


def _cutting(browser: Critic) -> Thread:
    fields = {"history": "keep"}
    thread = Thread(target=browser.post_form, args=("/cabinet/whoop/disconnect", fields))
    thread.start()
    return thread
