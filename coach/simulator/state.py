"""What outlives the process: the day the lives count from, and the grants. A JSON file, if at all."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from coach.simulator.families import Grant


@dataclass(frozen=True, slots=True)
class State:
    today: date
    grants: tuple[Grant, ...] = ()


def load(path: Path | None, *, today: date, client_id: str) -> State:
    """Return what was kept, or a fresh start today. Grants that name no app are this one's."""
    if path is None or not path.exists():
        return State(today)
    kept = json.loads(path.read_text())
    grants = (
        Grant(
            **{"client_id": client_id}
            | each
            | {"scopes": tuple(each["scopes"]), "spent": tuple(each["spent"])}
        )
        for each in kept["grants"]
    )
    return State(date.fromisoformat(kept["today"]), tuple(grants))


def saver(path: Path | None, *, today: date) -> Callable[[list[Grant]], None]:
    """Return what keeps the grants; the caller holds the lock."""

    def save(grants: list[Grant]) -> None:
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(".new")
        half.touch(mode=0o600)
        half.write_text(
            json.dumps({"today": today.isoformat(), "grants": [asdict(each) for each in grants]})
        )
        half.replace(path)

    return save
