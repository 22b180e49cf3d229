"""Where a signed-in person can go, by role."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, current_app, g, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from coach.accounts.access import Viewer
from coach.accounts.models import Role
from coach.extensions import settings
from coach.web.session import current_session
from coach.web.taste import taste


@dataclass(frozen=True, slots=True)
class Item:
    """One place in the navigation."""

    label: str
    href: str
    icon: str
    current: bool
    count: Callable[[], int] | None = None  # how much waits there, asked when it is shown


def register(app: Flask) -> None:
    """Give every template the viewer and the places they can go."""

    @app.context_processor
    def places() -> dict[str, object]:
        if "broken" in g or current_session().unreachable or not current_user.is_authenticated:
            return {"viewer": None, "navigation": []}
        items = [] if current_user.owes_factor else _items(current_user.viewer)
        return {"viewer": current_user.viewer, "navigation": items, "theme": taste().theme}


def count(app: Flask, endpoint: str, waiting: Callable[[], int]) -> None:
    """Let a feature say how much waits for who looks at one of the places."""
    app.extensions.setdefault("waiting", {})[endpoint] = waiting


def _items(viewer: Viewer) -> list[Item]:
    if viewer.role is Role.CLIENT:
        return [
            _item(_("Today"), "cabinet.today", "heart-pulse"),
            _item(_("Check-in"), "check_ins.check_in", "pencil"),
            _item(_("My days"), "cabinet.days", "calendar"),
            _item(_("Integrations"), "cabinet.integrations", "link"),
            _item(_("Sharing"), "sharing.show", "users"),
        ]
    return [
        _item(_("Roster"), "dashboard.roster_page", "activity"),
        _item(_("Week"), "weekly.group_now", "calendar"),
        _item(_("Alerts"), "alerts.listed", "triangle-alert"),
        _item(_("People"), "people.people", "users"),
        *_of_owner(viewer),
    ]


def _of_owner(viewer: Viewer) -> list[Item]:
    if viewer.role is not Role.OWNER:
        return []
    log = _item(_("Log"), "sharing.organisation_log", "file-text")
    if not settings().feature_whoop_integration:
        return [log]
    return [
        log,
        _item(_("Sync"), "sync_health.overview", "refresh-cw"),
        _item(_("WHOOP"), "whoop_app.show", "link"),
    ]


def _item(label: str, endpoint: str, icon: str) -> Item:
    waiting = current_app.extensions.get("waiting", {}).get(endpoint)
    return Item(label, url_for(endpoint), icon, request.endpoint == endpoint, waiting)
