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
BEA = frozenset({CLIENT})
COACHES = frozenset({COACH})  # of Bea

MATRIX = [
    _get("static", "/static/icon.svg", ANYBODY),
    _get("health.alive", "/healthz", ANYBODY),
    _get("health.ready", "/readyz", ANYBODY),
    # Without METRICS_TOKEN there is nothing; tests/observability has the rest.
    _get("metrics.show", "/metrics", ANYBODY, ok=frozenset({404})),
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
    _get("check_ins.check_in", "/cabinet/check-in", CLIENTS),
    _post("check_ins.answer", "/cabinet/check-in", CLIENTS),
    _get("check_ins.tags", "/cabinet/tags", CLIENTS),
    _post("check_ins.add_tag", "/cabinet/tags", CLIENTS),
    _post(
        "check_ins.end_tag",
        "/cabinet/tags/{tag}/end",
        CLIENTS,
        sees=frozenset({CLIENT}),
        ok=frozenset({303}),
    ),
    _get("csv_import.imports", "/cabinet/imports", CLIENTS),
    _post("csv_import.upload", "/cabinet/imports", CLIENTS),
    _get("csv_import.report", "/cabinet/imports/{upload}", CLIENTS, sees=frozenset({CLIENT})),
    _post("csv_import.apply", "/cabinet/imports/{upload}/application", CLIENTS, sees=BEA),
    _post("csv_import.discard", "/cabinet/imports/{upload}/discard", CLIENTS, sees=BEA),
    _get("csv_import.ask_undo", "/cabinet/imports/{upload}/undo", CLIENTS, sees=BEA),
    _post("csv_import.undo", "/cabinet/imports/{upload}/undo", CLIENTS, sees=BEA),
    _get("exporting.show", "/cabinet/export", CLIENTS),
    _get("exporting.everything", "/cabinet/export/data.zip", CLIENTS),
    _get("exporting.one_table", "/cabinet/export/days.csv", CLIENTS),
    _get("whoop.show", "/cabinet/whoop", CLIENTS),
    _get("whoop.explain", "/cabinet/whoop/connect", CLIENTS),
    _post("whoop.connect", "/cabinet/whoop/connect", CLIENTS),
    _get("whoop.callback", "/cabinet/whoop-callback?error=access_denied", CLIENTS),
    _get("whoop.callback_own_app", "/cabinet/whoop-callback/absent?error=x", CLIENTS, ok=GONE),
    _get("whoop.callback_alias", "/integrations/whoop/callback?error=x", CLIENTS),
    _get("whoop.callback_old_alias", "/oauth/whoop/callback/?error=x", CLIENTS),
    _post("whoop.sync", "/cabinet/whoop/sync", CLIENTS, ok=frozenset({409})),
    _get("whoop.other_account", "/cabinet/whoop/account", CLIENTS, ok=frozenset({404})),
    _post("whoop.other_account", "/cabinet/whoop/account", CLIENTS, ok=frozenset({404})),
    _get("whoop.disconnect", "/cabinet/whoop/disconnect", CLIENTS, ok=frozenset({404})),
    _post("whoop.disconnect", "/cabinet/whoop/disconnect", CLIENTS, ok=frozenset({404})),
    _get("sync_health.overview", "/organisation/sync", OWNERS),
    # tests/whoop/test_app_pages.py has organisations with an app of their own.
    _get("whoop_app.show", "/organisation/whoop", OWNERS),
    _post("whoop_app.enter", "/organisation/whoop", OWNERS, ok=frozenset({422})),
    _post("whoop_app.add_secret", "/organisation/whoop/secrets", OWNERS, ok=GONE),
    _post("whoop_app.retire", "/organisation/whoop/secrets/retirement", OWNERS, ok=GONE),
    _post("whoop_app.limit", "/organisation/whoop/limits", OWNERS, ok=GONE),
    _post("whoop_app.remove", "/organisation/whoop/removal", OWNERS, ok=GONE),
    # A form is not what WHOOP sends; tests/whoop/test_webhook.py has the rest.
    _post("whoop_webhooks.receive", "/webhooks/whoop", ANYBODY, ok=frozenset({415})),
    _get("dashboard.roster_page", "/dashboard", STAFF),
    _get(
        "exporting.days_of_client",
        "/dashboard/clients/{client}/export.csv",
        STAFF,
        sees=frozenset({OWNER, COACH}),
    ),
    _get("roster_actions.actions", "/dashboard/clients/{client}/actions", STAFF, sees=COACHES),
    # Bea shares no check-in with anybody here; tests/dashboard has those who do.
    _post(
        "roster_actions.see",
        "/dashboard/clients/{client}/check-ins/2026-05-14/receipt",
        STAFF,
        sees=frozenset(),
    ),
    _post(
        "roster_actions.reply",
        "/dashboard/clients/{client}/check-ins/2026-05-14/reply",
        STAFF,
        sees=frozenset(),
    ),
    _post("roster_actions.note", "/dashboard/clients/{client}/notes", STAFF, sees=COACHES),
    _post("roster_actions.tag", "/dashboard/clients/{client}/tags", STAFF, sees=COACHES),
    _get(
        "dashboard.client",
        "/dashboard/clients/{client}",
        STAFF,
        sees=frozenset({OWNER, COACH}),
    ),
    _get(
        "client.diary",
        "/dashboard/clients/{client}/diary",
        STAFF,
        sees=frozenset({OWNER, COACH}),
    ),
    # An owner looks; only who coaches a client types for them.
    _get(
        "client.day",
        "/dashboard/clients/{client}/days/2026-05-14",
        STAFF,
        sees=frozenset({COACH}),
    ),
    _post(
        "client.correct_day",
        "/dashboard/clients/{client}/days/2026-05-14",
        STAFF,
        sees=frozenset({COACH}),
    ),
]
