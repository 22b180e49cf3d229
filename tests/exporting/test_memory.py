"""A long life takes no more memory to export than a short one."""

import gc
import tracemalloc
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from coach.database.bulk import upsert_rows
from coach.database.tenancy import acting_for
from coach.exporting.archive import everything
from coach.exporting.tables import DAYS
from coach.exporting.writing import table_as_csv
from coach.extensions import db
from tests.exporting.carrying import reader_of, take_in
from tests.factories.exports.fixtures import archive
from tests.factories.exports.years import export
from tests.verification.one_client import OneClient
from tests.whoop.conftest import NOW

FIRST = date(2024, 1, 1)
SPARE = 600_000


def test_two_years_of_days_take_no_more_memory_than_seven_months(
    bea: OneClient, carl: OneClient
) -> None:
    _live(bea, days=210)  # two pages and a bit
    _live(carl, days=730)
    peak_of(_days(carl))  # what is imported and prepared once does not count
    short, long = peak_of(_days(bea)), peak_of(_days(carl))
    assert long < short + SPARE


@pytest.mark.slow
def test_the_archive_of_two_years_takes_no_more_memory_than_that_of_seven_months(
    bea: OneClient, carl: OneClient
) -> None:
    for client, days in ((bea, 210), (carl, 730)):
        files = export(cycles=days, naps=40, workouts=days, answers=days * 4, seed=1)
        take_in(client, archive(files))
    peak_of(_all(bea))
    short, long = peak_of(_all(bea)), peak_of(_all(carl))
    assert long < short + SPARE


def peak_of(chunks: Iterator[bytes]) -> int:
    """Give the most bytes that were held at once while chunks were taken and thrown away."""
    gc.collect()
    tracemalloc.start()
    try:
        for _ in chunks:
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _days(client: OneClient) -> Iterator[bytes]:
    return table_as_csv(DAYS, reader_of(client).pages(DAYS))


def _all(client: OneClient) -> Iterator[bytes]:
    return everything(reader_of(client), "Read me.", made_at=NOW)


def _live(client: OneClient, *, days: int) -> None:
    with client.app.app_context(), acting_for(client.who.organisation_id):
        owner = {
            "organisation_id": str(client.who.organisation_id),
            "client_id": str(client.client_id),
        }
        values = {"hrv": 61.5, "sleep_hours": 7.25, "notes": "a note " * 40, "source": "manual"}
        sources = {"hrv": "manual", "sleep_hours": "manual", "notes": "manual"}
        rows = [
            {
                **owner,
                **values,
                "date": (FIRST + timedelta(days=day)).isoformat(),
                "sources": sources,
                "doubtful": [],
                "calibrating": False,
                "state": "final",
                "version": 1,
            }
            for day in range(days)
        ]
        key = ("organisation_id", "client_id", "date")
        upsert_rows(db.session(), "daily_logs", rows, key=key)
        db.session.commit()
