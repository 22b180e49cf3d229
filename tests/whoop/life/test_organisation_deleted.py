"""An organisation is deleted: nothing of it is left, and nobody else notices."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from coach.closing import ending
from coach.csv_import.importing import upload_path
from coach.csv_import.models import Import
from coach.database.base import Base
from coach.database.tenancy import act_for, act_for_nobody, acting_for
from coach.extensions import db
from coach.ids import new_id
from coach.whoop.grant.models import Farewell
from coach.work import clock
from coach.work.leases import now
from coach.work.models import Work
from coach.work.perform import perform
from tests.cast import Cast, Somebody
from tests.critic import Critic
from tests.whoop.conftest import Linker
from tests.whoop.life.living import Begin

Rows = dict[str, int]


def rows_of(linker: Linker, organisation_id: UUID) -> Rows:
    """Count the rows of an organisation in every table that says whose they are."""
    counts = {}
    with linker.app.app_context(), acting_for(organisation_id):
        for table in Base.metadata.sorted_tables:
            if "organisation_id" in table.columns:
                ours = table.columns["organisation_id"] == organisation_id
                counts[table.name] = db.session.scalar(
                    select(func.count()).select_from(table).where(ours)
                )
        db.session.remove()
    return {name: count for name, count in counts.items() if count}


def upload(linker: Linker, who: Somebody) -> UUID:
    with linker.app.app_context(), acting_for(who.organisation_id):
        made = Import(
            id=new_id(),
            organisation_id=who.organisation_id,
            client_id=who.client_id,
            file_name="export.zip",
            size=1,
            sha256="0",
            state="waiting",
        )
        db.session.add(made)
        db.session.commit()
        upload_path(made.id).parent.mkdir(exist_ok=True)
        upload_path(made.id).write_bytes(b"a night of somebody")
        db.session.remove()
        return made.id


def begin(linker: Linker, organisation_id: UUID) -> None:
    with linker.app.app_context():
        act_for(organisation_id, user_id=None, session=db.session())
        ending.begin(organisation_id, now=now())
        db.session.commit()
        db.session.remove()
        act_for_nobody()


def finish(linker: Linker, organisation_id: UUID) -> None:
    """Tell WHOOP, then delete: what the workers do, the second as if it were later."""
    linker.work(organisation_id)
    with linker.app.app_context(), clock.stopped_at(now() + timedelta(minutes=10)):
        wanted = select(Work.id).where(Work.subject_id == organisation_id, Work.state == "waiting")
        ids = db.session.scalars(wanted).all()
        db.session.remove()
        for work_id in ids:
            perform(str(work_id))
        db.session.remove()


@pytest.fixture
def closed(cast: Cast, life: Begin) -> Cast:
    """Let a client of each organisation be linked and synced, and delete Ann's."""
    life(cast.bea, "mara")
    life(cast.xenia, "walter")
    return cast


def test_every_row_file_and_account_is_gone(linker: Linker, closed: Cast) -> None:
    ours = closed.bea.organisation_id
    import_id = upload(linker, closed.bea)
    assert len(rows_of(linker, ours)) > 12
    begin(linker, ours)
    finish(linker, ours)
    # That it was erased is kept, by ids alone, so that no restored backup brings it back.
    assert set(rows_of(linker, ours)) <= {"work", "erasures"}
    with linker.app.app_context():
        kinds = set(db.session.scalars(select(Work.kind).where(Work.organisation_id == ours)))
        people = "SELECT count(*) FROM users WHERE id = ANY(:ids)"
        ids = [closed.olga.user_id, closed.ann.user_id, closed.bea.user_id]
        assert db.session.execute(text(people), {"ids": ids}).scalar_one() == 0
        assert not upload_path(import_id).exists()
        db.session.remove()
    assert kinds <= {"close_organisation"}


def test_the_other_organisation_keeps_every_row(linker: Linker, closed: Cast) -> None:
    theirs = closed.xenia.organisation_id
    before = rows_of(linker, theirs)
    begin(linker, closed.bea.organisation_id)
    finish(linker, closed.bea.organisation_id)
    assert rows_of(linker, theirs) == before
    assert Critic.of(linker.app).sign_in(closed.xenia).get("/cabinet").status_code == 200


def test_from_the_first_moment_nobody_gets_in_and_no_link_stands(
    linker: Linker, closed: Cast
) -> None:
    browser = Critic.of(linker.app).sign_in(closed.bea)
    begin(linker, closed.bea.organisation_id)
    assert browser.get("/cabinet").status_code == 303
    assert "integration_tokens" not in rows_of(linker, closed.bea.organisation_id)
    assert "whoop_links" not in rows_of(linker, closed.bea.organisation_id)


def test_whoop_is_told_before_the_rows_go(linker: Linker, closed: Cast) -> None:
    ours = closed.bea.organisation_id
    begin(linker, ours)
    with linker.app.app_context():
        closing = select(Work.id).where(Work.kind == ending.CLOSE.name, Work.subject_id == ours)
        work_id = db.session.execute(closing).scalar_one()
        db.session.remove()
        perform(str(work_id))
        work = db.session.get_one(Work, work_id)
        assert (work.state, work.error) == ("waiting", "WHOOP is being told")
        db.session.remove()
    assert Farewell.__tablename__ in rows_of(linker, ours)
    finish(linker, ours)
    assert "DELETE /developer/v2/user/access" in linker.whoop.calls
