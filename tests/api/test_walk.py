"""docs/api.md, walked through: each command as it stands there, by curl against a real server."""

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from coach.accounts.models import FieldGroup
from coach.api.scopes import Scope
from tests.api.conftest import a_token
from tests.cast import Cast

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
COMMANDS = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
SCOPES = tuple(Scope(each) for each in re.findall(r"--scope (\S+)", PAGE))


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_the_walk_leads_from_a_token_to_a_day(
    app: Flask, cast: Cast, sharing: Callable[..., None], address: str
) -> None:
    sharing(FieldGroup.RECOVERY)
    known = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "COACH": address,
        "TOKEN": a_token(app, cast.olga, *SCOPES, service=True),
        "CLIENT": str(cast.bea.client_id),
    }
    people, profile, typed, read = [_run(command, known) for command in COMMANDS]
    assert str(cast.bea.client_id) in {each["id"] for each in people["items"]}
    assert profile["external_id"] == "athlete-17"
    assert typed["version"] == 1
    assert read == {"date": "2026-05-14", "hrv": 61.5, "sources": {"hrv": "manual"}, "version": 1}


def _run(command: str, known: dict[str, str]) -> Any:
    done = subprocess.run(  # noqa: S603  # the commands are our own page's
        ["/bin/sh", "-c", command], env=known, capture_output=True, check=True
    )
    return json.loads(done.stdout)
