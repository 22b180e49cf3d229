"""What has had its time is gone, and what has not stays, however long the installation runs."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from coach import schedule
from coach.extensions import db
from config import Settings
from tests.cast import Cast
from tests.critic import Critic
from tests.privacy.knowing import live, places_of

# What counts the time of each; two years pass by moving it back.
AGES = {
    "user_sessions": ("ends_at", "last_seen"),
    "login_attempts": ("created_at",),
    "password_resets": ("expires_at",),
    "email_changes": ("expires_at",),
    "invitations": ("expires_at",),
    "work": ("finished_at",),
    "due_slots": ("taken_at",),
}
TWO_YEARS = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Life:
    """What was lived in this test, and since when."""

    app: Flask
    canary: str
    began: datetime


@pytest.fixture
def lived(app: Flask, cast: Cast) -> Life:
    """Bea has lived, asked for another address and for a new password; Ann has invited."""
    began = datetime.now(UTC)
    canary = live(app, cast)
    bea = Critic.of(app).sign_in(cast.bea)
    bea.post_form("/account/email", {"email": f"{canary}@example.org".lower()})
    Critic.of(app).post_form("/forgot", {"email": cast.bea.email})
    Critic.of(app).post_form("/sign-in", {"email": cast.bea.email, "password": "wrong"})
    guest = {"name": "Gil", "email": _guest(cast), "role": "client", "timezone": "UTC"}
    assert Critic.of(app).sign_in(cast.ann).post_form("/invitations", guest).status_code == 303
    return Life(app, canary, began)


def test_after_two_years_nothing_is_left_that_had_its_time(
    cast: Cast, settings: Settings, lived: Life
) -> None:
    address = f"{lived.canary}@example.org"
    assert places_of(address, settings) == ["email_changes"]
    for table, columns in AGES.items():
        moved = ", ".join(f"{each} = coalesce({each}, now()) - :years" for each in columns)
        mine = "created_at >= :began"
        _sql(
            settings, f"UPDATE {table} SET {moved} WHERE {mine}", years=TWO_YEARS, began=lived.began
        )
    forget(lived.app)
    left = {table: _rows(settings, table, lived.began) for table in AGES}
    assert left == dict.fromkeys(AGES, 0)
    assert places_of(address, settings) == []
    assert places_of(_guest(cast), settings) == []
    assert "check_ins" in places_of(lived.canary, settings), "what is the client's stays"


def test_what_is_still_of_use_stays(cast: Cast, settings: Settings, lived: Life) -> None:
    before = {table: _rows(settings, table, lived.began) for table in AGES}
    assert before["email_changes"] == before["password_resets"] == 1
    forget(lived.app)
    after = {table: _rows(settings, table, lived.began) for table in AGES}
    assert after == before | {"invitations": 1}, "Bea's own has been over since May"
    assert _guest(cast) in Critic.of(lived.app).sign_in(cast.ann).get("/people").text


def forget(app: Flask) -> None:
    with app.app_context():
        schedule.forget_expired()
        schedule.forget_finished_work()
        db.session.remove()


def _guest(cast: Cast) -> str:
    return f"gil-{cast.ann.user_id}@example.org"


def _sql(settings: Settings, statement: str, **values: object) -> None:
    engine = create_engine(str(settings.migration_database_url))
    with engine.begin() as connection:
        connection.execute(text(statement), values)
    engine.dispose()


def _rows(settings: Settings, table: str, began: datetime) -> int:
    engine = create_engine(str(settings.migration_database_url))
    counted = text(f"SELECT count(*) FROM {table} WHERE created_at >= :began OR created_at < :old")
    old = began - TWO_YEARS / 2
    with engine.connect() as connection:
        found: int = connection.execute(counted, {"began": began, "old": old}).scalar_one()
    engine.dispose()
    return found
