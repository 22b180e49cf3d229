"""The coach's alerts and rules, and how often a client wants to be asked."""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from coach.accounts import audit
from coach.accounts.access import clients_only, coaches_only, viewer
from coach.alerts import acting, coaches, nudging, previewing, reading
from coach.alerts.forms import COOLDOWNS, LONGEST_SNOOZE_DAYS, SDS, RuleForm, snooze_date
from coach.alerts.models import Alert
from coach.alerts.rules import WATCHABLE
from coach.days.calendar import today
from coach.web.htmx import go_to, page, wants_fragment
from coach.work.leases import now

bp = Blueprint("alerts", __name__, template_folder="templates")


@bp.get("/dashboard/alerts")
@coaches_only
def listed() -> ResponseReturnValue:
    looking = viewer()
    told = reading.live(looking)
    seen = {each.client_id for each in told}
    audit.many_viewed("alerts_viewed", seen, by=looking.user_id)
    return _list(told)


@bp.post("/dashboard/alerts/<uuid:alert_id>/acknowledgement")
@coaches_only
def acknowledge(alert_id: UUID) -> ResponseReturnValue:
    alert = reading.one_or_404(viewer(), alert_id)
    acting.acknowledge(alert, by=viewer())
    return _done(alert, _("Marked as seen."))


@bp.post("/dashboard/alerts/<uuid:alert_id>/snooze")
@coaches_only
def snooze(alert_id: UUID) -> ResponseReturnValue:
    looking = viewer()
    alert = reading.one_or_404(looking, alert_id)
    until = snooze_date(request.form, today=today(now(), looking.timezone))
    if until is None:
        return _list(reading.live(looking), problem=alert.id), 422
    acting.snooze(alert, until, by=looking)
    return _done(alert, _("Put off."))


@bp.post("/dashboard/alerts/<uuid:alert_id>/reopening")
@coaches_only
def reopen(alert_id: UUID) -> ResponseReturnValue:
    alert = reading.one_or_404(viewer(), alert_id)
    acting.reopen(alert, by=viewer())
    return _done(alert, _("It waits for you again."))


@bp.get("/dashboard/alerts/rules")
@coaches_only
def rules() -> ResponseReturnValue:
    asked = RuleForm.read(request.args) if "sds" in request.args else None
    return _rules_page(asked or RuleForm.of(coaches.rule_of(viewer())))


@bp.post("/dashboard/alerts/rules")
@coaches_only
def keep_rules() -> ResponseReturnValue:
    form = RuleForm.read(request.form)
    if form.errors:
        return _rules_page(form), 422
    acting.keep_rule(form.values, by=viewer())
    flash(_("Saved. The next look, within five minutes, goes by it."), "success")
    return go_to(url_for("alerts.rules"))


@bp.get("/cabinet/nudges")
@clients_only
def nudges() -> ResponseReturnValue:
    chosen = nudging.pace_of(viewer().own_client())
    return render_template("alerts/nudges.html", chosen=chosen, paces=nudging.PACES)


@bp.post("/cabinet/nudges")
@clients_only
def choose_nudges() -> ResponseReturnValue:
    typed = request.form.get("after_days", "")
    days = next((each for each in nudging.PACES if str(each) == typed), None)
    if days is None:
        flash(_("Choose one of the list."), "error")
        return go_to(url_for("alerts.nudges"))
    nudging.choose_pace(days, by=viewer())
    flash(_("Saved."), "success")
    return go_to(url_for("alerts.nudges"))


def _done(alert: Alert, words: str) -> ResponseReturnValue:
    if wants_fragment():
        return _list(reading.live(viewer()), done=words)
    flash(words, "success")
    if request.form.get("back") == "client":
        kept = request.form.get("roster")  # from which roster the client's page was opened
        return go_to(url_for("dashboard.client", client_id=alert.client_id, roster=kept))
    return go_to(url_for("alerts.listed"))


def _list(told: list[reading.Told], **more: object) -> str:
    looking = viewer()
    here = today(now(), looking.timezone)
    return page(
        "alerts/alerts.html",
        "rows",
        told=told,
        # Only an empty list has to say why it is empty.
        rule=None if told else coaches.rule_of(looking),
        is_coach=bool(told) or coaches.coaches_anybody(looking),
        tomorrow=here + timedelta(days=1),
        latest=here + timedelta(days=LONGEST_SNOOZE_DAYS),
        now=now(),
        **more,
    )


def _rules_page(form: RuleForm) -> str:
    return page(
        "alerts/rules.html",
        "preview",
        form=form,
        preview=previewing.preview(form.rule, by=viewer(), now=now()),
        watchable=WATCHABLE,
        offered={"sds": SDS, "cooldown_hours": COOLDOWNS, "digest_hour": range(24)},
    )
