from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import event

from coach.accounts.models import FieldGroup, Role, User
from coach.accounts.people import add_member, assign, client_of_user
from coach.database.tenancy import act_for, act_for_nobody, acting_for
from coach.days import store
from coach.days.merge import Reading
from coach.days.metrics import Source
from coach.extensions import db
from coach.ids import new_id
from tests.cast import Cast, Somebody
from tests.critic import Critic

MOST_STATEMENTS = 12


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Collect every statement that is sent, set_config, session and audit included."""
    sent: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _day(app: Flask, who: Somebody, **values: float) -> None:
    assert who.client_id
    with app.app_context(), acting_for(who.organisation_id):
        today = datetime.now(UTC).date() - timedelta(days=1)
        store.record(who.client_id, Source.WHOOP, {today: Reading(Source.WHOOP, values)})
        db.session.commit()
        db.session.remove()


def _share(app: Flask, who: Somebody, *groups: FieldGroup) -> None:
    browser = Critic.of(app).sign_in(who)
    browser.post_form("/cabinet/sharing", {"share": [group.value for group in groups]})


def test_a_coach_sees_only_the_groups_that_are_shared(app: Flask, cast: Cast) -> None:
    _day(app, cast.bea, recovery_score=67, hrv=88, sleep_hours=7.5, strain=12.3)
    _share(app, cast.bea, FieldGroup.SLEEP)
    text = Critic.of(app).sign_in(cast.ann).get("/dashboard").text
    assert "7 h 30 min" in text
    assert "67%" not in text
    assert "12.3" not in text
    page = Critic.of(app).sign_in(cast.ann).get(f"/dashboard/clients/{cast.bea.client_id}").text
    assert "7 h 30 min" in page
    assert ">67%" not in page


def test_taking_consent_back_works_with_the_next_look(app: Flask, cast: Cast) -> None:
    _day(app, cast.bea, sleep_hours=7.5)
    _share(app, cast.bea, FieldGroup.SLEEP)
    coach = Critic.of(app).sign_in(cast.ann)
    assert "7 h 30 min" in coach.get("/dashboard").text
    _share(app, cast.bea)
    assert "7 h 30 min" not in coach.get("/dashboard").text


def test_an_owner_sees_names_and_only_shared_values(app: Flask, cast: Cast) -> None:
    _day(app, cast.bea, sleep_hours=7.5)
    text = Critic.of(app).sign_in(cast.olga).get("/dashboard").text
    assert "Bea" in text
    assert "Carl" in text
    assert "7 h 30 min" not in text


def test_search_and_sort_have_addresses(app: Flask, cast: Cast) -> None:
    _day(app, cast.bea, recovery_score=20)
    _day(app, cast.carl, recovery_score=80)
    for who in (cast.bea, cast.carl):
        _share(app, who, FieldGroup.RECOVERY)
    coach = Critic.of(app).sign_in(cast.ann)
    up, down = (coach.get(f"/dashboard?sort={sort}").text for sort in ("recovery", "-recovery"))
    assert up.index("<bdi>Bea") < up.index("<bdi>Carl")
    assert down.index("<bdi>Carl") < down.index("<bdi>Bea")
    found = coach.get("/dashboard?q=car").text
    assert "Carl" in found
    assert "Bea" not in found
    assert "No client by that name" in coach.get("/dashboard?q=%25").text


def test_a_fragment_is_the_table_alone(app: Flask, cast: Cast) -> None:
    coach = Critic.of(app).sign_in(cast.ann)
    part = coach.get("/dashboard?q=bea", headers={"HX-Request": "true"})
    assert part.text.strip().startswith("<section")
    assert "HX-Request" in part.headers["Vary"]


def test_the_number_of_statements_does_not_grow_with_the_clients(app: Flask, cast: Cast) -> None:
    coach = Critic.of(app).sign_in(cast.ann)
    coach.get("/dashboard")
    with counted(app) as few:
        coach.get("/dashboard")
    with app.app_context():
        act_for(cast.ann.organisation_id, user_id=None, session=db.session())
        for number in range(50):
            user = User(id=new_id(), email=f"many-{number}-{cast.ann.user_id}@example.org")
            db.session.add(user)
            db.session.flush()
            add_member(user, name=f"Client {number:02}", role=Role.CLIENT)
            client = client_of_user(user.id)
            assert client
            assign(client_id=client.id, coach_id=cast.ann.membership_id, by=None)
        db.session.commit()
        act_for_nobody()
    with counted(app) as many:
        assert "Client 49" in coach.get("/dashboard").text
    assert len(many) == len(few) <= MOST_STATEMENTS, many
    with counted(app) as page:
        coach.get(f"/dashboard/clients/{cast.bea.client_id}?days=365")
    assert len(page) <= MOST_STATEMENTS, page
