"""The same happenings in any order end in the same rows, and in those the oracle expects.

A client who linked WHOOP some weeks ago and uploads exports of different days; one of them was
somebody else's and is undone. Records come in two versions; some are deleted at WHOOP later.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, partial
from random import Random
from uuid import UUID

import pytest
from flask import Flask

from coach.days.editing import USE_DEVICE
from coach.days.metrics import METRICS
from coach.simulator.export import export_files
from coach.simulator.life import Chapter, life
from coach.simulator.members import Member
from coach.simulator.members import cast as everybody
from coach.simulator.payloads import payload
from coach.whoop.payloads import RecordKind
from tests.cast import Cast
from tests.verification.one_client import OneClient, Raw, rows_since
from tests.verification.oracle import ApiLife, ExportFiles, expected_days, expected_doubts
from tests.whoop.conftest import NOW

DAYS, LINKED_DAYS, BETWEEN_EXPORTS = 20, 11, timedelta(days=3)
NAMES = ("ines", "mara", "omar", "tessa", "hugo", "priya", "lena")
SAMPLE, MANY = (0, 7, 14, 1, 8, 15), 1000

Chain = list[Callable[[OneClient], None]]


@dataclass(frozen=True)
class Happenings:
    """What happens to one client: chains whose own order is fixed, and what must come of it."""

    chains: list[Chain]
    api: ApiLife
    export: ExportFiles
    typed: Mapping[date, Mapping[str, object]]


@cache
def member(name: str) -> Member:
    return next(each for each in everybody(seed=1, today=NOW.date()) if each.email.startswith(name))


@cache
def happenings(name: str) -> Happenings:
    files, older = exported(name, 0), exported(name, 1)
    chapters = lived(name, 0)[-LINKED_DAYS:]
    half = LINKED_DAYS // 2
    begin = chapters[half].cycle.start
    gone = [str(it.id) for it in chapters[2].workouts[:1]]
    gone += [str(it.id) for it in chapters[3].sleeps[:1]]
    days = [(chapters[at].cycle.start + timedelta(days=1)).date() for at in (1, 4, 5)]
    once = [chapter for chapter in lived(name, 1) if chapter.cycle.start >= begin]
    chains: list[Chain] = [
        [partial(sync, chapters=once), partial(sync, chapters=chapters[half:])],
        [partial(sync, chapters=chapters[:half]), *(_gone(key, chapters) for key in gone)],
        [partial(upload, files=files)],
        [partial(upload, files=older)],
        mistaken(exported(NAMES[NAMES.index(name) - 1], 0)),
        [partial(OneClient.enter, day=days[0], edits={"hrv": 77.0, "strain": None})],
        [
            partial(OneClient.enter, day=days[1], edits={"hrv": 66.0}),
            partial(OneClient.enter, day=days[1], edits={"hrv": USE_DEVICE}),
        ],
        [partial(OneClient.enter, day=days[2], edits={"mood": 7})],
    ]
    typed: dict[date, dict[str, object]] = {
        days[0]: {"hrv": 77.0, "strain": None},
        days[2]: {"mood": 7},
    }
    names = ("physiological_cycles.csv", "sleeps.csv", "workouts.csv")
    export = ExportFiles(*(files[each] for each in names))
    return Happenings(chains, api_life(chapters, gone), export, typed)


def lived(name: str, exports_ago: int) -> Sequence[Chapter]:
    return life(member(name), NOW - exports_ago * BETWEEN_EXPORTS)[-DAYS:]


def exported(name: str, exports_ago: int) -> Mapping[str, str]:
    files = export_files(member(name), NOW - exports_ago * BETWEEN_EXPORTS, nap_rows=True)
    first = str((NOW - timedelta(days=DAYS)).date())
    return {file: rows_since(text, first) for file, text in files.items()}


def records(chapters: Sequence[Chapter]) -> dict[RecordKind, list[Raw]]:
    return {
        RecordKind.CYCLE: [payload(it.cycle) for it in chapters],
        RecordKind.SLEEP: [payload(sleep) for it in chapters for sleep in it.sleeps],
        RecordKind.RECOVERY: [payload(each) for it in chapters for each in it.recoveries],
        RecordKind.WORKOUT: [payload(each) for it in chapters for each in it.workouts],
    }


def api_life(chapters: Sequence[Chapter], gone: Sequence[str]) -> ApiLife:
    told = records(chapters)
    return ApiLife(
        *(
            [raw for raw in told[kind] if str(raw.get("id")) not in gone]
            for kind in (
                RecordKind.CYCLE,
                RecordKind.SLEEP,
                RecordKind.RECOVERY,
                RecordKind.WORKOUT,
            )
        )
    )


def sync(client: OneClient, *, chapters: Sequence[Chapter]) -> None:
    client.sync(records(chapters), chapters[0].cycle.start)


def _gone(key: str, chapters: Sequence[Chapter]) -> Callable[[OneClient], None]:
    return partial(OneClient.delete, provider_id=key, since=chapters[0].cycle.start)


def upload(client: OneClient, *, files: Mapping[str, str]) -> None:
    client.upload(files)


def mistaken(files: Mapping[str, str]) -> Chain:
    """Upload an export and undo it some time later."""
    made: dict[UUID, UUID] = {}

    def err(client: OneClient) -> None:
        made[client.client_id] = client.upload(files)

    return [err, lambda client: client.undo(made[client.client_id])]


def let_happen(client: OneClient, happened: Happenings, dice: Random) -> None:
    left = [list(chain) for chain in happened.chains]
    while left:
        chain = dice.choice(left)
        chain.pop(0)(client)
        left = [each for each in left if each]


def check(client: OneClient, happened: Happenings) -> None:
    """Hold the days against the oracle."""
    told = (happened.api, happened.export, happened.typed)
    expected, doubts = expected_days(*told), expected_doubts(*told)
    logs = client.logs()
    assert logs.keys() == expected.keys()
    for day, log in logs.items():
        assert log.sources == {name: by for name, (_, by) in expected[day].items()}, day
        assert set(log.doubtful) == doubts.get(day, set()), day
        for name in METRICS:
            ours, theirs = getattr(log, name), expected[day].get(name, (None, ""))[0]
            near = isinstance(ours, float) and isinstance(theirs, int | float)
            assert ours == (pytest.approx(theirs, abs=6e-5, rel=1e-6) if near else theirs), (
                day,
                name,
            )


def try_orders(app: Flask, cast: Cast, seeds: Iterable[int]) -> None:
    first: dict[str, object] = {}
    for seed in seeds:
        name = NAMES[seed % len(NAMES)]
        happened = happenings(name)
        client = OneClient(app, cast.bea)
        let_happen(client, happened, Random(seed))  # noqa: S311  which order, no secret
        left = client.left()
        if name not in first:
            check(client, happened)
            assert client.rebuild() == 0
            assert client.left() == left
        assert left == first.setdefault(name, left), (seed, name)


def test_some_orders_end_the_same(app: Flask, cast: Cast) -> None:
    try_orders(app, cast, SAMPLE)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_thousand_orders_end_the_same(app: Flask, cast: Cast) -> None:
    try_orders(app, cast, range(MANY))
