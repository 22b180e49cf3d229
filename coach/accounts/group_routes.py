"""The pages for making groups and putting clients in and out of them."""

from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from coach.accounts import groups
from coach.accounts.access import coaches_only, viewer
from coach.accounts.forms import GroupForm, typed
from coach.accounts.models import Client, Group
from coach.extensions import db
from coach.web.htmx import go_to

bp = Blueprint("groups", __name__, url_prefix="/organisation/groups", template_folder="templates")


@bp.get("")
@coaches_only
def overview() -> ResponseReturnValue:
    return _overview(GroupForm())


@bp.post("")
@coaches_only
def make() -> ResponseReturnValue:
    looking, form = viewer(), GroupForm()
    if not form.validate():
        return _overview(form), 422
    try:
        made = groups.make(typed(form.name), by=looking)
    except groups.NameTaken:
        form.name.errors = [_("There is a group of this name already.")]
        return _overview(form), 422
    return go_to(url_for("groups.show", group_id=made.id))


@bp.get("/<uuid:group_id>")
@coaches_only
def show(group_id: UUID) -> ResponseReturnValue:
    return _group(groups.group_or_404(viewer(), group_id))


@bp.post("/<uuid:group_id>/clients")
@coaches_only
def put(group_id: UUID) -> ResponseReturnValue:
    looking = viewer()
    found = groups.group_or_404(looking, group_id)
    groups.put(found, _chosen(request.form.getlist("client")), by=looking)
    flash(_("Saved."), "success")
    return go_to(url_for("groups.show", group_id=found.id))


@bp.post("/<uuid:group_id>/name")
@coaches_only
def rename(group_id: UUID) -> ResponseReturnValue:
    looking, form = viewer(), GroupForm()
    found = groups.ruled_or_404(looking, group_id)
    if not form.validate():
        return _group(found, form), 422
    try:
        groups.rename(found, typed(form.name), by=looking)
    except groups.NameTaken:
        form.name.errors = [_("There is a group of this name already.")]
        return _group(found, form), 422
    return go_to(url_for("groups.show", group_id=found.id))


@bp.post("/<uuid:group_id>/removal")
@coaches_only
def remove(group_id: UUID) -> ResponseReturnValue:
    looking = viewer()
    groups.remove(groups.ruled_or_404(looking, group_id), by=looking)
    flash(_("The group is removed; its clients stay."), "success")
    return go_to(url_for("groups.overview"))


def _chosen(said: list[str]) -> set[UUID]:
    """Read ids; what is none names nobody."""
    found = set()
    for each in said:
        try:
            found.add(UUID(each))
        except ValueError:
            continue
    return found


def _overview(form: GroupForm) -> str:
    return render_template("accounts/groups.html", form=form, squads=groups.squads(viewer()))


def _group(group: Group, form: GroupForm | None = None) -> str:
    looking = viewer()
    return render_template(
        "accounts/group.html",
        group=group,
        form=form or GroupForm(formdata=None, name=group.name),
        clients=db.session.scalars(looking.clients().order_by(Client.name)).all(),
        members=groups.members(group),
        may_rule=groups.may_rule(looking, group),
    )
