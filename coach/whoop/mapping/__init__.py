"""Payloads to readings: the only place that speaks both languages (pure)."""

from coach.whoop.mapping.facts import RecordFacts, describe, weight_kg
from coach.whoop.mapping.readings import Mapped, readings

__all__ = ["Mapped", "RecordFacts", "describe", "readings", "weight_kg"]
