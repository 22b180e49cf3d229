"""What lies in the archive and what every column means, in the reader's language."""

from collections.abc import Iterator

from flask_babel import gettext as _

from coach.exporting.columns import Column
from coach.exporting.tables import TABLES


def readme(name: str, day: str) -> str:
    """Write it for one person; lines end as the plainest editor wants them."""
    return "\r\n".join([*_about(name, day), *_of_tables()]) + "\r\n"


def _about(name: str, day: str) -> Iterator[str]:
    yield _("The data of %(name)s in Coach, as of %(day)s.", name=name, day=day)
    yield ""
    yield _(
        "The files coach-*.csv open in any spreadsheet: commas between the cells, points in numbers,"
        " UTF-8. An empty cell means that nothing is known."
    )
    yield _(
        "A text that a spreadsheet would take for a formula has an apostrophe before it. In"
        " coach-data.json, which holds the same for programs, it has none."
    )
    yield _(
        "The folder whoop holds what came from WHOOP, in the form of WHOOP's own export and without"
        " what was typed by hand. Upload this ZIP to Coach and the same days are there again."
    )


def _of_tables() -> Iterator[str]:
    for table in TABLES:
        yield ""
        yield f"coach-{table.name}.csv: {table.title}"
        yield from (_line(column) for column in table.columns)


def _line(column: Column) -> str:
    unit = f" ({column.unit})" if column.unit else ""
    return f"  {column.name}: {column.words}{unit}"
