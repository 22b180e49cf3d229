"""What is stored of one client that the formulas need, in three statements."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from coach.check_ins import reading
from coach.database.tenancy import current_organisation
from coach.days.metrics import Source
from coach.days.models import DailyLog
from coach.extensions import db
from coach.insights.life import METRICS, KnownDay, Life, life_of

# Whether a person said how much sleep is needed; NULL where nobody says.
NEED_TYPED = DailyLog.sources["sleep_need_hours"].as_string() == Source.MANUAL.value
_COLUMNS = [getattr(DailyLog, name) for name in METRICS]


def life(client_id: UUID, *, first: date, until: date) -> Life:
    """Read what is known of a client from `first` to `until`."""
    return life_of(
        _days(client_id, first, until),
        reading.check_ins([client_id], first=first, last=until),
        reading.tags([client_id], first=first, last=until),
        first=first,
        until=until,
    )


def _days(client_id: UUID, first: date, until: date) -> list[KnownDay]:
    rows = db.session.execute(
        select(
            *(DailyLog.date, DailyLog.mood, DailyLog.doubtful, DailyLog.state, NEED_TYPED),
            *_COLUMNS,
        ).where(
            DailyLog.organisation_id == current_organisation(),
            DailyLog.client_id == client_id,
            DailyLog.date.between(first, until),
        )
    )
    return [
        KnownDay(
            *(day, dict(zip(METRICS, values, strict=True)), mood, doubtful, state != "final"),
            need_typed=bool(typed),
        )
        for day, mood, doubtful, state, typed, *values in rows
    ]
