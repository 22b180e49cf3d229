"""The roster by group, coach, state, name, order, day and density: each an address, and kept."""

import re
from uuid import UUID

import pytest
from flask import Flask

from coach.accounts.models import CoachClient, Group, GroupClient
from coach.dashboard.roster_wanted import Wanted
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.ids import new_id
from tests.cast import Cast
from tests.critic import Critic
from tests.dashboard.mornings import ALL, CALM, RED, lives, morning
from tests.dashboard.test_roster import MOST_STATEMENTS, counted
from tests.insights.lives import TODAY, ago


@pytest.fixture
def sprint(app: Flask, cast: Cast) -> UUID:
    """Bea is in a group; Carl is not."""
    group = Group(id=new_id(), organisation_id=cast.ann.organisation_id, name="Sprint")
    with app.app_context(), acting_for(cast.ann.organisation_id):
        db.session.add(group)
        db.session.flush()
        member = {"group_id": group.id, "client_id": cast.bea.client_id}
        db.session.add(GroupClient(organisation_id=cast.ann.organisation_id, **member))
        made = group.id
        db.session.commit()
    return made


def names(coach: Critic, path: str) -> list[str]:
    with morning():
        return re.findall(r"<bdi>([\w ]+)</bdi>", coach.get(path).text)


def test_a_group_narrows_rows_counters_and_averages(app: Flask, cast: Cast, sprint: UUID) -> None:
    lives(app, cast.bea, RED, *ALL)
    lives(app, cast.carl, CALM, *ALL)
    ann = Critic.of(app).sign_in(cast.ann)
    assert names(ann, f"/dashboard?group={sprint}") == ["Bea"]
    with morning():
        page = ann.get(f"/dashboard?group={sprint}&sort=name").text
    assert "1 client<" in page
    assert re.search(rf'value="{sprint}"\s+selected', page)
    assert f"group={sprint}&amp;state=no_data" in page, "the counters keep the group"


@pytest.mark.parametrize("group", ["01890000-0000-7000-8000-000000000000", "nonsense"])
def test_an_absent_group_is_empty_and_nonsense_is_none(app: Flask, cast: Cast, group: str) -> None:
    ann = Critic.of(app).sign_in(cast.ann)
    found = names(ann, f"/dashboard?group={group}")
    assert found == ([] if "-" in group else ["Bea", "Carl"])


def test_a_group_without_their_clients_is_not_offered(app: Flask, cast: Cast, sprint: UUID) -> None:
    assert str(sprint) in Critic.of(app).sign_in(cast.olga).get("/dashboard").text
    assert str(sprint) not in Critic.of(app).sign_in(cast.carla).get("/dashboard").text
    assert names(Critic.of(app).sign_in(cast.zoe), f"/dashboard?group={sprint}") == []


def test_an_owner_narrows_by_coach(app: Flask, cast: Cast) -> None:
    with app.app_context(), acting_for(cast.ann.organisation_id):
        pair = {"coach_id": cast.carla.membership_id, "client_id": cast.carl.client_id}
        db.session.add(CoachClient(organisation_id=cast.ann.organisation_id, **pair))
        db.session.commit()
    olga = Critic.of(app).sign_in(cast.olga)
    assert names(olga, f"/dashboard?coach={cast.carla.membership_id}") == ["Carl"]
    assert ">Carla</option>" in olga.get("/dashboard").text


def test_a_coach_may_narrow_their_own_list_by_any_coach(app: Flask, cast: Cast) -> None:
    ann = Critic.of(app).sign_in(cast.ann)
    assert names(ann, f"/dashboard?coach={cast.ann.membership_id}") == ["Bea", "Carl"]
    for other in (cast.carla, cast.yan):
        assert names(ann, f"/dashboard?coach={other.membership_id}") == []


def test_without_scripts_an_action_leads_back_to_the_same_list(
    app: Flask, cast: Cast, sprint: UUID
) -> None:
    kept = f"group={sprint}&sort=name&date={TODAY}"
    ann = Critic.of(app).sign_in(cast.ann)
    with morning():
        opened = ann.get(f"/dashboard/clients/{cast.bea.client_id}/actions?{kept}").text
        (path,) = re.findall(r'action="([^"]+/notes[^"]*)"', opened)
        done = ann.post_form(path.replace("&amp;", "&"), {"text": "Knee", "date": str(TODAY)})
    assert dict(Wanted.read(_args(done.location)).args) == _args(f"/dashboard?{kept}")


def test_a_filter_costs_no_statement(app: Flask, cast: Cast, sprint: UUID) -> None:
    olga = Critic.of(app).sign_in(cast.olga)
    addresses = ("", f"?group={sprint}&coach={cast.ann.membership_id}&q=b&state=all&sort=hrv")
    sent = []
    for address in addresses:
        olga.get(f"/dashboard{address}")
        with counted(app) as statements:
            olga.get(f"/dashboard{address}")
        sent.append(len(statements))
    assert sent[0] == sent[1] <= MOST_STATEMENTS


@pytest.mark.parametrize("shared", [ALL, ALL[1:]])
def test_a_day_whose_comparisons_are_not_kept_says_so(
    app: Flask, cast: Cast, shared: tuple[object, ...]
) -> None:
    lives(app, cast.bea, CALM, *shared)  # type: ignore[arg-type]
    ann = Critic.of(app).sign_in(cast.ann)
    with morning():
        text = ann.get(f"/dashboard?date={ago(120)}&q=bea").text
        new = ann.get(f"/dashboard?date={ago(60)}&q=bea").text
    assert "Comparisons are kept for 120 days" in text or "No data" in text
    assert "Too few days" not in text
    assert "Comparisons are kept" not in new


def _args(address: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in address.partition("?")[2].split("&"))
