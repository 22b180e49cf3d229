"""Whether every sealed row opens. Rows that do not are named by their ids; nothing of them is shown."""

from collections.abc import Iterator

from coach.accounts.installation import known_keys
from coach.doctor.findings import Finding, Ground, fail, ok, warn
from coach.keys.columns import SEALED, Row, SealedColumn, rows_of
from coach.sealing import DoesNotOpen, KeysAway, Sealer
from coach.sealing.sealer import parts_of

MOST_NAMED = 20
UNDO = "Put the missing key back into ENCRYPTION_KEYS, or let these people link or set up again."


def keys(ground: Ground) -> Iterator[Finding]:
    """Tell whether we have every key that is needed."""
    ring = ground.settings.sealer
    missing = known_keys() - ring.ids
    if missing:
        names = ", ".join(sorted(missing))
        yield fail("keys", f"missing: {names}", "Put them back into ENCRYPTION_KEYS or KMS_KEYS.")
    else:
        yield ok("keys", f"{len(ring.ids)} at hand, {ring.newest} seals")


def rows(ground: Ground) -> Iterator[Finding]:
    """Open everything that is sealed."""
    if ground.all_rows is None:
        does = "Set MIGRATION_DATABASE_URL here, or run this where it is set."
        yield warn("sealed rows", "not looked at: no role here sees every row", does)
        return
    closed: list[str] = []
    count = older = 0
    try:
        for column, row in _all(ground):
            count += 1
            older += _is_older(column, row, ground.settings.sealer)
            if not _opens(column, row, ground.settings.sealer):
                closed.append(f"{column.name} {column.place_of(row)}")
    except KeysAway as away:
        yield fail("sealed rows", str(away), "Check KMS_KEYS and the service's credentials.")
        return
    yield from _told(count, older, closed)


def _told(count: int, older: int, closed: list[str]) -> Iterator[Finding]:
    for name in closed[:MOST_NAMED]:
        yield fail("sealed rows", f"does not open: {name}", UNDO)
    if len(closed) > MOST_NAMED:
        yield fail("sealed rows", f"and {len(closed) - MOST_NAMED} more do not open", UNDO)
    if older:
        says = f"{older} of {count} are sealed with an older key"
        yield warn("sealed rows", says, "Run `coach rotate-keys`.")
    if not closed and not older:
        yield ok("sealed rows", f"all {count} open")


def _all(ground: Ground) -> Iterator[tuple[SealedColumn, Row]]:
    if ground.all_rows is None:
        return
    with ground.all_rows.connect() as connection:
        for column in SEALED:
            for page in rows_of(connection, column):
                yield from ((column, row) for row in page)


def _opens(column: SealedColumn, row: Row, sealer: Sealer) -> bool:
    place = column.place_of(row)
    try:
        for value in column.values_in(row["stored"]):
            sealer.open(value, place=place)
    except DoesNotOpen:
        return False
    return True


def _is_older(column: SealedColumn, row: Row, sealer: Sealer) -> bool:
    return any(parts_of(each)[1] != sealer.newest for each in column.values_in(row["stored"]))


LOOKS = (keys, rows)
