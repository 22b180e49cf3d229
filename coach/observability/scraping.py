"""`/metrics`: the counters of all processes, and gauges read when they are asked for."""

import hmac
from collections.abc import Callable, Iterable
from typing import TypeAlias

import structlog
from flask import Blueprint, Flask, Response, abort, current_app, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from coach.extensions import db, settings
from coach.observability import sharing

log = structlog.get_logger()

Gauges: TypeAlias = Callable[[], Iterable[Metric]]
EXTENSION = "gauges"
bp = Blueprint("metrics", __name__)


def measure(app: Flask, part: str, gauges: Gauges) -> None:
    """Have gauges read at each scrape; `part` is the database or queue that they ask."""
    app.extensions.setdefault(EXTENSION, []).append((part, gauges))


@bp.get("/metrics")
def show() -> Response:
    """Answer who knows the token; without the setting there is nothing here."""
    token = settings().metrics_token
    if token is None:
        abort(404)
    wanted = f"Bearer {token.get_secret_value()}".encode()
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), wanted):
        return Response(status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_All())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class _All(Collector):
    def collect(self) -> Iterable[Metric]:
        yield from sharing.collect()
        up = {"database": 1, "redis": 1}
        for part, gauges in current_app.extensions.get(EXTENSION, []):
            if not up[part]:
                continue  # one wait for what is away is enough
            try:
                yield from list(gauges())
            except (SQLAlchemyError, RedisError) as error:
                log.warning("gauges_unreadable", part=part, reason=type(error).__name__)
                db.session.rollback()
                up[part] = 0
        for part, state in up.items():
            yield GaugeMetricFamily(f"coach_{part}_up", f"Whether the {part} answers.", state)
