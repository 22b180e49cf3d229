"""Groups are the organisation's; whom of their clients somebody sees depends on who looks."""

import re

import pytest
from flask import Flask

from coach.accounts.models import AuditEntry, Client, Group, GroupClient
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.ids import new_id
from tests.cast import Cast, Somebody
from tests.critic import Critic

HOME = "/organisation/groups"


@pytest.fixture
def ann(app: Flask, cast: Cast) -> Critic:
    return Critic.of(app).sign_in(cast.ann)


def made(browser: Critic, name: str = "Sprint") -> str:
    """Make a group; where it is."""
    answer = browser.post_form(HOME, {"name": name})
    assert answer.status_code == 303
    return str(answer.location)


def put(browser: Critic, group: str, *who: Somebody) -> None:
    answer = browser.post_form(f"{group}/clients", {"client": [str(it.client_id) for it in who]})
    assert answer.status_code == 303


def members(app: Flask, cast: Cast) -> set[object]:
    with app.app_context(), acting_for(cast.ann.organisation_id):
        return set(db.session.scalars(db.select(GroupClient.client_id)))


def test_clients_are_put_in_and_out_in_one_go(app: Flask, cast: Cast, ann: Critic) -> None:
    group = made(ann)
    put(ann, group, cast.bea, cast.carl)
    assert members(app, cast) == {cast.bea.client_id, cast.carl.client_id}
    assert "2 of your clients" in ann.get(HOME).text
    put(ann, group, cast.carl)
    assert members(app, cast) == {cast.carl.client_id}
    assert len(re.findall(r"\schecked>", ann.get(group).text)) == 1


def test_a_coach_moves_only_those_they_coach(app: Flask, cast: Cast, ann: Critic) -> None:
    group = made(ann)
    put(ann, group, cast.bea)
    carla = Critic.of(app).sign_in(cast.carla)
    shown = carla.get(group).text
    assert "Bea" not in shown
    assert "an owner can rename or remove it" in shown
    put(carla, group, cast.carl)
    assert members(app, cast) == {cast.bea.client_id}, "neither put out hers nor put in his"
    assert carla.post_form(f"{group}/removal").status_code == 404
    assert carla.post_form(f"{group}/name", {"name": "Mine"}).status_code == 404


def test_a_strangers_client_and_nonsense_are_nobody(app: Flask, cast: Cast, ann: Critic) -> None:
    group = made(ann)
    path = f"{group}/clients"
    chosen = [str(cast.xenia.client_id), "nonsense", ""]
    assert ann.post_form(path, {"client": chosen}).status_code == 303
    assert members(app, cast) == set()


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "SPRINT"])
def test_a_name_is_needed_and_is_the_only_one(ann: Critic, name: str) -> None:
    made(ann, "Sprint")
    other = made(ann, "Throw")
    for path in (HOME, f"{other}/name"):
        refused = ann.post_form(path, {"name": name})
        assert refused.status_code == 422
        assert "field__error" in refused.text
    assert re.search(r"<h1>\s*Throw\s*</h1>", ann.get(other).text)


def test_a_group_is_renamed_and_removed_and_its_clients_stay(
    app: Flask, cast: Cast, ann: Critic
) -> None:
    group = made(ann)
    put(ann, group, cast.bea)
    assert ann.post_form(f"{group}/name", {"name": "sprint"}).status_code == 303
    assert ann.post_form(f"{group}/removal").status_code == 303
    assert ann.get(group).status_code == 404
    with app.app_context(), acting_for(cast.ann.organisation_id):
        assert db.session.scalar(db.select(Group)) is None
        assert db.session.scalar(db.select(Client).where(Client.id == cast.bea.client_id))
        deeds = set(db.session.scalars(db.select(AuditEntry.action)))
    assert deeds >= {"group_made", "group_changed", "group_renamed", "group_removed"}


def test_five_hundred_clients_are_put_in_at_once(app: Flask, cast: Cast) -> None:
    with app.app_context(), acting_for(cast.ann.organisation_id):
        mine = {"organisation_id": cast.ann.organisation_id, "timezone": "UTC"}
        ids = [new_id() for _ in range(500)]
        db.session.add_all(Client(id=each, name="Dan", **mine) for each in ids)
        db.session.commit()
    olga = Critic.of(app).sign_in(cast.olga)
    group = made(olga)
    assert olga.post_form(f"{group}/clients", {"client": list(map(str, ids))}).status_code == 303
    assert members(app, cast) == set(ids)


def test_another_organisation_knows_of_no_group(app: Flask, cast: Cast, ann: Critic) -> None:
    group = made(ann, "Canary")
    zoe = Critic.of(app).sign_in(cast.zoe)
    assert "Canary" not in zoe.get(HOME).text
    assert zoe.get(group).status_code == 404
    made(zoe, "Canary")
