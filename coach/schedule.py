"""What runs when, on one page; any cron may call these functions by name."""

from dataclasses import dataclass

from coach.accounts import upkeep
from coach.app import in_application
from coach.csv_import import importing
from coach.whoop import jobs as whoop
from coach.whoop import webhook
from coach.work import dispatch
from coach.work.leases import now


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the schedule: a function of this module and a cron expression in UTC."""

    name: str
    cron: str


SCHEDULE = [
    Entry("sync_due", "* * * * *"),
    Entry("sweep", "* * * * *"),
    Entry("forget_old_uploads", "12 4 * * *"),
    Entry("forget_expired", "42 4 * * *"),
    Entry("forget_old_announcements", "42 * * * *"),
]


@in_application
def sync_due() -> None:
    """Make work of every integration whose next sync is due."""
    whoop.sync_due(now=now())


@in_application
def sweep() -> None:
    """Take back work that nobody holds any more."""
    dispatch.sweep()


@in_application
def forget_old_uploads() -> None:
    """Delete uploaded files past their time; their rows stay."""
    importing.forget_old_uploads()


@in_application
def forget_old_announcements() -> None:
    """Delete what WHOOP announced long ago, or of nobody we know since yesterday."""
    webhook.forget_old(now=now())


@in_application
def forget_expired() -> None:
    """Delete ended sessions, old tries to sign in and spent links."""
    upkeep.forget_expired()
