"""The one-page summary of a client, as a page and as PDF, for their coach and for themselves."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from coach.accounts import audit
from coach.accounts.access import Viewer, clients_only, coaches_only, viewer
from coach.accounts.fair_use import EXPORT, limited
from coach.accounts.models import Client
from coach.dashboard.client_range import CHOICES, Range
from coach.days.calendar import today
from coach.exporting.naming import attachment
from coach.web.htmx import go_to
from coach.weekly import paper, summary
from coach.work.leases import now

bp = Blueprint("summary", __name__, template_folder="templates")
OF_CLIENT = "/dashboard/clients/<uuid:client_id>/summary"


@bp.get(OF_CLIENT)
@coaches_only
def client(client_id: UUID) -> ResponseReturnValue:
    looking = viewer()
    found = looking.client_or_404(client_id)
    shares = looking.shared([found.id])[found.id]
    audit.viewed("summary", found.id, shares, by=looking.user_id)
    shown = _shown(found)
    return _page(looking, found, shown, {"client_id": found.id})


@bp.get(f"{OF_CLIENT}.pdf")
@coaches_only
@limited(EXPORT)
def client_pdf(client_id: UUID) -> ResponseReturnValue:
    looking = viewer()
    found = looking.client_or_404(client_id)
    audit.record("client_exported", by=looking.user_id, subject=found.id)
    shown = _shown(found)
    return _pdf(looking, found, shown, _address(".client", shown, client_id=found.id))


@bp.get("/cabinet/summary")
@clients_only
def own() -> ResponseReturnValue:
    looking = viewer()
    found = looking.own_client()
    return _page(looking, found, _shown(found), {})


@bp.get("/cabinet/summary.pdf")
@clients_only
@limited(EXPORT)
def own_pdf() -> ResponseReturnValue:
    looking = viewer()
    found = looking.own_client()
    audit.record("data_exported", by=looking.user_id, subject=found.id)
    shown = _shown(found)
    return _pdf(looking, found, shown, _address(".own", shown))


def _address(endpoint: str, shown: Range, **where: UUID) -> str:
    values: dict[str, Any] = {**where, **shown.words}
    return url_for(endpoint, **values)


def _shown(found: Client) -> Range:
    return Range.read(request.args, newest=today(now(), found.timezone))


def _page(looking: Viewer, found: Client, shown: Range, where: dict[str, UUID]) -> str:
    return render_template(
        "weekly/summary.html",
        told=summary.of_client(found, shown, by=looking),
        shown=shown,
        choices=CHOICES,
        where=where,
        whole={**where, **shown.words},
        endpoint=request.endpoint,
    )


def _pdf(looking: Viewer, found: Client, shown: Range, page: str) -> ResponseReturnValue:
    told = summary.of_client(found, shown, by=looking)
    try:
        made = paper.typeset(told)
    except paper.CannotTypeset:
        flash(_("The PDF could not be made just now. Print this page instead."), "warning")
        return go_to(page)
    response = Response(made, content_type="application/pdf")
    name = f"{found.name} {shown.first} {shown.last}.pdf"
    response.headers["Content-Disposition"] = attachment(name)
    return response
