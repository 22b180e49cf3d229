"""Who may call what, as data: every route and method of the application stands here.

Roles are those of two organisations. `home` is the organisation that owns the object a path names;
the other organisation's people must get the same answer as for an object that does not exist.
"""

from dataclasses import dataclass

VISITOR = "visitor"
OWNER, COACH, OTHER_COACH = "olga", "ann", "carla"
CLIENT, OTHER_CLIENT = "bea", "carl"
STRANGERS = frozenset({"zoe", "yan", "xenia"})
STAFF = frozenset({OWNER, COACH, OTHER_COACH, "zoe", "yan"})
CLIENTS = frozenset({CLIENT, OTHER_CLIENT, "xenia"})
EVERYBODY = STAFF | CLIENTS
ANYBODY = EVERYBODY | {VISITOR}
OWNERS = frozenset({OWNER, "zoe"})


@dataclass(frozen=True)
class Rule:
    """One route and method: whose role lets them in, and who of those may see the object."""

    endpoint: str
    method: str
    path: str
    role: frozenset[str]
    sees: frozenset[str] | None = None  # None: the path names nobody's object
    ok: frozenset[int] = frozenset({200})


def _get(endpoint: str, path: str, role: frozenset[str], **more: object) -> Rule:
    return Rule(endpoint, "GET", path, role, **more)  # type: ignore[arg-type]


def _post(endpoint: str, path: str, role: frozenset[str], **more: object) -> Rule:
    more.setdefault("ok", frozenset({303, 422}))
    return Rule(endpoint, "POST", path, role, **more)  # type: ignore[arg-type]


GONE = frozenset({404, 410})

MATRIX = [
    _get("static", "/static/icon.svg", ANYBODY),
    _get("health.alive", "/healthz", ANYBODY),
    _get("health.ready", "/readyz", ANYBODY),
    _get("accounts.home", "/", EVERYBODY, ok=frozenset({303})),
    _get("accounts.sign_in", "/sign-in", ANYBODY, ok=frozenset({200, 303})),
    _post("accounts.sign_in", "/sign-in", ANYBODY),
    _post("accounts.sign_out", "/sign-out", ANYBODY),
    _get("accounts.forgot", "/forgot", ANYBODY),
    _post("accounts.forgot", "/forgot", ANYBODY),
    _get("accounts.reset", "/reset/absent", ANYBODY, ok=GONE),
    _post("accounts.reset", "/reset/absent", ANYBODY, ok=GONE),
    _get("accounts.setup", "/setup/absent", ANYBODY, ok=GONE),
    _post("accounts.setup", "/setup/absent", ANYBODY, ok=GONE),
    _get("accounts.account", "/account", EVERYBODY),
    _post("accounts.switch", "/organisations/switch", EVERYBODY, ok=frozenset({404})),
    _get("people.accept", "/invitations/absent", ANYBODY, ok=GONE),
    _post("people.accept", "/invitations/absent", ANYBODY, ok=GONE),
    _get("people.people", "/people", STAFF),
    _post("people.invite", "/invitations", STAFF),
    _post(
        "people.withdraw",
        "/invitations/{invitation}/withdrawal",
        STAFF,
        sees=frozenset({OWNER, COACH}),
        ok=frozenset({303}),
    ),
    _post("people.assign", "/people/assignments", OWNERS, ok=frozenset({404})),
    _get("cabinet.today", "/cabinet", CLIENTS),
    _get("cabinet.days", "/cabinet/days", CLIENTS),
    _get("cabinet.day", "/cabinet/days/2026-05-14", CLIENTS),
    _post("cabinet.edit_day", "/cabinet/days/2026-05-14", CLIENTS),
    _get("cabinet.integrations", "/cabinet/integrations", CLIENTS),
    _get("cabinet.sharing", "/cabinet/sharing", CLIENTS),
    _post("cabinet.share", "/cabinet/sharing", CLIENTS),
    _get("csv_import.imports", "/cabinet/imports", CLIENTS),
    _post("csv_import.upload", "/cabinet/imports", CLIENTS),
    _get("csv_import.report", "/cabinet/imports/{upload}", CLIENTS, sees=frozenset({CLIENT})),
    _get("whoop.show", "/cabinet/whoop", CLIENTS),
    _get("whoop.explain", "/cabinet/whoop/connect", CLIENTS),
    _post("whoop.connect", "/cabinet/whoop/connect", CLIENTS),
    _get("whoop.callback", "/cabinet/whoop-callback?error=access_denied", CLIENTS),
    _get("whoop.callback_alias", "/integrations/whoop/callback?error=x", CLIENTS),
    _get("whoop.callback_old_alias", "/oauth/whoop/callback/?error=x", CLIENTS),
    _post("whoop.sync", "/cabinet/whoop/sync", CLIENTS, ok=frozenset({409})),
    _get("whoop.disconnect", "/cabinet/whoop/disconnect", CLIENTS, ok=frozenset({404})),
    _post("whoop.disconnect", "/cabinet/whoop/disconnect", CLIENTS, ok=frozenset({404})),
    # A form is not what WHOOP sends; tests/whoop/test_webhook.py has the rest.
    _post("whoop_webhooks.receive", "/webhooks/whoop", ANYBODY, ok=frozenset({415})),
    _get("dashboard.roster_page", "/dashboard", STAFF),
    _get(
        "dashboard.client",
        "/dashboard/clients/{client}",
        STAFF,
        sees=frozenset({OWNER, COACH}),
    ),
]
