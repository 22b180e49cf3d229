"""Each tenant filter of the application is taken out in turn: the database still holds.

The statements are those that the application really sends while the whole access matrix is walked.
Each mutant runs twice as a stranger, once with the home organisation there and once without it. Its
answer may not depend on that. Run by a role that row-level security does not filter, many do: these
are the mutants that only the second wall stops.
"""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Connection

from coach.database.walls import APP_ROLE
from coach.extensions import db
from config import Settings
from tests.access.callers import Caller
from tests.access.conftest import objects
from tests.access.matrix import MATRIX
from tests.api.conftest import Program, a_token
from tests.api.matrix import API_MATRIX
from tests.api.test_access import call
from tests.cast import Cast
from tests.dashboard.mornings import ALL, RED, lives
from tests.database.overhearing import Mutant, mutants, overheard
from tests.database.standing_in import differing, owning

__all__ = ["objects"]  # a fixture

HOME = ("olga", "ann", "bea")


@pytest.fixture
def owner(settings: Settings) -> Iterator[Connection]:
    """A connection of the owning role, whose transaction is taken back at the end."""
    with owning(settings) as connection:
        yield connection


@pytest.fixture
def sent(app: Flask, cast: Cast, objects: dict[str, UUID]) -> list[Mutant]:
    """Every mutant of what is sent while Ann's people use every page and operation."""
    with app.app_context():
        engine = db.engine
    with overheard(engine) as kept:
        lives(app, cast.bea, RED, *ALL)
        for person in HOME:
            caller = Caller(app, cast, person)
            for rule in MATRIX:
                caller.call(rule, objects)
            program = Program(
                app.test_client(use_cookies=False), a_token(app, getattr(cast, person))
            )
            for operation in API_MATRIX:
                call(program, operation, cast)
    home, stranger = cast.ann.organisation_id, cast.zoe.organisation_id
    return list(mutants(kept, home=home, stranger=stranger))


def test_no_forgotten_filter_lets_a_stranger_through(
    cast: Cast,
    sent: list[Mutant],
    owner: Connection,
    record_property: Callable[[str, object], None],
) -> None:
    walled, open_ = (differing(owner, cast, sent, role) for role in (APP_ROLE, None))
    figures = {"RLS mutants": len(sent), "that the database alone stops": len(open_ - walled)}
    record_property("walls", {**figures, "not stopped": len(walled)})
    assert [(sent[at].without, sent[at].sql) for at in walled] == []
    assert len(open_) > 100, "the walls were not tried"
