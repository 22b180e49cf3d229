"""What reading an upload writes: its rows in batches, and how each compares with what stood."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, update

from coach.csv_import import standing
from coach.csv_import.models import Import, ImportRow
from coach.csv_import.reading import Accepted
from coach.csv_import.rows import Row as ExportRow
from coach.csv_import.rows import parsed
from coach.database.bulk import Row, upsert_rows
from coach.database.tenancy import current_organisation
from coach.extensions import db
from coach.work.leases import unit_of_work

ROW_KEY = ("organisation_id", "client_id", "kind", "key", "import_id")


class RowStore:
    """Stores the rows of one import; each batch is one transaction with its progress."""

    def __init__(self, import_id: UUID, client_id: UUID, watch: Callable[[int], None]) -> None:
        self.reaches_to: datetime | None = None  # the newest cycle's start
        self.first_at: datetime | None = None
        self.last_at: datetime | None = None
        self.seconds_lost = False
        self._import_id = import_id
        self._client_id = client_id
        self._owner: Row = {
            "organisation_id": str(current_organisation()),
            "client_id": str(client_id),
            "import_id": str(import_id),
        }
        self._watch = watch
        self._standing = standing.imports_of(client_id)

    def add(self, lines: Sequence[Accepted]) -> Counter[str]:
        """Store one batch; says how many rows are new, changed, unchanged and repeated."""
        rows: dict[tuple[str, str], Row] = {}
        for line in lines:
            kind, key = line.row.kind.value, line.row.key
            rows[kind, key] = self._row(line, kind, key)
        with unit_of_work():
            before = self._known([key for _, key in rows])
            upsert_rows(db.session(), ImportRow.__tablename__, list(rows.values()), key=ROW_KEY)
            change(self._import_id, rows_done=Import.rows_done + len(lines))
        said = Counter(_compared(before.get(at), row["parsed"]) for at, row in rows.items())
        said["repeated"] += len(lines) - len(rows)  # exact duplicates are normal in the journal
        self._reach([line.row for line in lines])
        self._watch(len(lines))
        return said

    def _reach(self, rows: Sequence[ExportRow]) -> None:
        begun = [row.starts_at for row in rows]
        cycles = [row.cycle_start_time for row in rows]
        self.reaches_to = max([*cycles, *filter(None, [self.reaches_to])], default=None)
        self.first_at = min([*begun, *filter(None, [self.first_at])], default=None)
        self.last_at = max([*begun, *filter(None, [self.last_at])], default=None)

    def _row(self, line: Accepted, kind: str, key: str) -> Row:
        return {
            **self._owner,
            "kind": kind,
            "key": key,
            "starts_at": line.row.starts_at,
            "raw": line.raw,
            "parsed": parsed(line.row),
        }

    def _known(self, keys: Sequence[str]) -> dict[tuple[str, str], dict[str, object]]:
        """Give what stands under these keys."""
        if not self._standing:
            return {}
        stand = standing.newest(self._client_id, self._standing).where(ImportRow.key.in_(keys))
        return {(kind, key): values for kind, key, values, _ in db.session.execute(stand)}


def begin_again(upload: Import) -> None:
    """Forget what an earlier try has stored."""
    db.session.execute(
        delete(ImportRow).where(
            ImportRow.organisation_id == current_organisation(),
            ImportRow.client_id == upload.client_id,  # the index begins with it
            ImportRow.import_id == upload.id,
        )
    )


def change(import_id: UUID, **values: object) -> None:
    """Change columns of an import in the running transaction."""
    db.session.execute(
        update(Import)
        .where(Import.organisation_id == current_organisation(), Import.id == import_id)
        .values(values)
    )


def _compared(before: object, now: object) -> str:
    if before is None:
        return "new"
    return "unchanged" if before == now else "changed"
