"""Payloads to what is told of a life: the only place that speaks both languages (pure)."""

from coach.whoop.mapping.facts import RecordFacts, describe, weight_kg
from coach.whoop.mapping.telling import tell

__all__ = ["RecordFacts", "describe", "tell", "weight_kg"]
