"""What a simulated member would get from WHOOP's data export."""

import csv
import io
from datetime import UTC, datetime

from coach.simulator.export import export_files, export_zip
from coach.simulator.members import Member, cast
from tests.browser.people import Person

NOW = datetime.now(UTC)


def archive_of(person: Person) -> bytes:
    return export_zip(_member(person), NOW)


def rows_of(person: Person, file: str) -> int:
    """Count the rows of one file of the archive."""
    return len(list(csv.DictReader(io.StringIO(export_files(_member(person), NOW)[file]))))


def _member(person: Person) -> Member:
    everybody = cast(seed=1, today=NOW.date())
    return next(member for member in everybody if member.email.startswith(f"{person.member}@"))
