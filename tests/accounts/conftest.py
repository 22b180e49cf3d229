"""All tests come from one address: what they try in vain must not slow down others."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import delete

from coach.accounts.models import LoginAttempt
from coach.extensions import db


@pytest.fixture(autouse=True)
def nobody_has_tried(app: Flask) -> Iterator[None]:
    yield
    with app.app_context():
        db.session.execute(delete(LoginAttempt))
        db.session.commit()
