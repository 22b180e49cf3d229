"""The rows of a client, of the dates a caller asks for: days of the client's own calendar."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, SQLColumnExpression

from coach.accounts.models import Client
from coach.api.clients import EARLIEST, LATEST
from coach.api.shapes import Chosen
from coach.database.base import Base


def theirs(table: type[Base], client: Client) -> tuple[ColumnElement[bool], ...]:
    """Say in SQL that a row of a table is a client's, who was found by the eyes of the caller."""
    columns = table.__table__.columns
    mine = {"organisation_id": client.organisation_id, "client_id": client.id}
    return tuple(columns[name] == value for name, value in mine.items())


def of_dates(day: SQLColumnExpression[date], asked: Chosen) -> list[ColumnElement[bool]]:
    """Say in SQL that a row is of one of the dates, both ends included."""
    after = [day >= asked.start_date] if asked.start_date else []
    return [*after, day <= asked.end_date] if asked.end_date else after


def on_dates(
    moment: SQLColumnExpression[datetime], asked: Chosen, client: Client
) -> list[ColumnElement[bool]]:
    """Say in SQL that something happened on one of the dates, by the client's clock of today."""
    after = [moment >= _begins(asked.start_date, client)] if asked.start_date else []
    if asked.end_date is None:
        return after
    last = min(asked.end_date, LATEST)
    return [*after, moment < _begins(last + timedelta(days=1), client)]


def _begins(day: date, client: Client) -> datetime:
    """Say when a day begins where a client is; nothing of ours is older than the earliest."""
    return datetime.combine(max(day, EARLIEST), time(), ZoneInfo(client.timezone)).astimezone(UTC)
