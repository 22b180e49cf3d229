"""The answer to a COMMIT gets lost after the database has done it: everything is safe to repeat."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.cast import Cast
from tests.processes.clients import bring, newcomers
from tests.processes.deaf import DeafLine
from tests.processes.stage import Stage
from tests.processes.truth import check, work_of
from tests.processes.whoop_side import MEMBERS, WhoopSide

pytestmark = pytest.mark.usefixtures("inside")

COMMITS = 15  # of a first sync with eight calls, which is over at its last one
NAMES = [name for name in MEMBERS if name != "finn"]  # who is too new for a window of days


@pytest.fixture
def line(running: Stage) -> Iterator[DeafLine]:
    """Let the only worker that syncs be one whose line to the database can be made deaf."""
    running.kept["worker"].end()
    url = running.environment["DATABASE_URL"]
    with tempfile.TemporaryDirectory(prefix="deaf") as folder, DeafLine(url, Path(folder)) as line:
        worker = running.start("worker", "sync", DATABASE_URL=line.url)
        yield line
        line.lose(0)
        assert worker.end() == 0


@pytest.mark.parametrize(
    ("seed", "times"), [(3, 2), *(pytest.param(n, 10, marks=pytest.mark.slow) for n in range(1, 5))]
)
def test_r07_no_commit_that_nobody_hears_of_loses_or_doubles_anything(
    line: DeafLine, standing: WhoopSide, people: Cast, seed: int, times: int
) -> None:
    numbers = Random(seed).sample(range(1, COMMITS + 1), times)  # noqa: S311  not for secrets
    for who, member, number in zip(newcomers(people.bea, times), NAMES, numbers, strict=False):
        before = line.lost
        line.lose(number)
        client = bring(standing, who, member)
        client.wait_hurrying()
        line.lose(0)
        assert line.lost == before + 1, number
        assert [each.state for each in work_of(client)] == ["done"]
        check(client, standing)
