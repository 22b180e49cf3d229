"""When an alarm is on: a few questions over all organisations, each answered by yes or no."""

from datetime import timedelta
from typing import Final

from sqlalchemy import Select, func, or_, select, text
from sqlalchemy.orm import InstrumentedAttribute

from coach.accounts import denials, throttle
from coach.accounts.models import LoginAttempt
from coach.accounts.organisations import every_organisation
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.sealing import DoesNotOpen
from coach.whoop import gauges
from coach.whoop.grant.models import AppStanding, TokenCall
from coach.whoop.grant.verdicts import MASS_COUNT, MASS_WITHIN, Outcome
from coach.work.models import OPEN_STATES, Work

AN_HOUR: Final = timedelta(hours=1)
# Five tries, then a wait of 15 minutes: who has forgotten a password seldom goes on for so long.
TRIES_AN_HOUR: Final = 15
TRIES_IN_ALL: Final = throttle.TRIES_IN_ALL // 10
WAITS_SECONDS: Final = 600
SPENT: Final = 0.8
OLDEST: Final = "coach_webhooks_oldest_unprocessed_seconds"


def somebody_guesses() -> bool:
    """Tell whether an account, an address or all together have seen too many tries in vain."""
    of_account = _tries_by(LoginAttempt.account_hash, AN_HOUR, TRIES_AN_HOUR)
    of_address = _tries_by(LoginAttempt.address_hash, throttle.WINDOW, throttle.TRIES_PER_ADDRESS)
    lately = LoginAttempt.created_at > func.now() - throttle.WINDOW
    in_all = select(func.count() >= TRIES_IN_ALL).select_from(LoginAttempt).where(lately)
    found = select(or_(of_account.exists(), of_address.exists(), in_all.scalar_subquery()))
    return bool(db.session.scalar(found))


def somebody_strays() -> bool:
    """Tell whether anybody goes from id to id that is not theirs."""
    organisations = every_organisation()
    db.session.commit()
    for organisation_id in organisations:
        with acting_for(organisation_id):
            strays = denials.someone_strays(organisation_id)
            db.session.commit()
        if strays:
            return True
    return False


def seals_break() -> bool:
    """Tell whether work comes to nothing because something that is sealed does not open."""
    live = or_(text(OPEN_STATES), text("state = 'failed'"))
    broken = select(Work.id).where(live, Work.error == DoesNotOpen.__name__)
    return db.session.scalar(broken.limit(1)) is not None


def grants_die() -> bool:
    """Tell whether WHOOP refuses an app, or so many of its grants that it is hardly people's doing."""
    refused = AppStanding.refused_since.is_not(None)
    unwell = select(AppStanding.whoop_app_id).where(
        or_(refused, AppStanding.frozen_until > func.now())
    )
    dead = (
        select(TokenCall.whoop_app_id)
        .where(
            TokenCall.outcome == Outcome.DEAD.value, TokenCall.ended_at > func.now() - MASS_WITHIN
        )
        .group_by(TokenCall.whoop_app_id)
        .having(func.count(func.distinct(TokenCall.integration_id)) >= MASS_COUNT)
    )
    return bool(db.session.scalar(select(or_(unwell.exists(), dead.exists()))))


def announcements_wait() -> bool:
    """Tell whether something that WHOOP announced is not followed for long."""
    ages = [each.value for it in gauges.behind() for each in it.samples if each.name == OLDEST]
    return max(ages) > WAITS_SECONDS


def quota_is_nearly_spent() -> bool:
    """Tell whether an app has used up most of its day."""
    return gauges.spent_of_day() > SPENT


def _tries_by(whose: InstrumentedAttribute[str], within: timedelta, most: int) -> Select[str]:
    lately = LoginAttempt.created_at > func.now() - within
    return select(whose).where(lately).group_by(whose).having(func.count() >= most)
