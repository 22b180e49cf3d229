"""What runs when, on one page; any cron may call these functions by name."""

from dataclasses import dataclass

from coach.accounts import audit_chain, upkeep
from coach.alerts import due as alerts_due
from coach.api import idempotency
from coach.app import in_application
from coach.check_ins import reminding
from coach.csv_import import importing
from coach.insights import rolling
from coach.observability import heartbeat
from coach.operator import alarms
from coach.privacy import upkeep as privacy
from coach.weekly import mailing
from coach.whoop import webhook
from coach.whoop.linking import keeping_alive
from coach.whoop.sync import due, runs
from coach.work import dispatch, forgetting
from coach.work.leases import now


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the schedule: a function of this module and a cron expression in UTC."""

    name: str
    cron: str


SCHEDULE = [
    Entry("sync_due", "* * * * *"),
    Entry("sweep", "* * * * *"),
    Entry("report_alive", "* * * * *"),
    Entry("refresh_insights", "* * * * *"),
    Entry("seal_audit", "* * * * *"),
    Entry("watch_installation", "* * * * *"),
    Entry("raise_alerts", "*/5 * * * *"),
    Entry("send_digests", "*/5 * * * *"),
    Entry("remind", "*/5 * * * *"),
    Entry("forget_old_uploads", "12 4 * * *"),
    Entry("forget_expired", "42 4 * * *"),
    Entry("forget_old_announcements", "42 * * * *"),
    Entry("keep_links", "17 * * * *"),
    Entry("pick_up_tokens", "*/2 * * * *"),
    Entry("forget_made_files", "22 * * * *"),
    Entry("go_on_deleting", "37 * * * *"),
    Entry("forget_finished_work", "27 4 * * *"),
    Entry("send_weekly_mails", "*/10 * * * *"),
]


@in_application
def sync_due() -> None:
    """Make work of every integration whose next sync is due."""
    due.sync_due(now=now())


@in_application
def sweep() -> None:
    """Take back work that nobody holds any more."""
    dispatch.sweep()


@in_application
def report_alive() -> None:
    """Send the dead man's ping: the schedule is kept, the queue carries it, a worker does it."""
    heartbeat.send()


@in_application
def refresh_insights() -> None:
    """Make work of every client whose day has turned, or who was left stale."""
    rolling.ask_where_due(now=now())


@in_application
def seal_audit() -> None:
    """Seal what is new in every organisation's audit log."""
    audit_chain.seal_all()


@in_application
def watch_installation() -> None:
    """Raise alarms for whoever runs the installation, and end those that are over."""
    alarms.watch(now=now())


@in_application
def raise_alerts() -> None:
    """Ask for the alerts of every coach whose clients have changed."""
    alerts_due.ask_where_due(now=now())


@in_application
def send_digests() -> None:
    """Ask for the morning mail of every coach whose hour has come."""
    alerts_due.ask_for_digests(now=now())


@in_application
def remind() -> None:
    """Remind clients who asked for it that their check-in is open."""
    reminding.ask_where_due(now=now())


@in_application
def forget_old_uploads() -> None:
    """Delete uploaded files past their time; their rows stay."""
    importing.forget_old_uploads()


@in_application
def forget_old_announcements() -> None:
    """Delete what WHOOP announced long ago, or of nobody we know since yesterday."""
    webhook.forget_old(now=now())


@in_application
def forget_made_files() -> None:
    """Delete files with everything about somebody once their day is over."""
    privacy.forget_made_files(now=now())


@in_application
def go_on_deleting() -> None:
    """Ask again for the deletion of accounts that came to a halt."""
    privacy.go_on_deleting()


@in_application
def forget_finished_work() -> None:
    """Delete work and slots that are over and done with for a month, and syncs of a year ago."""
    forgetting.forget_finished(now=now())
    runs.forget_old(now=now())


@in_application
def forget_expired() -> None:
    """Delete ended sessions, old tries to sign in and spent links."""
    upkeep.forget_expired()
    privacy.forget_leaving_links(now=now())
    idempotency.forget_old(now=now())


@in_application
def keep_links() -> None:
    """Renew grants that no sync has renewed for a day; end links of people who have left."""
    keeping_alive.upkeep(now=now())


@in_application
def pick_up_tokens() -> None:
    """Bring fresh tokens that the database could not take into it."""
    keeping_alive.pick_up_tokens()


@in_application
def send_weekly_mails() -> None:
    """Ask for the Monday e-mail of every coach who wants it, where it is Monday morning."""
    mailing.ask_where_due(now=now())
