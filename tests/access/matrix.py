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
NOBODY = "00000000-0000-7000-8000-000000000000"
BEA = frozenset({CLIENT})
COACHES = frozenset({COACH})  # of Bea
KNOW_BEA = frozenset({OWNER, COACH})
OF_ANN = KNOW_BEA | {OTHER_COACH}  # staff of Ann's organisation

MATRIX = [
    _get("static", "/static/icon.svg", ANYBODY),
    _get("gallery.show", "/gallery", ANYBODY),
    _get("health.alive", "/healthz", ANYBODY),
    _get("health.ready", "/readyz", ANYBODY),
    _get("api.check_health", "/api/v1/health", ANYBODY),
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
    _post("account.change_name", "/account/name", EVERYBODY),
    _post("account.change_email", "/account/email", EVERYBODY),
    _get("account.confirm_email", "/account/email/absent", ANYBODY, ok=GONE),
    _post("account.confirm_email", "/account/email/absent", ANYBODY, ok=GONE),
    _post("account.change_password", "/account/password", EVERYBODY),
    _post("account.choose", "/account/preferences", EVERYBODY),
    # tests/accounts/test_devices.py has sessions of other people.
    _post("account.end_session", "/account/sessions/end", EVERYBODY, ok=frozenset({404})),
    _post("account.end_other_sessions", "/account/sessions/end-others", EVERYBODY),
    _get("factors.show", "/account/second-factor", EVERYBODY),
    _post("factors.confirm", "/account/second-factor", EVERYBODY),
    _post("factors.renew_codes", "/account/second-factor/codes", EVERYBODY, ok=frozenset({409})),
    _post("factors.remove", "/account/second-factor/removal", EVERYBODY),
    _get("factors.code", "/sign-in/code", ANYBODY, ok=frozenset({303})),
    _post("factors.code", "/sign-in/code", ANYBODY),
    _get("factors.prove", "/account/proof", EVERYBODY),
    _post("factors.prove", "/account/proof", EVERYBODY),
    _get("factors.security", "/organisation/security", OWNERS),
    _post("factors.security", "/organisation/security", OWNERS),
    _get("legal.privacy", "/privacy", ANYBODY),
    _get("legal.terms", "/terms", ANYBODY),
    _post("accounts.switch", "/organisations/switch", EVERYBODY, ok=frozenset({404})),
    _get("people.accept", "/invitations/absent", ANYBODY, ok=GONE),
    _post("people.accept", "/invitations/absent", ANYBODY, ok=GONE),
    _get("inviting.many", "/invitations/many", STAFF),
    _post("inviting.invite_many", "/invitations/many", STAFF),
    _post(
        "inviting.resend",
        "/invitations/{invitation}/reminder",
        STAFF,
        sees=frozenset({OWNER, COACH}),
        ok=frozenset({303}),
    ),
    _post("inviting.ask_guardian", "/invitations/absent/guardian", ANYBODY, ok=GONE),
    _get("inviting.guardian", "/invitations/absent/guardian/x", ANYBODY, ok=GONE),
    _post("inviting.guardian", "/invitations/absent/guardian/x", ANYBODY, ok=GONE),
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
    _get("groups.overview", "/organisation/groups", STAFF),
    _post("groups.make", "/organisation/groups", STAFF),
    _get("groups.show", "/organisation/groups/{group}", STAFF, sees=OF_ANN),
    _post("groups.put", "/organisation/groups/{group}/clients", STAFF, sees=OF_ANN),
    # Bea is in it: who does not know of her may not do this to her group.
    _post("groups.rename", "/organisation/groups/{group}/name", STAFF, sees=KNOW_BEA),
    _post("groups.remove", "/organisation/groups/{group}/removal", STAFF, sees=KNOW_BEA),
    _get("cabinet.today", "/cabinet", CLIENTS),
    _get("cabinet.days", "/cabinet/days", CLIENTS),
    _get("cabinet.day", "/cabinet/days/2026-05-14", CLIENTS),
    _get("cabinet.integrations", "/cabinet/integrations", CLIENTS),
    _get("sharing.show", "/cabinet/sharing", CLIENTS),
    _post("sharing.save", "/cabinet/sharing", CLIENTS),
    _get("sharing.log", "/cabinet/sharing/log", CLIENTS),
    # tests/privacy has those whose members these are.
    _get("sharing.preview", f"/cabinet/sharing/preview/{NOBODY}", CLIENTS, ok=frozenset({404})),
    _get("sharing.organisation_log", "/organisation/log", OWNERS),
    _get("rights.show", "/cabinet/data", CLIENTS),
    _post("rights.make", "/cabinet/data/export", CLIENTS),
    _get("rights.download", "/downloads/absent", EVERYBODY, ok=GONE),
    _get("rights.erase_whoop", "/cabinet/data/whoop", CLIENTS),
    _post("rights.erase_whoop", "/cabinet/data/whoop", CLIENTS),
    _get("leaving.leave", "/account/leaving", EVERYBODY),
    _post("leaving.leave", "/account/leaving", EVERYBODY),
    _get("leaving.delete_account", "/account/deletion", EVERYBODY),
    _post("leaving.delete_account", "/account/deletion", EVERYBODY),
    _get("leaving.remove", f"/people/{NOBODY}/removal", OWNERS, ok=frozenset({404})),
    _post("leaving.remove", f"/people/{NOBODY}/removal", OWNERS, ok=frozenset({404})),
    _get("leaving.decide", "/leaving/absent", ANYBODY, ok=GONE),
    _post("leaving.decide", "/leaving/absent", ANYBODY, ok=GONE),
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
    _post("check_ins.remind", "/cabinet/check-in/reminder", CLIENTS),
    _get("favicon.show", "/favicon.ico", ANYBODY),
    _get("offline.worker", "/service-worker.js", ANYBODY),
    _get("offline.page", "/offline", ANYBODY),
    _get("offline.token", "/cabinet/check-in/token", CLIENTS),
    _post("offline.arrive", "/cabinet/check-in/unsent", CLIENTS),
    _get("my_day.welcome", "/cabinet/welcome", CLIENTS),
    _post("my_day.choose_trends", "/cabinet/trends-only", CLIENTS),
    _get("my_day.field", "/cabinet/days/2026-05-14/fields/hrv", CLIENTS),
    _post("my_day.change_field", "/cabinet/days/2026-05-14/fields/hrv", CLIENTS),
    _get("csv_import.imports", "/cabinet/imports", CLIENTS),
    _post("csv_import.upload", "/cabinet/imports", CLIENTS),
    _get("csv_import.report", "/cabinet/imports/{upload}", CLIENTS, sees=frozenset({CLIENT})),
    _post("csv_import.apply", "/cabinet/imports/{upload}/application", CLIENTS, sees=BEA),
    _post("csv_import.compare", "/cabinet/imports/{upload}/preview", CLIENTS, sees=BEA),
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
    # Whoever has a code may open it; tests/api/test_linking_code.py has those that count.
    _get("api_linking.show", "/link/whoop/absent", ANYBODY, ok=GONE),
    _post("api_linking.agree", "/link/whoop/absent", ANYBODY, ok=GONE),
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
    _get("alerts.listed", "/dashboard/alerts", STAFF),
    _post("alerts.acknowledge", "/dashboard/alerts/{alert}/acknowledgement", STAFF, sees=COACHES),
    _post("alerts.snooze", "/dashboard/alerts/{alert}/snooze", STAFF, sees=COACHES),
    _post("alerts.reopen", "/dashboard/alerts/{alert}/reopening", STAFF, sees=COACHES),
    _get("alerts.rules", "/dashboard/alerts/rules", STAFF),
    _post("alerts.keep_rules", "/dashboard/alerts/rules", STAFF),
    _get("alerts.nudges", "/cabinet/nudges", CLIENTS),
    _post("alerts.choose_nudges", "/cabinet/nudges", CLIENTS),
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
    # tests/dashboard has those who wrote these.
    _post(
        "taking_back.note",
        f"/dashboard/clients/{{client}}/notes/{NOBODY}/removal",
        STAFF,
        sees=frozenset(),
    ),
    _post(
        "taking_back.tag",
        f"/dashboard/clients/{{client}}/tags/{NOBODY}/removal",
        STAFF,
        sees=frozenset(),
    ),
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
    # Bea shares no field here; what is shared is told in tests/dashboard/test_client_page_day.py.
    _get(
        "client.field",
        "/dashboard/clients/{client}/days/2026-05-14/fields/hrv",
        STAFF,
        sees=frozenset(),
    ),
    _post(
        "client.correct_field",
        "/dashboard/clients/{client}/days/2026-05-14/fields/hrv",
        STAFF,
        sees=frozenset(),
    ),
    _get("weekly.group_now", "/dashboard/weeks", STAFF, ok=frozenset({303})),
    _get("weekly.group", "/dashboard/weeks/2026-W20", STAFF),
    _post("weekly.plan_group", "/dashboard/weeks/2026-W20/plan", STAFF),
    _post("weekly.switch_mail", "/dashboard/weeks/mail", STAFF),
    _get(
        "weekly.client_now",
        "/dashboard/clients/{client}/weeks",
        STAFF,
        sees=frozenset({OWNER, COACH}),
        ok=frozenset({303}),
    ),
    _get(
        "weekly.client",
        "/dashboard/clients/{client}/weeks/2026-W20",
        STAFF,
        sees=frozenset({OWNER, COACH}),
    ),
    _post(
        "weekly.plan_client",
        "/dashboard/clients/{client}/weeks/2026-W20/plan",
        STAFF,
        sees=COACHES,
    ),
    _get("weekly.own_now", "/cabinet/weeks", CLIENTS, ok=frozenset({303})),
    _get("weekly.own", "/cabinet/weeks/2026-W20", CLIENTS),
    _get(
        "summary.client",
        "/dashboard/clients/{client}/summary",
        STAFF,
        sees=frozenset({OWNER, COACH}),
    ),
    _get(
        "summary.client_pdf",
        "/dashboard/clients/{client}/summary.pdf",
        STAFF,
        sees=frozenset({OWNER, COACH}),
    ),
    _get("summary.own", "/cabinet/summary", CLIENTS),
    _get("summary.own_pdf", "/cabinet/summary.pdf", CLIENTS),
    _get(
        "client_periods.show",
        "/dashboard/clients/{client}/comparison",
        STAFF,
        sees=frozenset({OWNER, COACH}),
    ),
    # Nobody here runs the installation; tests/operator has somebody who does.
    _get("operator.status", "/operator", frozenset()),
    _get("operator.announcements", "/operator/announcements", frozenset()),
    _get("operator.syncs", "/operator/syncs", frozenset()),
    _get("operator.runs", f"/operator/organisations/{NOBODY}", frozenset()),
    _post("operator.replay_work", f"/operator/failed/{NOBODY}/replay", frozenset()),
    _post("operator.replay_announcement", f"/operator/announcements/{NOBODY}/replay", frozenset()),
    # The operations of the API stand in tests/api/matrix.py.
    _get("api_docs.openapi", "/api/openapi.json", ANYBODY),
    _get("api_docs.docs", "/api/docs", ANYBODY),
    _get("api_tokens.show", "/account/tokens", EVERYBODY),
    _post("api_tokens.make", "/account/tokens", EVERYBODY),
    _post(
        "api_tokens.revoke",
        f"/account/tokens/{NOBODY}/revocation",
        EVERYBODY,
        ok=frozenset({404}),
    ),
]
