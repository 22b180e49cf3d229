"""Answers that are JSON, but not what the documents promise."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from coach.simulator.faults import How

JsonObject = dict[str, object]
BEGINNING = urlsafe_b64encode(datetime(9000, 1, 1, tzinfo=UTC).isoformat().encode()).decode()


def twisted(body: bytes, how: How) -> bytes:
    """Twist every record of an answer, be it a page or a record; other answers stay."""
    said = _object(body)
    if said is None:
        return body
    for record in _records(said):
        TWISTS[how](record)
    return json.dumps(said).encode()


def repaged(body: bytes, how: How, shown: str | None) -> bytes:
    """Turn a page into one that leads nowhere or lacks a record; `shown` is its own token."""
    said = _object(body)
    if said is None or not isinstance(said.get("records"), list):
        return body
    if how is How.REMOVED and shown:
        said["records"] = said["records"][1:]  # type: ignore[index]  # a list, as asked above
    elif how is How.REPEATED:
        said["next_token"] = shown or said.get("next_token")
    elif how is How.LOOP:
        said["next_token"] = said.get("next_token") or BEGINNING.rstrip("=")
    return json.dumps(said).encode()


def _object(body: bytes) -> JsonObject | None:
    try:
        said = json.loads(body)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _records(said: JsonObject) -> Iterator[JsonObject]:
    listed = said.get("records", [said])
    for record in listed if isinstance(listed, list) else []:
        if isinstance(record, dict):
            yield record


def _enum(record: JsonObject) -> None:
    record["score_state"] = "SCORED_BY_MOONLIGHT"
    if "sport_name" in record:
        record["sport_name"] = "underwater-chess"


def _extra(record: JsonObject) -> None:
    record["moon_phase"] = {"name": "waxing", "parts": [1, 2, None]}
    for scores in _scores(record):
        scores["vibe_percentage"] = 73.5


def _nulls(record: JsonObject) -> None:
    for scores in _scores(record):
        scores.update(dict.fromkeys(scores))


def _strings(record: JsonObject) -> None:
    for scores in _scores(record):
        scores.update({name: str(v) for name, v in scores.items() if isinstance(v, int | float)})


def _absent(record: JsonObject) -> None:
    record.pop("updated_at", None)
    for scores in _scores(record):
        scores.clear()


def _scores(record: JsonObject) -> Iterator[JsonObject]:
    score = record.get("score")
    if isinstance(score, dict):
        yield score


TWISTS: dict[How, Callable[[JsonObject], None]] = {
    How.ENUM: _enum,
    How.EXTRA: _extra,
    How.NULLS: _nulls,
    How.STRINGS: _strings,
    How.ABSENT: _absent,
}
