"""Every counter and histogram, in one place; a label is one of a closed set, never an id.

Each metric has a label: a value begins to exist with its labels, so that `sharing.share` may still
choose where values live after this module was imported.
"""

from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry()

_REQUEST_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_CALL_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_WORK_SECONDS = (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)

http_requests = Counter(
    "coach_http_requests",
    "Answered requests by route pattern.",
    ["method", "route", "status"],
    registry=REGISTRY,
)
http_seconds = Histogram(
    "coach_http_request_duration_seconds",
    "Time from the arrival of a request to its answer.",
    ["route"],
    buckets=_REQUEST_SECONDS,
    registry=REGISTRY,
)
work = Counter(
    "coach_work",
    "Tries of background work: done, postponed, failed, or lease lost.",
    ["kind", "outcome"],
    registry=REGISTRY,
)
work_seconds = Histogram(
    "coach_work_duration_seconds",
    "Time that one try of a piece of work took.",
    ["kind"],
    buckets=_WORK_SECONDS,
    registry=REGISTRY,
)
work_queue_seconds = Histogram(
    "coach_work_queue_age_seconds",
    "Time between the moment work was due and the moment it began.",
    ["queue", "lane"],
    buckets=_WORK_SECONDS,
    registry=REGISTRY,
)
sync_seconds = Histogram(
    "coach_sync_duration_seconds",
    "Time that one run of a WHOOP sync took, by how it ended.",
    ["outcome"],
    buckets=_WORK_SECONDS,
    registry=REGISTRY,
)
whoop_calls = Counter(
    "coach_whoop_calls",
    "Calls to WHOOP; the status is `none` when no answer came.",
    ["endpoint", "status"],
    registry=REGISTRY,
)
whoop_seconds = Histogram(
    "coach_whoop_call_duration_seconds",
    "Time that a call to WHOOP took.",
    ["endpoint"],
    buckets=_CALL_SECONDS,
    registry=REGISTRY,
)
whoop_refusals = Counter(
    "coach_whoop_refusals",
    "Calls that WHOOP refused with 429, too many requests.",
    ["endpoint"],
    registry=REGISTRY,
)
refreshes = Counter(
    "coach_token_refreshes",
    "Refreshes of WHOOP tokens, by what came of them.",
    ["outcome"],
    registry=REGISTRY,
)
security_events = Counter(
    "coach_security_events",
    "What an attacker would cause: failed and slowed sign-ins, ids of others, seals that break.",
    ["event"],
    registry=REGISTRY,
)
webhooks = Counter(
    "coach_webhooks",
    "Announcements by WHOOP, by the status of our answer.",
    ["answer"],
    registry=REGISTRY,
)
webhook_refusals = Counter(
    "coach_webhook_refusals",
    "Announcements we did not believe, by reason.",
    ["reason"],
    registry=REGISTRY,
)
