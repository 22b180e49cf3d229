"""Which file this is: by its titles in any language we know, else by the shape of its rows."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from coach.csv_import.cells import comma_number, flag, folded, offset
from coach.csv_import.headers import (
    GENERATIONS,
    NEEDED,
    SHARED,
    Column,
    Form,
    Generation,
    Header,
    Kind,
)
from coach.csv_import.languages import TRANSLATED, Language
from coach.csv_import.times import DateOrder, Unreadable, instant

_ENOUGH = 4  # titles beside the shared ones that make a file ours beyond doubt

_COLUMNS: dict[Kind, dict[str, Column]] = {}
for _it in GENERATIONS:  # the fullest of a kind comes first and stays
    _COLUMNS.setdefault(_it.kind, {column.field: column for column in _it.columns})
_ENGLISH = {it.field: it.title for columns in _COLUMNS.values() for it in columns.values()}
_WRITTEN = {Language.ENGLISH: _ENGLISH, **TRANSLATED}
_TITLES = {
    language: {folded(title): field for field, title in titles.items()}
    for language, titles in _WRITTEN.items()
}
# Another tool's copies of WHOOP's files say it so.
_TITLES[Language.ENGLISH][folded("Answered yes/no")] = "answered_yes"
_STARTS = {it: folded(titles["cycle_start_time"]) for it, titles in _WRITTEN.items()}
_FIELDS = {title: field for titles in reversed(_TITLES.values()) for title, field in titles.items()}

_NEVER_EMPTY = {
    "cycle_start_time",
    "offset_minutes",
    "workout_start_time",
    "activity_name",
    "nap",
}

Places = tuple[Column | None, ...]


def recognise(titles: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> Header | None:
    """Tell which file this is and what each column holds; None when it is none of ours.

    `rows` are the first of the file. They tell it where the titles do not: in an unknown language
    the columns stand in the same order.
    """
    if bare := _by_shape([titles], _as_wide_as(titles)):
        english = tuple(column.title for column in bare.columns)
        return Header(bare.kind, english, bare.columns, generation=bare.name, headless=True)
    names = [folded(title) for title in titles]
    found = _placed(names, rows)
    if found is None:
        return None
    kind, columns = found
    return Header(kind, tuple(titles), columns, _language(names), _generation(columns))


def lacking(titles: Sequence[str]) -> str:
    """Name the column without which a file that is ours by its other titles cannot be read."""
    kind, named = _by_name([folded(title) for title in titles])
    if kind is None or len({*named} - SHARED - {None}) < _ENOUGH:
        return ""
    return next((column.title for column in NEEDED if column not in named), "")


def _placed(names: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[Kind, Places] | None:
    """Place the columns by name; a title we do not know is told by its place among the others."""
    kind, named = _by_name(names)
    fitting = [it for it in _as_wide_as(names) if _fits(it.columns, named)]
    if kind and {*NEEDED} <= {*named}:
        return kind, next((it.columns for it in fitting if it.kind is kind), named)
    shaped = _by_shape(rows, fitting)
    return (shaped.kind, shaped.columns) if shaped else None


def _by_name(names: Sequence[str]) -> tuple[Kind | None, Places]:
    """Find the kind with most of the titles; of two equal titles the first counts."""
    fields = [_FIELDS.get(name, "") for name in names]
    known = {*fields} - {""}
    kind = max(_COLUMNS, key=lambda kind: len(known & _COLUMNS[kind].keys()))
    columns = _COLUMNS[kind]
    first = {field: place for place, field in reversed(list(enumerate(fields)))}
    places = tuple(
        columns.get(field) if first[field] == place else None for place, field in enumerate(fields)
    )
    return (kind if {*places} - SHARED - {None} else None), places


def _as_wide_as(titles: Sequence[str]) -> list[Generation]:
    return [it for it in GENERATIONS if len(it.columns) == len(titles)]


def _fits(columns: Sequence[Column], named: Places) -> bool:
    return all(name is None or name == it for it, name in zip(columns, named, strict=True))


def _by_shape(rows: Iterable[Sequence[str]], among: Sequence[Generation]) -> Generation | None:
    """Pick the file that most of the rows look like; a bad cell costs a row its vote only."""
    if not among:
        return None
    votes = Counter(it for cells in rows for it in among if _looks_like(it, cells))
    return max(votes, key=votes.__getitem__, default=None)


def _looks_like(generation: Generation, cells: Sequence[str]) -> bool:
    if len(cells) != len(generation.columns):
        return False
    return all(
        _agrees(column.form, cell) if (cell := text.strip()) else column.field not in _NEVER_EMPTY
        for column, text in zip(generation.columns, cells, strict=True)
    )


def _agrees(form: Form, cell: str) -> bool:
    match form:
        case Form.TIME:
            return _reads(instant, cell, 0, DateOrder.DAY_FIRST) or _reads(
                instant, cell, 0, DateOrder.MONTH_FIRST
            )
        case Form.OFFSET:
            return offset(cell) is not None
        case Form.NUMBER:
            return _reads(comma_number, cell)
        case Form.FLAG:
            return _reads(flag, cell) or not _reads(comma_number, cell)
        case Form.TEXT:
            return not _reads(comma_number, cell)


def _reads(read: Callable[..., object], *text: object) -> bool:
    try:
        read(*text)
    except Unreadable:
        return False
    return True


def _language(names: Sequence[str]) -> Language | None:
    """Name the language of the title over the cycles' start, which no two languages share."""
    return next((it for it, starts in _STARTS.items() if starts in names), None)


def _generation(columns: Places) -> str | None:
    present = {*columns} - {None}
    return next((it.name for it in GENERATIONS if present == {*it.columns}), None)
