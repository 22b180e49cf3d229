"""One made-up row of each kind, and short ways to read a file."""

import io

from coach.csv_import.problems import Problem
from coach.csv_import.reading import Accepted, read_rows
from coach.csv_import.rows import Row
from tests.factories import export

NIGHT = export.night("2025-05-01 23:10:05", "2025-05-02 07:00:01")
CYCLE = export.within("2025-05-01 23:10:00", "2025-05-02 23:00:00") | export.day() | NIGHT
NAP = export.within("2025-05-01 23:10:00") | export.nap(
    "2025-05-02 14:00:00", "2025-05-02 14:40:00"
)
RUN = export.within("2025-05-01 23:10:00") | export.workout(
    "2025-05-02 18:00:00", "2025-05-02 18:45:30"
)
COFFEE = export.within("2025-05-01 23:10:00") | export.answer("Have any caffeine? ")


def read(content: str) -> list[Accepted | Problem]:
    return list(read_rows("made_up.csv", io.StringIO(content, newline="")))


def rows(content: str) -> list[Row]:
    return [found.row for found in read(content) if isinstance(found, Accepted)]


def problems(content: str) -> list[Problem]:
    return [found for found in read(content) if isinstance(found, Problem)]


def one_cycle(**cells: str) -> str:
    return export.text(
        export.C26, [CYCLE | {name.replace("_", " "): it for name, it in cells.items()}]
    )
