"""`coach audit` says who saw a client between two moments."""

import json
from datetime import timedelta

from click.testing import CliRunner
from flask import Flask

from coach.__main__ import coach
from coach.accounts.models import FieldGroup
from coach.work.leases import now
from tests.cast import Cast
from tests.critic import Critic
from tests.dashboard.mornings import CALM, lives
from tests.test_cli import environment


def asked(app: Flask, cast: Cast, *words: str) -> tuple[int, str]:
    given = ["audit", str(cast.bea.client_id), *words]
    result = CliRunner().invoke(coach, given, env=environment(app))
    return result.exit_code, result.stdout


def test_each_look_is_told_with_who_what_and_when(app: Flask, cast: Cast) -> None:
    lives(app, cast.bea, CALM, FieldGroup.SLEEP)
    ann = Critic.of(app).sign_in(cast.ann)
    ann.get("/dashboard")
    ann.get(f"/dashboard/clients/{cast.bea.client_id}")
    ann.get(f"/dashboard/clients/{cast.carl.client_id}")
    code, said = asked(app, cast, "--json")
    looks = json.loads(said)["looks"]
    assert code == 0
    assert [each["action"] for each in looks] == ["roster_viewed", "client_viewed"]
    assert {each["email"] for each in looks} == {cast.ann.email}
    assert looks[1]["groups"] == "sleep"
    code, said = asked(app, cast)
    assert "looks=2" in said


def test_looks_outside_the_span_are_not_told(app: Flask, cast: Cast) -> None:
    Critic.of(app).sign_in(cast.ann).get(f"/dashboard/clients/{cast.bea.client_id}")
    with app.app_context():
        since = now() + timedelta(hours=1)
    code, said = asked(app, cast, "--from", since.isoformat(), "--to", "9000-01-01")
    assert (code, said) == (0, "looks=0\n")


def test_a_moment_that_is_none_and_a_client_that_is_none_are_refused(
    app: Flask, cast: Cast
) -> None:
    assert asked(app, cast, "--from", "yesterday")[0] != 0
    result = CliRunner().invoke(coach, ["audit", str(cast.ann.user_id)], env=environment(app))
    assert result.exit_code != 0
