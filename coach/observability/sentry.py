"""Makes Sentry's events of failures; imported only when SENTRY_DSN asks for them.

Its own integrations stay off: they collect requests, variables and statements.
"""

from sentry_sdk import Client
from sentry_sdk.utils import event_from_exception
from structlog.typing import EventDict

FLUSH_SECONDS = 2.0
TAGS = ("event", "kind", "endpoint", "work", "correlation")


def open_to(dsn: str, environment: str) -> "Sentry":
    """Report to the project of a DSN, in a thread of its own."""
    return Sentry(dsn, environment)


class Sentry:
    """A project at Sentry, and what waits to be sent there; safe across forks."""

    def __init__(self, dsn: str, environment: str) -> None:
        self._client = Client(
            dsn=dsn,
            environment=environment,
            default_integrations=False,
            auto_enabling_integrations=False,
            include_local_variables=False,
            include_source_context=False,
            send_client_reports=False,
            auto_session_tracking=False,
            max_breadcrumbs=0,
        )

    def tell(self, error: BaseException, line: EventDict) -> None:
        """Report an exception with the ids of the line that told of it."""
        report, hint = event_from_exception(error, client_options=self._client.options)
        for each in report["exception"]["values"]:
            each["value"] = ""  # what it says may quote what a person typed
        report["tags"] = {name: str(line[name]) for name in TAGS if name in line}
        self._client.capture_event(report, hint)

    def flush(self) -> None:
        self._client.flush(timeout=FLUSH_SECONDS)

    def close(self) -> None:
        self._client.close()
