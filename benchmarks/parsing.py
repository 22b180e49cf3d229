"""How fast the rows of an export are read alone: by us, and by those who only split lines."""

import csv
import io
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from coach.csv_import.archive import read_upload
from coach.csv_import.reading import Accepted, read_rows


def compare(lives: Sequence[tuple[Path, Mapping[str, bytes]]]) -> dict[str, object]:
    """Give rows per second of each reader over the same files, medians over the lives in turn.

    A life is an archive and the files in it. Each is read once, as nobody imports a file twice: what
    a reader remembers of one person's numbers and times is of little use with the next one.
    """
    readers: dict[str, Callable[[Path, Mapping[str, bytes]], int]] = {
        "ours": lambda archive, _: _ours(archive),
        "dictreader": lambda _, files: _dict_reader(files),
    }
    for name in ("polars", "pandas"):
        if find_spec(name):
            readers[name] = lambda _, files, name=name: _frames(name, files)  # type: ignore[misc]
    speeds: dict[str, list[float]] = {name: [] for name in readers}
    for life in lives:
        for name, read in readers.items():
            began = time.perf_counter()
            rows = read(*life)
            speeds[name].append(rows / (time.perf_counter() - began))
    found = {name: round(statistics.median(runs)) for name, runs in speeds.items()}
    return {
        f"parsing_{name}_rows_per_s": found.get(name, "not installed")
        for name in ("ours", "dictreader", "polars", "pandas")
    }


def _ours(archive: Path) -> int:
    """Read the archive as an import does: recognised, checked, each cell in its type."""
    rows = 0
    for file in read_upload(archive, archive.name):
        with file.open() as text:
            rows += sum(isinstance(each, Accepted) for each in read_rows(file.name, text))
    return rows


def _dict_reader(files: Mapping[str, bytes]) -> int:
    """Split the lines of the files, which lie open already, and leave every cell as text."""
    texts = (io.StringIO(content.decode(), newline="") for content in files.values())
    return sum(1 for text in texts for _ in csv.DictReader(text))


def _frames(library: str, files: Mapping[str, bytes]) -> int:
    read = import_module(library).read_csv
    return sum(len(read(io.BytesIO(content))) for content in files.values())
