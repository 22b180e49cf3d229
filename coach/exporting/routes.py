"""Download one's own data; a coach downloads the days that a client shares."""

from collections.abc import Iterator
from uuid import UUID

from flask import Blueprint, Response, abort, render_template
from flask.globals import app_ctx
from flask.typing import ResponseReturnValue

from coach.accounts import audit
from coach.accounts.access import Viewer, clients_only, coaches_only, viewer
from coach.accounts.fair_use import EXPORT, limited
from coach.accounts.models import Client
from coach.accounts.proving import proven
from coach.days.calendar import today
from coach.exporting import archive
from coach.exporting.naming import attachment
from coach.exporting.reader import Reader
from coach.exporting.readme import readme
from coach.exporting.tables import NAMED, TABLES, Table, days_for
from coach.exporting.writing import table_as_csv
from coach.work.leases import now

bp = Blueprint("exporting", __name__, template_folder="templates")
CSV, ZIP = "text/csv; charset=utf-8", "application/zip"


@bp.get("/cabinet/export")
@clients_only
def show() -> ResponseReturnValue:
    return render_template("exporting/export.html", tables=TABLES)


@bp.get("/cabinet/export/data.zip")
@clients_only
@proven
@limited(EXPORT)
def everything() -> ResponseReturnValue:
    looking, moment = viewer(), now()
    client = looking.own_client()
    audit.record("data_exported", by=looking.user_id, subject=client.id)
    about = readme(client.name, today(moment, client.timezone).isoformat())
    chunks = archive.everything(_reader(looking, client), about, made_at=moment)
    return _download(chunks, client, "data.zip", ZIP)


@bp.get("/cabinet/export/<name>.csv")
@clients_only
@proven
@limited(EXPORT)
def one_table(name: str) -> ResponseReturnValue:
    looking, table = viewer(), NAMED.get(name)
    client = looking.own_client()
    if table is None:
        abort(404)
    audit.record("data_exported", by=looking.user_id, subject=client.id, details={"tables": [name]})
    return _table(table, looking, client)


@bp.get("/dashboard/clients/<uuid:client_id>/export.csv")
@coaches_only
@limited(EXPORT)
def days_of_client(client_id: UUID) -> ResponseReturnValue:
    looking = viewer()
    client = looking.client_or_404(client_id)
    shared = looking.shared([client.id])[client.id]
    said: dict[str, str | int | list[str]] = {"groups": sorted(shared)}
    audit.record("client_exported", by=looking.user_id, subject=client.id, details=said)
    return _table(days_for(shared), looking, client)


def _table(table: Table, looking: Viewer, client: Client) -> Response:
    chunks = table_as_csv(table, _reader(looking, client).pages(table))
    return _download(chunks, client, f"{table.name}.csv", CSV)


def _reader(looking: Viewer, client: Client) -> Reader:
    return Reader(app_ctx.app, looking.organisation_id, client.id)


def _download(chunks: Iterator[bytes], client: Client, what: str, kind: str) -> Response:
    day = today(now(), client.timezone).isoformat()
    response = Response(chunks, content_type=kind)
    response.headers["Content-Disposition"] = attachment(f"{client.name} {day} {what}")
    response.headers["Cache-Control"] = "no-store"
    return response
