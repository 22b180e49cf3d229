"""Makes the file with everything: what the download holds, and every row of the register.

A worker that dies leaves a half file that the next try writes anew; the row says how far it is.
"""

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from flask.globals import app_ctx
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import RowMapping, Table, func, select, tuple_, update

from coach.accounts.links import enter_in_directory, strike_from_directory, token_for
from coach.accounts.models import Client, TokenKind, User
from coach.csv_import.guarding import guarded
from coach.database.base import Base
from coach.database.tenancy import current_organisation
from coach.days.calendar import today
from coach.exporting import archive
from coach.exporting.reader import Reader
from coach.exporting.readme import readme
from coach.extensions import db, settings
from coach.privacy.models import Export, ExportState
from coach.privacy.people import Person, person_of
from coach.privacy.register import REGISTER, LeftOut, Told
from coach.work.asking import Kind
from coach.work.leases import Piece, unit_of_work
from coach.work.models import Queue
from coach.work.perform import does

MAKE = Kind("make_export", Queue.UPKEEP)
KEPT = timedelta(days=1)
ROWS_A_PAGE = 1_000
FOLDER = "everything"


def file_of(export_id: UUID) -> Path:
    """Say where a made file lies."""
    return settings().coach_home.absolute() / "exports" / f"{export_id}.zip"


@does(MAKE)
def make(piece: Piece) -> None:
    """Do one piece of work: make the file, then open its link for a day."""
    key = (piece.organisation_id, piece.subject_id)
    with unit_of_work():
        export = db.session.get(Export, key)
        if export is None or export.state == ExportState.GONE:
            discard(piece.subject_id)  # what an earlier try may have left
        if export is None or export.state != ExportState.MAKING:
            return
        who, name, zone, locale = _about(export)
        export.rows_all = sum(_count(table, told, who) for table, told in _told())
        export.rows_done = 0
    final, half = file_of(piece.subject_id), file_of(piece.subject_id).with_suffix(".part")
    with (
        force_locale(locale),
        _private(half) as target,
        ZipFile(target, "w", ZIP_DEFLATED) as zipped,
    ):
        about = readme(name, today(piece.started_at, zone).isoformat())
        _write_download(zipped, who, about, piece.started_at)
        _write_register(zipped, who, piece.subject_id)
    half.replace(final)
    with unit_of_work():
        _open_link(piece, final.stat().st_size)


def call_off(who: Person) -> list[UUID]:
    """Take back all files of somebody, made or being made, in the running transaction; which."""
    mine = (Export.organisation_id == who.organisation_id, Export.client_id == who.client_id)
    gone = update(Export).where(*mine).values(state=ExportState.GONE).returning(Export.id)
    made = db.session.scalars(gone).all()
    for export_id in made:
        strike_from_directory(TokenKind.DOWNLOAD, token_for(TokenKind.DOWNLOAD, export_id))
    return list(made)


def forget_old(organisation_id: UUID, now: datetime) -> None:
    """Mark files of one organisation whose day is over, and delete them."""
    gone = update(Export).where(
        Export.organisation_id == organisation_id,
        Export.state == ExportState.READY,
        Export.expires_at <= now,
    )
    for export_id in db.session.scalars(gone.values(state=ExportState.GONE).returning(Export.id)):
        discard(export_id)


def discard(export_id: UUID) -> None:
    """Delete a made file, whole or half."""
    file_of(export_id).unlink(missing_ok=True)
    file_of(export_id).with_suffix(".part").unlink(missing_ok=True)


def forget_old_files(now: datetime) -> None:
    """Delete every file that is older than its day, whatever became of its row."""
    for path in (settings().coach_home.absolute() / "exports").glob("*"):
        if now.timestamp() - path.stat().st_mtime > KEPT.total_seconds():
            path.unlink(missing_ok=True)


def _about(export: Export) -> tuple[Person, str, str, str]:
    client = db.session.get_one(Client, (export.organisation_id, export.client_id))
    user = db.session.get(User, export.user_id)
    locale = (user.locale if user else None) or "en"
    return person_of(export.client_id), client.name, client.timezone, locale


def _open_link(piece: Piece, size: int) -> None:
    """Let the file be fetched, unless its client has been deleted meanwhile."""
    ready = {"state": ExportState.READY, "size": size, "expires_at": func.now() + KEPT}
    made = update(Export).where(
        Export.organisation_id == piece.organisation_id,
        Export.id == piece.subject_id,
        Export.state == ExportState.MAKING,
    )
    if db.session.scalar(made.values(ready).returning(Export.id)) is None:
        discard(piece.subject_id)
        return
    token = token_for(TokenKind.DOWNLOAD, piece.subject_id)
    enter_in_directory(
        TokenKind.DOWNLOAD, token, organisation_id=piece.organisation_id, row_id=piece.subject_id
    )


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        yield target


def _write_download(zipped: ZipFile, who: Person, about: str, made_at: datetime) -> None:
    reader = Reader(app_ctx.app, who.organisation_id, who.client_id)
    for name, chunks in archive.files(reader, about, made_at):
        with zipped.open(name, "w") as target:
            for chunk in chunks:
                target.write(chunk)


def _write_register(zipped: ZipFile, who: Person, export_id: UUID) -> None:
    zipped.writestr(f"{FOLDER}/README.txt", "\r\n".join(_left_out()).encode("utf-8-sig"))
    for table, told in _told():
        with zipped.open(f"{FOLDER}/{table.name}.csv", "w") as target:
            target.write("\ufeff".encode() + _as_csv([told.columns]))
            for rows in _pages(table, told, who):
                target.write(_as_csv([_cell(value) for value in row.values()] for row in rows))
        with zipped.open(f"{FOLDER}/{table.name}.jsonl", "w") as target:
            for rows in _pages(table, told, who):
                target.write("".join(f"{json.dumps(row)}\n" for row in rows).encode())
                _say_progress(export_id, len(rows))


def _told() -> Iterator[tuple[Table, Told]]:
    for name, entry in REGISTER.items():
        if isinstance(entry, Told):
            yield Base.metadata.tables[name], entry


def _count(table: Table, told: Told, who: Person) -> int:
    return db.session.scalar(select(func.count()).where(told.whose(table, who))) or 0


def _pages(table: Table, told: Told, who: Person) -> Iterator[list[dict[str, object]]]:
    """Read a table by its key, a page to a transaction."""
    key = list(table.primary_key.columns)
    after: tuple[object, ...] | None = None
    while True:
        wanted = select(table).where(told.whose(table, who)).order_by(*key).limit(ROWS_A_PAGE)
        if after:
            wanted = wanted.where(tuple_(*key) > tuple_(*after))
        with unit_of_work():
            rows = db.session.execute(wanted).mappings().all()
        yield [_plain(row, told) for row in rows]
        if len(rows) < ROWS_A_PAGE:
            return
        after = tuple(rows[-1][column.name] for column in key)


def _say_progress(export_id: UUID, rows: int) -> None:
    mine = (Export.organisation_id == current_organisation(), Export.id == export_id)
    with unit_of_work():
        done = update(Export).where(*mine).values(rows_done=Export.rows_done + rows)
        db.session.execute(done)


def _plain(row: RowMapping, told: Told) -> dict[str, object]:
    return {name: _value(row[name]) for name in told.columns}


def _value(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value if isinstance(value, bool | int | float | dict | list | None) else str(value)


def _as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return guarded(value)
        case dict() | list():
            return json.dumps(value)
        case _:
            return str(value)


def _left_out() -> Iterator[str]:
    """Say what is not in the folder and why."""
    yield _(
        "This folder holds every row we keep about you, table by table, for spreadsheets (.csv) and programs (.jsonl)."
    )
    yield _("Left out:")
    for name, entry in REGISTER.items():
        if isinstance(entry, LeftOut):
            yield f"  {name}: {entry.reason.value}"
            continue
        for column, reason in entry.left.items():
            yield f"  {name}.{column}: {reason.value}"
