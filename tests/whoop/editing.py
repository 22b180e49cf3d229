"""What the simulated WHOOP tells, changed on its way out."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, Response

Edits = dict[tuple[str, str], dict[str, object]]


@contextmanager
def edited(simulator: Flask, edits: Edits) -> Iterator[Edits]:
    """Let records, named by a field and its value, be told with other values in the block."""

    def edit(response: Response) -> Response:
        if response.mimetype == "application/json" and edits:
            response.set_data(json.dumps(_changed(json.loads(response.get_data()), edits)))
        return response

    hooks = simulator.after_request_funcs.setdefault(None, [])
    hooks.append(edit)
    try:
        yield edits
    finally:
        hooks.remove(edit)


def _changed(told: object, edits: Edits) -> object:
    if isinstance(told, list):
        return [_changed(each, edits) for each in told]
    if not isinstance(told, dict):
        return told
    changes = [
        edits[key] for key in ((name, str(value)) for name, value in told.items()) if key in edits
    ]
    inner = {name: _changed(value, edits) for name, value in told.items()}
    return inner | {name: value for each in changes for name, value in each.items()}
