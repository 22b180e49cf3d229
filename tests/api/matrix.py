"""Every operation of the API, as data: who gets what with a token of theirs for all scopes.

`who` are those whose role lets them in (others get 403); `sees` those of them who may know of Bea,
whom the path names (others get 404); both get one of `ok`.
"""

from dataclasses import dataclass
from typing import Any

OWNER, COACH, OTHER_COACH, CLIENT, OTHER_CLIENT, SERVICE = (
    *("olga", "ann", "carla", "bea", "carl", "service"),
)
STRANGERS = frozenset({"zoe", "yan", "xenia"})
STAFF = frozenset({OWNER, COACH, OTHER_COACH, "zoe", "yan"})
CLIENTS = frozenset({CLIENT, OTHER_CLIENT, "xenia"})
PEOPLE = STAFF | CLIENTS
EVERYBODY = PEOPLE | {SERVICE}
KNOW_BEA = frozenset({OWNER, COACH, CLIENT, SERVICE})
THEMSELVES = CLIENTS | {SERVICE}
BEA = frozenset({CLIENT})
ACT_FOR_BEA = BEA | {SERVICE}


@dataclass(frozen=True)
class Operation:
    """One operation: its address, who may call it, and for whom Bea is there."""

    name: str
    method: str
    path: str
    who: frozenset[str] = EVERYBODY
    sees: frozenset[str] | None = None
    body: dict[str, Any] | None = None
    ok: frozenset[int] = frozenset({200})


def _of_bea(name: str, path: str, **more: Any) -> Operation:
    more.setdefault("sees", KNOW_BEA)
    return Operation(name, more.pop("method", "GET"), f"/clients/{{client}}{path}", **more)


# What Bea has nothing of answers 404 to those who may see it, too.
NONE_THERE = frozenset({404})
NOBODY = "0198a4f0-0000-7000-8000-000000000000"
DAY = "2026-05-14"

API_MATRIX = [
    Operation("list_clients", "GET", "/clients"),
    Operation(
        "create_client",
        "POST",
        "/clients",
        STAFF | {SERVICE},
        body={"name": "Nora"},
        ok=frozenset({201}),
    ),
    _of_bea("get_client", ""),
    _of_bea("get_profile", "/profile"),
    _of_bea(
        "change_client",
        "",
        method="PATCH",
        body={"external_id": "b-1"},
        who=frozenset({OWNER, "zoe", SERVICE}),
        sees=frozenset({OWNER, SERVICE}),
    ),
    _of_bea("list_days", "/days"),
    _of_bea("get_day", f"/days/{DAY}", ok=NONE_THERE),
    _of_bea(
        "edit_day",
        f"/days/{DAY}",
        method="PUT",
        body={"version": 99, "values": {}},
        sees=frozenset({COACH, CLIENT, SERVICE}),
        ok=frozenset({409}),
    ),
    _of_bea("get_health", f"/health/{DAY}", ok=NONE_THERE),
    *(
        _of_bea(f"list_{name}", f"/{name.replace('_', '-')}")
        for name in (
            *("cycles", "recoveries", "sleeps", "workouts", "body_measurements", "journal"),
            *("raw_records", "moods", "check_ins", "tags", "insights", "burnout_scores"),
        )
    ),
    *(
        _of_bea(f"{verb}_{one}", f"/{many}/{what}", ok=NONE_THERE)
        for one, many in (
            *(("cycle", "cycles"), ("recovery", "recoveries")),
            *(("sleep", "sleeps"), ("workout", "workouts")),
        )
        for verb, what in (("latest", "latest"), ("get", "absent"))
    ),
    _of_bea("get_summary", "/summary"),
    _of_bea("get_insight_words", "/insights/words", ok=NONE_THERE),
    _of_bea("get_rewriting", "/insights/rewriting"),
    _of_bea(
        "decide_rewriting",
        "/insights/rewriting",
        method="PUT",
        body={"agreed": True},
        who=CLIENTS,
        sees=BEA,
    ),
    _of_bea(
        "rate_mood",
        "/moods",
        method="POST",
        body={"rating": 7},
        who=THEMSELVES,
        sees=ACT_FOR_BEA,
        ok=frozenset({201}),
    ),
    _of_bea(
        "change_mood",
        f"/moods/{NOBODY}",
        method="PATCH",
        body={"rating": 7},
        who=THEMSELVES,
        ok=NONE_THERE,
    ),
    _of_bea(
        "answer_check_in",
        f"/check-ins/{DAY}",
        method="PUT",
        body={"stress": 3},
        who=THEMSELVES,
        sees=ACT_FOR_BEA,
    ),
    _of_bea(
        "reply_to_check_in",
        f"/check-ins/{DAY}/reply",
        method="PUT",
        body={"text": "Well done"},
        who=STAFF,
        ok=NONE_THERE,
    ),
    _of_bea(
        "tag_dates",
        "/tags",
        method="POST",
        body={"kind": "ill", "first_date": DAY},
        sees=frozenset({COACH, CLIENT, SERVICE}),
        ok=frozenset({201}),
    ),
    _of_bea("remove_tag", f"/tags/{NOBODY}", method="DELETE", who=THEMSELVES, ok=NONE_THERE),
    _of_bea("list_notes", "/notes", who=STAFF, sees=frozenset({COACH})),
    _of_bea(
        "write_note",
        "/notes",
        method="POST",
        body={"text": "Slept badly"},
        who=STAFF,
        sees=frozenset({COACH}),
        ok=frozenset({201}),
    ),
    _of_bea("get_preferences", "/preferences", who=THEMSELVES, sees=ACT_FOR_BEA),
    _of_bea(
        "change_preferences",
        "/preferences",
        method="PATCH",
        body={},
        who=THEMSELVES,
        sees=ACT_FOR_BEA,
    ),
    _of_bea("get_consents", "/consents"),
    _of_bea(
        "decide_consents",
        "/consents",
        method="PUT",
        body={"groups": []},
        who=CLIENTS,
        sees=BEA,
    ),
    Operation("list_invitations", "GET", "/invitations", STAFF | {SERVICE}),
    Operation(
        "invite",
        "POST",
        "/invitations",
        STAFF,
        body={"email": "nora@example.org", "name": "Nora"},
        ok=frozenset({201}),
    ),
    Operation("withdraw_invitation", "DELETE", f"/invitations/{NOBODY}", STAFF, ok=NONE_THERE),
    _of_bea("get_connection", "/whoop"),
    _of_bea("disconnect", "/whoop", method="DELETE", who=THEMSELVES, ok=NONE_THERE),
    Operation(
        "authorize",
        "POST",
        "/whoop/authorizations",
        THEMSELVES,
        ACT_FOR_BEA,
        {"client_id": "{client}"},
        frozenset({201}),
    ),
    Operation(
        "exchange",
        "POST",
        "/whoop/exchanges",
        THEMSELVES,
        ACT_FOR_BEA,
        {"client_id": "{client}", "code": "c", "state": "s"},
        frozenset({422}),
    ),
    Operation(
        "create_linking_code",
        "POST",
        "/whoop/linking-codes",
        frozenset({SERVICE}),
        body={"client_id": "{client}", "return_to": "https://app.example.org/"},
        ok=frozenset({422}),
    ),
    Operation(
        "list_return_addresses",
        "GET",
        "/whoop/return-addresses",
        frozenset({OWNER, "zoe", SERVICE}),
    ),
    Operation(
        "set_return_addresses",
        "PUT",
        "/whoop/return-addresses",
        frozenset({OWNER, "zoe"}),
        body={"items": []},
    ),
    _of_bea("list_syncs", "/syncs", ok=NONE_THERE),
    _of_bea("get_sync", f"/syncs/{NOBODY}", ok=NONE_THERE),
    _of_bea("ask_for_sync", "/syncs", method="POST", body={}, who=THEMSELVES, ok=NONE_THERE),
    _of_bea("list_imports", "/imports", who=THEMSELVES, sees=ACT_FOR_BEA),
    _of_bea("get_import", f"/imports/{NOBODY}", who=THEMSELVES, ok=NONE_THERE),
    _of_bea(
        "upload",
        "/imports",
        method="POST",
        who=THEMSELVES,
        sees=ACT_FOR_BEA,
        ok=frozenset({415}),
    ),
    _of_bea(
        "apply_import",
        f"/imports/{NOBODY}/application",
        method="POST",
        who=THEMSELVES,
        ok=NONE_THERE,
    ),
    _of_bea("preview_import", f"/imports/{NOBODY}/preview", who=THEMSELVES, ok=NONE_THERE),
    _of_bea(
        "compare_import",
        f"/imports/{NOBODY}/preview",
        method="POST",
        who=THEMSELVES,
        ok=NONE_THERE,
    ),
    _of_bea("discard_import", f"/imports/{NOBODY}", method="DELETE", who=THEMSELVES, ok=NONE_THERE),
    _of_bea("undo_import", f"/imports/{NOBODY}/undo", method="POST", who=THEMSELVES, ok=NONE_THERE),
    Operation("get_roster", "GET", "/roster", STAFF | {SERVICE}),
    Operation("list_alerts", "GET", "/alerts", STAFF),
    Operation(
        "act_on_alert",
        "PATCH",
        f"/alerts/{NOBODY}",
        STAFF,
        body={"state": "acknowledged"},
        ok=NONE_THERE,
    ),
]
