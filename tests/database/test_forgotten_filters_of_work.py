"""What background work sends is held by the database too: each tenant filter is taken out in turn.

Bea links WHOOP, is synced, uploads an export, is told and exported and forgotten, and the schedule
comes by: the statements of all of it are those that a stranger then sends with a filter forgotten.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from flask import Flask

from coach.accounts import audit_chain
from coach.alerts import due as alerts_due
from coach.check_ins import reminding
from coach.database.walls import APP_ROLE, GLOBAL_TABLES
from coach.extensions import db
from coach.insights import rolling
from coach.operator import alarms
from coach.weekly import mailing
from coach.whoop.linking import keeping_alive
from coach.whoop.sync import due
from config import Settings
from tests.cast import Cast
from tests.csv_import.uploader import Uploader, zipped
from tests.dashboard.mornings import ALL, RED, lives
from tests.database.overhearing import Mutant, mutants, overheard
from tests.database.standing_in import differing, owning
from tests.whoop.conftest import NOW, Linker, linked_app, linker, whoop

__all__ = ["linked_app", "linker", "whoop"]  # fixtures


@pytest.fixture
def sent(linker: Linker, cast: Cast) -> list[Mutant]:
    """Every mutant of what is sent while the work of Ann's organisation is done."""
    app, home = linker.app, cast.ann.organisation_id
    with app.app_context():
        engine = db.engine
    with overheard(engine) as kept:
        lives(app, cast.carl, RED, *ALL)
        bea = linker.link(cast.bea, "priya")
        linker.work(home)
        Uploader(app, cast.bea).upload(zipped())
        _schedule(app)
        bea.post_form("/cabinet/data/export")
        for _ in range(3):  # work makes work
            linker.work(home)
        bea.post_form("/cabinet/whoop/disconnect", {"history": "delete"})
        linker.work(home)
    of_tenants = {sql: values for sql, values in kept.items() if not _is_global(sql)}
    return list(mutants(of_tenants, home=home, stranger=cast.zoe.organisation_id))


def _schedule(app: Flask) -> None:
    """Do once what the schedule does all day, a day later."""
    later = NOW + timedelta(days=1)
    for turn in (
        *(due.sync_due, rolling.ask_where_due, alerts_due.ask_where_due, alarms.watch),
        *(alerts_due.ask_for_digests, mailing.ask_where_due, keeping_alive.upkeep),
        reminding.ask_where_due,
    ):
        with app.app_context():
            turn(now=later)
            db.session.commit()
            db.session.remove()
    with app.app_context():
        audit_chain.seal_all()
        db.session.remove()


def _is_global(sql: str) -> bool:
    """Tell whether a statement is about a table without a wall, which code alone guards."""
    words = sql.replace('"', "").split()
    about = {after for word, after in pairwise(words) if word in _BEFORE_TABLES}
    return bool(about) and about <= GLOBAL_TABLES


_BEFORE_TABLES = {"FROM", "INTO", "UPDATE", "JOIN"}


def test_no_filter_that_work_forgets_lets_a_stranger_through(
    settings: Settings,
    cast: Cast,
    sent: list[Mutant],
    record_property: Callable[[str, object], None],
) -> None:
    with owning(settings) as owner:
        walled, open_ = (differing(owner, cast, sent, role) for role in (APP_ROLE, None))
    figures = {"mutants of work": len(sent), "that the database alone stops": len(open_ - walled)}
    record_property("walls", {**figures, "not stopped": len(walled)})
    assert [(sent[at].without, sent[at].sql) for at in walled] == []
    assert len(open_) > 50, "the walls were not tried"
