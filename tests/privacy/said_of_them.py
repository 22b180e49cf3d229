"""What others say of somebody, what is made for them, and what is on its way, with a canary in it."""

from flask import Flask
from flask_babel import force_locale

from coach import mail
from coach.accounts.person_models import EmailChange
from coach.alerts.models import Alert, AlertRule
from coach.api.models import ApiToken, IdempotencyKey
from coach.csv_import.models import Import, ImportDay
from coach.database.base import Base
from coach.database.tenancy import acting_for
from coach.days.models import Workout
from coach.extensions import db
from coach.insights.words_models import RewrittenWords
from coach.weekly.models import WeeklyPlan
from coach.whoop.apps import installation_app
from coach.whoop.models import WebhookEvent
from tests.cast import Cast
from tests.privacy.knowing import AT, DAY


def say_more(app: Flask, cast: Cast, canary: str) -> None:
    """Let Bea, who lives by now, be planned for, alerted about, announced and written to."""
    with app.app_context(), acting_for(cast.bea.organisation_id):
        db.session.add_all([*_by_her(cast, canary), *_of_her(cast, canary)])
        db.session.flush()
        db.session.add_all(_children(cast, canary))
        db.session.commit()
        letter = {"name": canary, "link": f"http://localhost/{canary}"}
        with force_locale("en"):
            mail.send("check_ins/mail/reminder.txt", to=[cast.bea.email], subject=canary, **letter)
        db.session.remove()


def _by_her(cast: Cast, canary: str) -> list[Base]:
    bea = cast.bea
    address = f"{canary.lower()}@new.example"
    return [
        ApiToken(
            organisation_id=bea.organisation_id,
            holder="person",
            user_id=bea.user_id,
            made_by=bea.user_id,
            name=canary,
            token_hash=canary,
            ending="0000",
            scopes=[],
        ),
        EmailChange(
            token_hash=canary,
            user_id=bea.user_id,
            email=address,
            old_email=bea.email,
            expires_at=AT,
        ),
    ]


def _of_her(cast: Cast, canary: str) -> list[Base]:
    own = {"organisation_id": cast.bea.organisation_id, "client_id": cast.bea.client_id}
    coach = cast.ann.membership_id
    monday = DAY.replace(day=11)
    return [
        WeeklyPlan(**own, coach_id=coach, monday=monday, text=canary),
        RewrittenWords(**own, language="en", by_rule=canary, by_rule_hash="0", text=canary),
        AlertRule(
            organisation_id=cast.ann.organisation_id, coach_id=coach, signals=[], timezone="UTC"
        ),
        Workout(
            **own,
            key=canary,
            date=DAY,
            started_at=AT,
            offset_minutes=0,
            sources=[],
            activity=canary,
        ),
        WebhookEvent(
            whoop_app_id=installation_app(),
            trace_id=canary,
            external_user_id=canary,
            type="workout.updated",
            object_id=canary,
            body=canary.encode(),
            state="unmatched",
        ),
    ]


def _children(cast: Cast, canary: str) -> list[Base]:
    own = {"organisation_id": cast.bea.organisation_id}
    rule = db.session.scalars(db.select(AlertRule.id)).one()
    token = db.session.scalars(db.select(ApiToken.id).where(ApiToken.name == canary)).one()
    upload = db.session.scalars(db.select(Import.id)).one()
    return [
        Alert(
            **own,
            rule_id=rule,
            client_id=cast.bea.client_id,
            signal="reconnect",
            date=DAY,
            shown_until=DAY,
            formula_version=1,
            evidence={"since": DAY.isoformat(), "said": canary},
            state="open",
        ),
        IdempotencyKey(**own, token_id=token, key=canary, request_hash="0", body=canary),
        ImportDay(
            **own, import_id=upload, date=DAY, fate="new", changed={"notes": canary}, kept={}
        ),
    ]
