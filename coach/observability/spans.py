"""Makes OpenTelemetry's spans of log lines; imported only when TRACES_URL asks for them."""

import time

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context
from structlog.typing import EventDict

_NOT_TOLD = frozenset({"event", "ms", "level", "timestamp", "correlation"})
_LOW_64_BITS = 2**64 - 1
FLUSH_MILLISECONDS = 2000


def open_to(url: str) -> "Collector":
    """Send spans to an OTLP/HTTP address, in a thread of their own."""
    return Collector(url)


class Collector:
    """The address, and what waits to be sent there; safe across forks."""

    def __init__(self, url: str) -> None:
        self._provider = TracerProvider(resource=Resource.create({"service.name": "coach"}))
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)))
        self._tracer = self._provider.get_tracer("coach")

    def tell(self, event: EventDict) -> None:
        """Make a span that ends now and took as long as the line says."""
        ended = time.time_ns()
        span = self._tracer.start_span(
            _name(event),
            context=set_span_in_context(NonRecordingSpan(_cause(int(event["correlation"], 16)))),
            start_time=ended - int(event["ms"] * 1_000_000),
            attributes={
                f"coach.{name}": value
                for name, value in event.items()
                if name not in _NOT_TOLD and isinstance(value, str | int | float)
            },
        )
        span.end(end_time=ended)

    def flush(self) -> None:
        self._provider.force_flush(FLUSH_MILLISECONDS)

    def close(self) -> None:
        self._provider.shutdown()


def _cause(correlation: int) -> SpanContext:
    """Give what every span of one correlation hangs on."""
    return SpanContext(
        trace_id=correlation,
        span_id=correlation & _LOW_64_BITS,
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )


def _name(event: EventDict) -> str:
    what = event.get("route") or event.get("endpoint") or event.get("kind")
    return f"{event['event']} {what}"
