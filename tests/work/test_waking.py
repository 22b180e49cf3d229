"""The scheduler is woken by a commit, and by nothing that was rolled back."""

from flask import Flask
from redis import Redis

from coach.extensions import db
from coach.work import waking


def bell_of(app: Flask) -> Redis:
    redis: Redis = app.extensions["redis"]
    redis.delete(waking.BELL)
    return redis


def test_a_commit_wakes_once_however_often_it_was_asked_for(app: Flask) -> None:
    redis = bell_of(app)
    waking.wake_when_committed()
    waking.wake_when_committed()
    assert redis.llen(waking.BELL) == 0
    db.session.commit()
    assert redis.llen(waking.BELL) == 1
    waking.sleep_until_woken(redis, seconds=60)
    assert redis.llen(waking.BELL) == 0
    db.session.commit()
    assert redis.llen(waking.BELL) == 0


def test_what_was_rolled_back_wakes_nobody(app: Flask) -> None:
    redis = bell_of(app)
    waking.wake_when_committed()
    db.session.rollback()
    db.session.remove()
    db.session.commit()
    assert redis.llen(waking.BELL) == 0


def test_nobody_is_woken_late_for_what_was_done_long_ago(app: Flask) -> None:
    redis = bell_of(app)
    waking.wake_when_committed()
    db.session.commit()
    assert 0 < redis.ttl(waking.BELL) <= 10
