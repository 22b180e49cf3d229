from datetime import timedelta

from flask import Flask

from coach import schedule
from coach.extensions import db
from coach.web.models import UserSession
from tests.cast import Cast
from tests.critic import Critic


def _sessions(cast: Cast) -> list[UserSession]:
    mine = db.select(UserSession).where(UserSession.user_id == cast.bea.user_id)
    return list(db.session.scalars(mine))


def test_only_what_is_over_is_forgotten(app: Flask, cast: Cast) -> None:
    for _ in range(2):
        Critic.of(app).sign_in(cast.bea)
    with app.app_context():
        over = _sessions(cast)[-1]
        over.ends_at -= timedelta(days=1000)
        kept = len(_sessions(cast)) - 1
        db.session.commit()
        schedule.forget_expired()
        assert len(_sessions(cast)) == kept
        db.session.remove()
