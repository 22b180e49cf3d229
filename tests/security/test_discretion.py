"""What must stand in no log, no table without a wall, and no address."""

import logging
from urllib.parse import parse_qs, urlsplit

import pytest
import structlog
from flask import Flask
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from coach.accounts.models import User
from coach.database.tenancy import acting_for
from coach.extensions import db, sealer
from coach.ids import new_id
from coach.observability import failures
from coach.observability.logging import Discreet
from coach.whoop.models import IntegrationTokens
from tests.cast import Cast
from tests.critic import Critic
from tests.whoop.conftest import Linker, SimulatedWhoop, linked_app, linker, whoop
from tests.whoop.walk import allow_at

__all__ = ["linked_app", "linker", "whoop"]  # fixtures


def _refused(app: Flask, cast: Cast) -> IntegrityError:
    """Fail as PostgreSQL does: quoting the e-mail that is there already."""
    again = insert(User).values(id=new_id(), email=cast.bea.email)
    with app.app_context(), pytest.raises(IntegrityError) as refused:
        db.session.execute(again)
    return refused.value


def test_a_failing_statement_names_no_values(app: Flask, cast: Cast) -> None:
    error = _refused(app, cast)
    assert error.params is not None
    assert cast.bea.email in str(error)  # PostgreSQL's own detail
    assert cast.bea.email not in failures.story(error)


def test_neither_of_our_logs_quotes_a_refused_row(
    app: Flask, cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    error = _refused(app, cast)
    structlog.get_logger().error("it_failed", exc_info=error)
    record = logging.LogRecord(
        "x", logging.ERROR, "", 0, "it failed", None, (type(error), error, None)
    )
    written = capsys.readouterr().out + Discreet().format(record)
    assert "uq_users_email" in written
    assert cast.bea.email not in written


def test_a_failing_page_does_not_write_down_the_link_that_opened_it(
    app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_token: str) -> bool:
        raise RuntimeError("broken")

    monkeypatch.setattr("coach.accounts.resets.is_open", fail)
    assert Critic.of(app).get("/reset/a-secret-of-somebody").status_code == 500
    written = capsys.readouterr().out
    assert "request_failed" in written
    assert "a-secret-of-somebody" not in written


def test_whoops_answer_to_nobody_is_not_carried_on(app: Flask) -> None:
    answer = Critic.of(app).get("/cabinet/whoop-callback?code=secret-code&state=secret-state")
    assert answer.headers["Location"] == "/sign-in"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_linking_writes_no_secret_down_even_when_debugging(
    linker: Linker, whoop: SimulatedWhoop, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    browser = Critic.of(linker.app).sign_in(cast.bea)
    leaving = browser.post_form("/cabinet/whoop/connect", {"agree": "yes"})
    back = allow_at(whoop.origin, leaving.text, "mara")
    assert browser.get(back).status_code == 303
    ours = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("werkzeug")
    )
    for secret in [*parse_qs(urlsplit(back).query)["code"], *_tokens(linker.app, cast)]:
        assert secret not in ours


def _tokens(app: Flask, cast: Cast) -> list[str]:
    with app.app_context(), acting_for(cast.bea.organisation_id):
        row = db.session.scalars(select(IntegrationTokens)).one()
        place = f"{row.organisation_id}/{row.integration_id}"
        found = [sealer().open(row.access_token, place=f"{place}/access_token")]
        found.append(sealer().open(row.refresh_token or "", place=f"{place}/refresh_token"))
        session_ids = db.session.scalars(text("SELECT id_hash FROM user_sessions")).all()
        db.session.remove()
    return [*found, *session_ids]
