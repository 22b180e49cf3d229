"""What runs when, on one page; any cron may call these functions by name."""

from dataclasses import dataclass

from coach.accounts import upkeep
from coach.app import in_application
from coach.csv_import import importing
from coach.insights import rolling
from coach.whoop import webhook
from coach.whoop.linking import keeping_alive
from coach.whoop.sync import due
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
    Entry("refresh_insights", "* * * * *"),
    Entry("forget_old_uploads", "12 4 * * *"),
    Entry("forget_expired", "42 4 * * *"),
    Entry("forget_old_announcements", "42 * * * *"),
    Entry("keep_links", "17 * * * *"),
    Entry("pick_up_tokens", "*/2 * * * *"),
    Entry("forget_finished_work", "27 4 * * *"),
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
def refresh_insights() -> None:
    """Make work of every client whose day has turned, or who was left stale."""
    rolling.ask_where_due(now=now())


@in_application
def forget_old_uploads() -> None:
    """Delete uploaded files past their time; their rows stay."""
    importing.forget_old_uploads()


@in_application
def forget_old_announcements() -> None:
    """Delete what WHOOP announced long ago, or of nobody we know since yesterday."""
    webhook.forget_old(now=now())


@in_application
def forget_finished_work() -> None:
    """Delete work and slots that are over and done with for a month."""
    forgetting.forget_finished(now=now())


@in_application
def forget_expired() -> None:
    """Delete ended sessions, old tries to sign in and spent links."""
    upkeep.forget_expired()


@in_application
def keep_links() -> None:
    """Renew grants that no sync has renewed for a day; end links of people who have left."""
    keeping_alive.upkeep(now=now())


@in_application
def pick_up_tokens() -> None:
    """Bring fresh tokens that the database could not take into it."""
    keeping_alive.pick_up_tokens()
