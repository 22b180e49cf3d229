"""What goes to another machine in the clear is warned of."""

import pytest
from flask import Flask

from coach.doctor import in_transit
from coach.doctor.findings import Ground, Level
from coach.extensions import db
from config import Settings


@pytest.mark.parametrize(
    ("redis_url", "level"),
    [
        ("redis://:secret@queue.example.org:6379/0", Level.WARN),
        ("rediss://:secret@queue.example.org:6379/0", Level.OK),
        ("redis://127.0.0.1:6379/0", Level.OK),
        ("unix:///run/queue.sock", Level.OK),
        (None, Level.OK),
    ],
)
def test_a_plain_line_to_a_queue_elsewhere_is_warned_of(
    settings: Settings, redis_url: str | None, level: Level
) -> None:
    there = settings.model_copy(update={"redis_url": redis_url})
    (found,) = in_transit.to_redis(Ground(there, None))
    assert found.level is level
    assert bool(found.do) == (level is Level.WARN)


def test_the_embedded_database_is_on_this_machine(app: Flask, settings: Settings) -> None:
    with app.app_context():
        (found,) = in_transit.to_postgresql(Ground(settings, None))
        db.session.remove()
    assert (found.level, found.says) == (Level.OK, "stays on this machine")
