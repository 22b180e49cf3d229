"""The register: every column of every table, taken along in an export or left out, and why.

A test walks the schema: a table or column that stands nowhere here fails the build.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from flask_babel import lazy_gettext as _l

from coach.privacy import people
from coach.privacy.people import Whose


class Reason(Enum):
    """Why something is not taken along."""

    SAME_FOR_ALL = _l("it says which organisation, the same for everybody there")
    TECHNICAL = _l("it keeps our programs in step and says nothing about you")
    SECRET = _l("it is a key or a password in a form that nobody can read")
    OTHERS = _l("it is about other people: coaches, their plans, their settings")
    ELSEWHERE = _l("the same stands in another file of this export")
    SHORT_LIVED = _l("it lives for minutes, until something you began is done")


@dataclass(frozen=True, slots=True)
class Told:
    """A table with rows about a person: whose they are, what is taken along, what is left."""

    whose: Whose
    columns: tuple[str, ...]
    left: Mapping[str, Reason]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A table none of which is taken along."""

    reason: Reason


_ALWAYS = {"organisation_id": Reason.SAME_FOR_ALL, "updated_at": Reason.TECHNICAL}


def _told(whose: Whose, columns: str, **left: Reason) -> Told:
    return Told(whose, (*columns.split(), "created_at"), {**_ALWAYS, **left})


def _global(whose: Whose, columns: str, **left: Reason) -> Told:
    """Describe a table that knows no organisation."""
    told = _told(whose, columns, **left)
    kept = {name: reason for name, reason in told.left.items() if name != "organisation_id"}
    return Told(whose, told.columns, kept)


_STAGES = (
    "in_bed_hours light_hours deep_hours rem_hours awake_hours sleep_need_hours sleep_debt_hours"
)
_NIGHT = f"sleep_hours sleep_quality respiratory_rate sleep_efficiency sleep_consistency {_STAGES}"
_SPAN = "client_id key date started_at ended_at offset_minutes sources"
_ZONES = " ".join(f"zone_{zone}_minutes" for zone in range(6))

REGISTER: Mapping[str, Told | LeftOut] = {
    "users": _global(
        people.account,
        "id email locale is_operator disabled_at erase_asked_at",
        password_hash=Reason.SECRET,
    ),
    "user_sessions": _told(
        people.by_user,
        "user_id device last_seen ends_at",
        id_hash=Reason.SECRET,
        data=Reason.SECRET,
        idle_seconds=Reason.TECHNICAL,
    ),
    "user_preferences": _told(
        people.by_user,
        "user_id trends_only locale timezone units energy_unit theme week_start reminder_hour"
        " reminded_on",
    ),
    "memberships": _told(people.by_user, "id user_id role name removed_at"),
    "clients": _told(people.by_id, "id user_id name timezone external_id archived_at"),
    "coach_clients": _told(people.by_client, "coach_id client_id"),
    "group_clients": _told(people.by_client, "group_id client_id"),
    "invitations": _told(
        people.by_email,
        "id email name role timezone coach_id invited_by expires_at accepted_at withdrawn_at"
        " minor guardian_email guardian_agreed_at",
    ),
    "consents": _told(
        people.by_client, "id client_id coach_id field_group starts_at ends_at text_version"
    ),
    "audit_log": _told(people.in_the_log, "id actor_id action subject_id details"),
    "day_readings": _told(
        people.by_client, "client_id date source values doubtful provisional calibrating"
    ),
    "daily_logs": _told(
        people.by_client,
        f"client_id date recovery_score strain hrv resting_heart_rate spo2 skin_temp_celsius {_NIGHT}"
        " nap_hours sleep_started_at sleep_ended_at sleep_offset_minutes energy_kj"
        " average_heart_rate max_heart_rate step_count workout_count weight_kg mood notes source"
        " sources doubtful calibrating state version",
    ),
    "day_changes": _told(people.by_client, "id client_id date field old new source changed_by"),
    "sleeps": _told(people.by_client, f"{_SPAN} nap {_NIGHT}"),
    "workouts": _told(
        people.by_client,
        f"{_SPAN} activity strain energy_kj average_heart_rate max_heart_rate {_ZONES}"
        " distance_m altitude_gain_m altitude_change_m",
    ),
    "journal_entries": _told(
        people.by_client, "client_id key date cycle_started_at question answered_yes notes"
    ),
    "mood_ratings": _told(people.by_client, "id client_id date rating rated_by"),
    "check_ins": _told(
        people.by_client,
        "id client_id date sleep stress fatigue soreness note answered_at seen_by seen_at reply"
        " replied_at",
    ),
    "day_tags": _told(people.by_client, "id client_id kind first_date last_date note said_by"),
    # What coaches write about somebody is that person's data too; who wrote it is not theirs.
    "notes": _told(people.by_client, "id client_id date text", author_id=Reason.OTHERS),
    "insights": _told(
        people.by_client,
        "client_id date formula_version hrv_week_ms hrv_low_ms hrv_high_ms hrv_position"
        " hrv_days_outside rhr_drift_bpm rhr_raised sleep_hours sleep_balance_hours"
        " sleep_debt_hours load_change_percent hooper_week attention behind signals",
    ),
    "burnout_scores": _told(
        people.by_client, "client_id date formula_version body sleep feeling factors"
    ),
    "alerts": _told(
        people.by_client,
        "id client_id signal field_group date shown_until formula_version evidence state"
        " snoozed_until acted_by acted_at ended_at opened_at",
        rule_id=Reason.OTHERS,
    ),
    # A plan for the whole team names nobody and is not among them.
    "weekly_plans": _told(people.by_client, "id client_id monday text", coach_id=Reason.OTHERS),
    "nudges": _told(people.by_client, "client_id after_days nudged_on sent_at"),
    "integrations": _told(
        people.by_client,
        "id client_id provider external_user_id status scopes sync_enabled last_sync next_sync"
        " data_through history error",
        whoop_app_id=Reason.TECHNICAL,
        cursors=Reason.TECHNICAL,
        generation=Reason.TECHNICAL,
    ),
    "whoop_records": _told(
        people.by_client,
        "client_id kind provider_id raw starts_at ends_at provider_updated_at deleted_at",
        cycle_id=Reason.ELSEWHERE,
    ),
    "sync_runs": _told(
        people.by_link,
        "id integration_id trigger started_at ended_at counts calls outcome error",
        work_id=Reason.TECHNICAL,
    ),
    "webhook_events": _global(
        people.by_member,
        "id external_user_id type object_id received_at state",
        whoop_app_id=Reason.TECHNICAL,
        trace_id=Reason.TECHNICAL,
        body=Reason.ELSEWHERE,
        pending=Reason.TECHNICAL,
    ),
    "imports": _told(
        people.by_client,
        "id client_id uploaded_by file_name size sha256 state rows_done counts refused refusal"
        " finished_at undone_at first_at last_at days_changed",
        reaches_to=Reason.TECHNICAL,
        seconds_lost=Reason.TECHNICAL,
        compared_with=Reason.TECHNICAL,
        compared_at=Reason.TECHNICAL,
    ),
    "import_rows": _told(people.by_client, "client_id kind key import_id starts_at raw parsed"),
    "notifications": _told(people.by_user, "id user_id kind channel subject_id occasion sent_at"),
    "exports": _told(
        people.by_client, "id client_id user_id state rows_done rows_all size expires_at"
    ),
    "api_tokens": _told(
        people.by_user,
        "id holder user_id made_by name ending scopes expires_at revoked_at last_used_at",
        token_hash=Reason.SECRET,
        counted_since=Reason.TECHNICAL,
        calls=Reason.TECHNICAL,
    ),
    "audit_seals": LeftOut(Reason.TECHNICAL),
    "idempotency_keys": LeftOut(Reason.SHORT_LIVED),
    "linking_codes": LeftOut(Reason.SHORT_LIVED),
    "rewritings": _told(people.by_client, "client_id"),
    "rewritten_words": _told(
        people.by_client,
        "client_id language text",
        id=Reason.TECHNICAL,
        by_rule=Reason.ELSEWHERE,
        by_rule_hash=Reason.TECHNICAL,
    ),
    "return_addresses": LeftOut(Reason.OTHERS),
    "stale_days": LeftOut(Reason.TECHNICAL),
    "import_days": LeftOut(Reason.SHORT_LIVED),
    "arrived_answers": LeftOut(Reason.TECHNICAL),
    "integration_tokens": LeftOut(Reason.SECRET),
    "farewells": LeftOut(Reason.SECRET),
    "oauth_states": LeftOut(Reason.SHORT_LIVED),
    "login_attempts": LeftOut(Reason.SECRET),
    "password_resets": LeftOut(Reason.SECRET),
    "mfa": LeftOut(Reason.SECRET),
    "email_changes": LeftOut(Reason.SHORT_LIVED),
    "token_directory": LeftOut(Reason.SECRET),
    "token_calls": LeftOut(Reason.TECHNICAL),
    "whoop_links": LeftOut(Reason.ELSEWHERE),
    "work": LeftOut(Reason.TECHNICAL),
    "due_slots": LeftOut(Reason.TECHNICAL),
    "organisations": LeftOut(Reason.SAME_FOR_ALL),
    "groups": LeftOut(Reason.OTHERS),
    "weekly_mails": LeftOut(Reason.OTHERS),
    "alert_rules": LeftOut(Reason.OTHERS),
    "whoop_apps": LeftOut(Reason.OTHERS),
    "quota_ledger": LeftOut(Reason.TECHNICAL),
    "app_standings": LeftOut(Reason.TECHNICAL),
    "sealing_keys": LeftOut(Reason.TECHNICAL),
    "erasures": LeftOut(Reason.TECHNICAL),
}
