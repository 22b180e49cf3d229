"""A job as we trust it: JSON, and a call of one of our own functions.

Whoever can write to Redis could ask for any other function, for callbacks, or for a call to some
address: RQ would follow all of them.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from redis import Redis
from rq.job import Job
from rq.serializers import JSONSerializer

PERFORM = "coach.work.series.perform_due"
_OURS = re.compile(rf"{re.escape(PERFORM)}|coach\.schedule\.[a-z_]+")


class NotOurs(Exception):
    """The queue holds a job that we did not write."""


class JsonJob(Job):
    """A job that is always JSON; rq-scheduler would write pickles."""

    def __init__(
        self,
        id: str | None = None,  # noqa: A002  # RQ's own name
        connection: Redis | None = None,
        serializer: object = None,  # noqa: ARG002  # replaced on purpose
    ) -> None:
        super().__init__(id, connection, JSONSerializer)

    @property
    def func(self) -> Callable[..., Any]:
        """Give the function that is called; raises NotOurs for any that is not ours."""
        if self.instance or not _OURS.fullmatch(self.func_name or ""):
            raise NotOurs
        return super().func

    def restore(self, raw_data: Mapping[bytes, bytes]) -> None:
        """Read a job, without what we never write into one."""
        super().restore(raw_data)
        self.webhooks = []
        self._success_callback_name = self._failure_callback_name = None
        self._stopped_callback_name = None
