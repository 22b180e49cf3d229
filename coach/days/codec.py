"""Values of a day as JSON and back; times are ISO 8601 in UTC."""

from collections.abc import Mapping
from datetime import UTC, datetime

from coach.days.metrics import METRICS, Value


def to_json(values: Mapping[str, Value]) -> dict[str, object]:
    """Make values fit for JSONB."""
    return {name: _plain(value) for name, value in values.items()}


def from_json(stored: Mapping[str, object]) -> dict[str, Value]:
    """Read values back from JSONB; fields that the closed list no longer has are left out."""
    return {name: read(name, stored[name]) for name in stored if name in METRICS}


def read(name: str, stored: object) -> Value:
    """Read one stored value; raises TypeError for what no reading can hold."""
    if METRICS[name].kind == "time" and isinstance(stored, str):
        return datetime.fromisoformat(stored)
    if stored is None or isinstance(stored, int | float | str | datetime):
        return stored
    raise TypeError(f"{name} cannot be {type(stored).__name__}")


def as_text(value: Value) -> str | None:
    """Write a value for the history of a field."""
    plain = _plain(value)
    return None if plain is None else str(plain)


def clean(text: str) -> str:
    """Replace what JSON may escape and PostgreSQL refuses: NUL and half surrogates."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _plain(value: Value) -> object:
    if isinstance(value, float):
        return int(value) if value.is_integer() else value  # 62 and 62.0 are one value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, str):
        return clean(value)
    return value
