"""Mail is work: a worker writes it after the commit, with a link that works."""

import re

import pytest
from flask import Flask

from coach.extensions import db
from coach.work.models import Work, WorkState
from coach.work.perform import perform
from config import Settings
from tests.cast import Cast
from tests.critic import Critic


def _send(app: Flask, kind: str) -> None:
    """Do all open work of a kind, as the mail worker would."""
    with app.app_context():
        open_work = db.select(Work.id).where(Work.kind == kind, Work.state == WorkState.WAITING)
        ids = list(db.session.scalars(open_work))
        db.session.remove()
        for work_id in ids:
            perform(str(work_id))
        states = set(db.session.scalars(db.select(Work.state).where(Work.id.in_(ids))))
        db.session.remove()
    assert states == {"done"}


def _letters(settings: Settings) -> str:
    return "\n".join(
        path.read_text().replace("=\n", "") for path in (settings.coach_home / "mail").iterdir()
    )


def test_a_reset_link_arrives_and_works(app: Flask, settings: Settings, cast: Cast) -> None:
    Critic.of(app).post_form("/forgot", {"email": cast.carl.email})
    _send(app, "send_reset")
    letters = _letters(settings)
    assert cast.carl.email in letters
    found = re.findall(r"http://localhost(/reset/[\w-]+)", letters)
    assert any(Critic.of(app).get(path).status_code == 200 for path in found)


@pytest.mark.parametrize("role", ["client", "coach"])
def test_an_invitation_arrives(app: Flask, settings: Settings, cast: Cast, role: str) -> None:
    email = f"guest-{role}-{cast.olga.user_id}@example.org"
    fields = {"name": "Guest", "email": email, "role": role, "timezone": "UTC"}
    Critic.of(app).sign_in(cast.olga).post_form("/invitations", fields)
    _send(app, "send_invitation")
    assert f"To: {email}" in _letters(settings)
