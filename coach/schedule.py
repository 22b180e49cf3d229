"""What runs when, on one page; any cron may call these functions by name."""

from dataclasses import dataclass

from coach.app import in_application
from coach.work import dispatch


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the schedule: a function of this module and a cron expression in UTC."""

    name: str
    cron: str


SCHEDULE = [
    Entry("sync_due", "* * * * *"),
    Entry("sweep", "* * * * *"),
]


@in_application
def sync_due() -> None:
    """Make work of every integration whose next sync is due."""


@in_application
def sweep() -> None:
    """Take back work that nobody holds any more."""
    dispatch.sweep()
