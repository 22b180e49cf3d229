"""Whoever runs the installation is told once of each thing that somebody must look at."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, update

from coach.accounts import denials, throttle
from coach.accounts.models import AuditEntry, LoginAttempt, User
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.ids import new_id
from coach.operator import alarming, alarms
from coach.operator.alarms import Alarm
from coach.whoop.apps import installation_app
from coach.whoop.grant.models import AppStanding
from coach.whoop.models import QuotaLedger, WebhookEvent
from coach.whoop.webhook import EVENT
from coach.work.leases import now
from coach.work.models import DueSlot, Queue, Work
from coach.work.perform import perform
from config import Settings
from tests.api.conftest import Program, a_token
from tests.cast import Cast
from tests.critic import Critic

KIND = "alarmed"


@pytest.fixture(autouse=True)
def calm(app: Flask) -> Iterator[None]:
    """Let nothing be alarming that other tests did, or that these do."""
    _calm(app)
    yield
    _calm(app)


def _calm(app: Flask) -> None:
    with app.app_context():
        _forget()
        db.session.remove()


def _forget() -> None:
    for table in (LoginAttempt, AppStanding, WebhookEvent, QuotaLedger):
        db.session.execute(delete(table))
    db.session.execute(delete(DueSlot).where(DueSlot.name.like("alarm %")))
    mine = Work.kind.in_([KIND, EVENT.name, alarms.SEND.name])
    db.session.execute(delete(Work).where(mine | (Work.error == "DoesNotOpen")))
    db.session.commit()


def guess() -> None:
    """Try one account again and again, from many addresses."""
    for number in range(alarming.TRIES_AN_HOUR):
        tried = {"account_hash": "one", "address_hash": str(number)}
        db.session.execute(insert(LoginAttempt).values(id=new_id(), **tried))


def spray() -> None:
    """Try one password on account after account, from one address."""
    for number in range(throttle.TRIES_PER_ADDRESS):
        tried = {"account_hash": str(number), "address_hash": "one"}
        db.session.execute(insert(LoginAttempt).values(id=new_id(), **tried))


def break_seal() -> None:
    work = {"kind": KIND, "queue": Queue.SYNC.value, "subject_id": new_id(), "state": "failed"}
    db.session.execute(insert(Work).values(id=new_id(), error="DoesNotOpen", **work))


def freeze() -> None:
    frozen = {"frozen_until": func.now() + timedelta(hours=1)}
    db.session.execute(insert(AppStanding).values(whoop_app_id=installation_app(), **frozen))


def leave_waiting() -> None:
    """Let something that was announced long ago still be work."""
    link = new_id()
    event = {"trace_id": str(link), "external_user_id": "1", "type": "sleep.updated"}
    db.session.execute(
        insert(WebhookEvent).values(
            id=new_id(),
            whoop_app_id=installation_app(),
            object_id="1",
            body=b"{}",
            state="waiting",
            pending=[link],
            received_at=func.now() - timedelta(minutes=11),
            **event,
        )
    )
    work = {"kind": EVENT.name, "queue": Queue.SYNC.value, "subject_id": link}
    db.session.execute(insert(Work).values(id=new_id(), **work))


def spend() -> None:
    minute = int(db.session.scalar(select(func.extract("epoch", func.now()))) or 0) // 60
    spent = {str(minute): 1_000_000}
    app = {"whoop_app_id": installation_app(), "seconds": {}, "minutes": spent}
    db.session.execute(insert(QuotaLedger).values(app))


CAUSES: dict[str, tuple[Alarm, Callable[[], None]]] = {
    "guesses": (Alarm.GUESSING, guess),
    "spraying": (Alarm.GUESSING, spray),
    "a seal": (Alarm.SEALS, break_seal),
    "dead grants": (Alarm.GRANTS, freeze),
    "announcements": (Alarm.ANNOUNCEMENTS, leave_waiting),
    "quota": (Alarm.QUOTA, spend),
}


def on() -> set[str]:
    """Look, and say which alarms are on; other tests' people may stray, so that one is left out."""
    alarms.watch(now=now())
    (gauge,) = alarms.gauges()
    found = {sample.labels["alarm"] for sample in gauge.samples if sample.value}
    db.session.commit()
    return found - {Alarm.STRAYING}


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("cause", CAUSES)
def test_each_cause_raises_its_alarm_and_no_other(cause: str) -> None:
    alarm, happen = CAUSES[cause]
    assert on() == set()
    happen()
    db.session.commit()
    assert on() == {alarm}
    _calm_causes()
    assert on() == set()


def _calm_causes() -> None:
    for table in (LoginAttempt, AppStanding, WebhookEvent, QuotaLedger):
        db.session.execute(delete(table))
    db.session.execute(delete(Work).where(Work.kind == KIND))
    db.session.commit()


def letters(settings: Settings, to: str) -> int:
    """Do what is to be mailed; how many letters somebody has had of an alarm."""
    db.session.rollback()
    for work_id in db.session.scalars(
        select(Work.id).where(Work.kind == alarms.SEND.name, Work.state == "waiting")
    ).all():
        db.session.rollback()
        perform(str(work_id))
    folder = settings.coach_home / "mail"
    written = [path.read_text() for path in folder.iterdir()] if folder.exists() else []
    return sum(text.count(f"To: {to}") for text in written if "sealed values do not open" in text)


@pytest.mark.usefixtures("context")
def test_operators_get_one_letter_however_long_it_lasts(settings: Settings, cast: Cast) -> None:
    carla = cast.carla.email
    operator = update(User).where(User.id == cast.carla.user_id).values(is_operator=True)
    db.session.execute(operator)
    break_seal()
    db.session.commit()
    for _ in range(3):
        on()
        assert letters(settings, carla) == 1
    _calm_causes()
    on()
    break_seal()  # what comes back within the hour is the same story
    db.session.commit()
    assert on() == {Alarm.SEALS}
    assert letters(settings, carla) == 1
    assert letters(settings, cast.ann.email) == 0


def denied(app: Flask, cast: Cast, who: str) -> list[AuditEntry]:
    somebody = getattr(cast, who)
    with app.app_context(), acting_for(somebody.organisation_id):
        mine = (AuditEntry.action == denials.ACTION, AuditEntry.actor_id == somebody.user_id)
        found = list(db.session.scalars(select(AuditEntry).where(*mine)))
        db.session.remove()
    return found


def strays(app: Flask, cast: Cast) -> bool:
    with app.app_context(), acting_for(cast.yan.organisation_id):
        found = denials.someone_strays(cast.yan.organisation_id)
        db.session.remove()
    return found


def test_who_goes_from_id_to_id_is_written_down_and_raises_an_alarm(app: Flask, cast: Cast) -> None:
    yan = Critic.of(app).sign_in(cast.yan)
    assert yan.get(f"/dashboard/clients/{cast.bea.client_id}").status_code == 404
    assert yan.get(f"/dashboard/clients/{cast.bea.client_id}").status_code == 404  # the same again
    assert yan.get(f"/dashboard/clients/{cast.carl.client_id}").status_code == 404
    assert not strays(app, cast)
    switched = {"organisation_id": str(cast.ann.organisation_id)}
    assert yan.post_form("/organisations/switch", switched, page="/account").status_code == 404
    assert strays(app, cast)
    with app.app_context():
        assert alarming.somebody_strays()
    found = denied(app, cast, "yan")
    assert str(cast.bea.client_id) in {each.details["id"] for each in found}
    assert {each.subject_id for each in found} == {None}


def test_a_token_that_goes_from_id_to_id_is_noticed_too(app: Flask, cast: Cast) -> None:
    program = Program(app.test_client(use_cookies=False), a_token(app, cast.yan))
    for somebody in (str(cast.bea.client_id), str(cast.carl.client_id), str(uuid4())):
        assert program("GET", f"/clients/{somebody}").status_code == 404
    assert strays(app, cast)


def test_the_log_of_a_business_is_not_flooded(app: Flask, cast: Cast) -> None:
    yan = Critic.of(app).sign_in(cast.yan)
    for _ in range(denials.MOST_ENTRIES + 5):
        yan.get(f"/dashboard/clients/{uuid4()}")
    assert len(denied(app, cast, "yan")) == denials.MOST_ENTRIES


def test_what_a_client_of_ones_own_does_not_share_is_nobodys_straying(
    app: Flask, cast: Cast
) -> None:
    ann = Critic.of(app).sign_in(cast.ann)
    path = f"/dashboard/clients/{cast.bea.client_id}/days/2026-05-14/fields/hrv"
    assert ann.get(path).status_code == 404
    assert ann.get("/nowhere").status_code == 404
    assert denied(app, cast, "ann") == []
