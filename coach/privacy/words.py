"""The log and the field groups in words."""

from datetime import datetime

from flask import Flask
from flask_babel import format_datetime
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from coach.accounts.models import FieldGroup
from coach.privacy.looking_back import Entry

SHORT = {
    FieldGroup.RECOVERY: _l("Recovery"),
    FieldGroup.SLEEP: _l("Sleep"),
    FieldGroup.STRAIN: _l("Strain"),
    FieldGroup.WORKOUTS: _l("Workouts"),
    FieldGroup.JOURNAL: _l("Journal"),
    FieldGroup.CHECK_IN: _l("Check-in"),
}
PAGES = {
    "charts": _l("opened the charts"),
    "diary": _l("opened the diary"),
    "comparison": _l("compared two periods"),
    "day": _l("opened a day"),
    "actions": _l("opened the check-in on the roster"),
    "week": _l("opened the page of a week"),
    "summary": _l("opened the one-page summary"),
}
DEEDS = {
    "client_viewed": _l("opened a page"),
    "roster_viewed": _l("looked at the roster"),
    "client_exported": _l("downloaded the days that are shared"),
    "data_exported": _l("downloaded data"),
    "export_asked": _l("asked for everything"),
    "export_downloaded": _l("downloaded everything"),
    "weeks_viewed": _l("looked at the week of the clients"),
    "alerts_viewed": _l("looked at the alerts"),
    "note_written": _l("wrote a note"),
    "note_removed": _l("removed a note"),
    "tag_set": _l("set a tag"),
    "tag_removed": _l("took a tag back"),
    "week_planned": _l("wrote what to watch in a week"),
    "alert_acknowledged": _l("marked an alert as seen"),
    "alert_snoozed": _l("put an alert off"),
    "alert_reopened": _l("opened an alert again"),
    "alert_rule_changed": _l("changed their rule for alerts"),
    "day_corrected": _l("entered or corrected a day"),
    "coach_assigned": _l("assigned a coach"),
    "fetching_agreed": _l("agreed that WHOOP's data is fetched"),
    "consent_given": _l("shared something"),
    "consent_withdrawn": _l("stopped sharing something"),
    "signed_in": _l("signed in"),
    "access_denied": _l("asked in vain for what is not theirs, or is gone"),
    "invited": _l("invited somebody"),
    "invitation_withdrawn": _l("withdrew an invitation"),
    "invitation_resent": _l("sent an invitation again"),
    "guardian_asked": _l("asked a guardian for consent"),
    "guardian_agreed": _l("agreed as a guardian"),
    "member_added": _l("became a member"),
    "member_left": _l("left the organisation"),
    "member_removed": _l("removed a member"),
    "erasure_asked": _l("asked for all data to be deleted"),
    "client_erased": _l("had all data deleted"),
    "account_erased": _l("had the account deleted"),
    "whoop_data_erased": _l("had the WHOOP data deleted"),
    "whoop_linked": _l("linked WHOOP"),
    "whoop_disconnected": _l("disconnected WHOOP"),
    "export_uploaded": _l("uploaded a WHOOP export"),
    "import_applied": _l("applied an upload"),
    "import_undone": _l("undid an upload"),
    "import_discarded": _l("discarded an upload"),
    "name_changed": _l("changed a name"),
    "password_changed": _l("changed the password"),
    "email_change_asked": _l("asked for another e-mail address"),
    "session_ended": _l("signed a device out"),
    "sessions_ended": _l("signed every other device out"),
    "second_factor_on": _l("switched the second factor on"),
    "second_factor_off": _l("switched the second factor off"),
    "second_factor_reset": _l("took off a lost second factor, as operator"),
    "recovery_codes_renewed": _l("made new recovery codes"),
    "policy_changed": _l("changed what is needed to sign in"),
    "organisation_created": _l("made the organisation"),
    "client_added": _l("added a client"),
    "external_id_set": _l("set a client's own number"),
    "group_made": _l("made a group"),
    "group_renamed": _l("renamed a group"),
    "group_changed": _l("changed who is in a group"),
    "group_removed": _l("removed a group"),
    "api_token_made": _l("made a token for programs"),
    "api_token_revoked": _l("revoked a token for programs"),
    "return_addresses_set": _l("set to which pages linking may return"),
    "whoop_app_entered": _l("entered the organisation's own WHOOP app"),
    "whoop_app_limits_set": _l("set the limits of the own WHOOP app"),
    "whoop_app_secret_added": _l("added a secret of the own WHOOP app"),
    "whoop_app_secrets_retired": _l("retired old secrets of the own WHOOP app"),
    "whoop_app_removed": _l("removed the own WHOOP app"),
    "operator_looked": _l("looked at the sync runs, as operator"),
    "work_replayed": _l("had failed work done again, as operator"),
    "announcement_replayed": _l("had an announcement followed again, as operator"),
}


def register(app: Flask) -> None:
    """Teach templates these words."""
    app.add_template_filter(SHORT.__getitem__, "group_short")
    app.add_template_filter(deed, "deed_words")
    app.add_template_filter(groups, "groups_words")
    app.add_template_filter(full_moment, "full_moment")


def deed(entry: Entry) -> str:
    """Say what was done; what has no words here stands by its own name."""
    page = PAGES.get(entry.page) if entry.action == "client_viewed" else None
    return str(page or DEEDS.get(entry.action) or entry.action.replace("_", " "))


def groups(entry: Entry) -> str:
    """Name the field groups that an entry is about."""
    named = [str(SHORT[FieldGroup(each)]) for each in entry.groups if each in set(FieldGroup)]
    return _("with %(groups)s", groups=", ".join(named)) if named else ""


def full_moment(value: datetime) -> str:
    """Write a moment with its weekday on the reader's own clock."""
    return str(format_datetime(value, "EEEE d MMM y, HH:mm"))
