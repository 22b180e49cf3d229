"""What runs when, on one page; any cron may call these functions by name."""

from dataclasses import dataclass

from coach.app import in_application
from coach.csv_import import importing
from coach.whoop import jobs as whoop
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
