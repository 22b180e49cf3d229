"""The whole export as one ZIP, made while it is sent: nothing is kept in memory or on disk."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from coach.csv_import.headers import Kind
from coach.exporting.reader import Reader
from coach.exporting.tables import TABLES
from coach.exporting.writing import table_as_csv, tables_as_json, whoop_file

FOLDER = "whoop"
# As WHOOP calls them; ours beside them are called otherwise.
WHOOP_FILES = {
    Kind.CYCLE: "physiological_cycles.csv",
    Kind.SLEEP: "sleeps.csv",
    Kind.WORKOUT: "workouts.csv",
    Kind.JOURNAL: "journal_entries.csv",
}
_FOR_OWNER_ONLY = 0o600 << 16


def everything(reader: Reader, readme: str, *, made_at: datetime) -> Iterator[bytes]:
    """Give the archive in pieces."""
    pipe = _Pipe()
    with ZipFile(pipe, "w", ZIP_DEFLATED) as archive:
        for name, chunks in files(reader, readme, made_at):
            entry = ZipInfo(name, made_at.timetuple()[:6])
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = _FOR_OWNER_ONLY
            with archive.open(entry, "w") as target:
                for chunk in chunks:
                    target.write(chunk)
                    yield from pipe.taken()
            yield from pipe.taken()
    yield from pipe.taken()


def files(reader: Reader, readme: str, made_at: datetime) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Give the files of the archive by name, each in pieces."""
    yield "README.txt", [readme.encode("utf-8-sig")]
    for table in TABLES:
        yield f"coach-{table.name}.csv", table_as_csv(table, reader.pages(table))
    all_pages = ((table, reader.pages(table)) for table in TABLES)
    yield "coach-data.json", tables_as_json(all_pages, made_at=made_at)
    for kind, name in WHOOP_FILES.items():
        yield f"{FOLDER}/{name}", whoop_file(kind, reader.whoop_pages(kind))


class _Pipe:
    """Takes bytes and cannot go back: sizes come after the data, as in WHOOP's archives."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, some: bytes) -> int:
        self._waiting += some
        return len(some)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing has to be let go."""

    def taken(self) -> Iterator[bytes]:
        """Give what waits, if anything does."""
        if self._waiting:
            some, self._waiting = bytes(self._waiting), bytearray()
            yield some
