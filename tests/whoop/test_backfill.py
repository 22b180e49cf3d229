"""The history comes in the background: bit by bit, newest first, whatever happens meanwhile."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil
from random import Random

import pytest
from flask import Flask
from sqlalchemy import Select

from coach.app import create_app
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.whoop.client import PageOf, WhoopClient
from coach.whoop.models import Integration, QuotaLedger
from coach.whoop.payloads import RawPage, RecordKind
from coach.whoop.sync import backfill, calling, history, storing
from coach.work.models import Work
from coach.work.perform import perform
from tests.cast import Cast, Somebody
from tests.conftest import close
from tests.whoop.conftest import NOW, Linker
from tests.whoop.looking_back import (
    DAYS,
    ReadAtOnce,
    days_of,
    history_work,
    link_and_sync,
    linked_app,
    one_piece,
    read_all,
    read_at_once,
    records_of,
    state_of,
)
from tests.whoop.syncing import sync_at

__all__ = ["linked_app", "read_at_once"]


class Killed(BaseException):
    """What a worker that is killed looks like from inside."""


WRITES = ((storing, "store_records"), (history, "write"), (backfill, "derive"))


@dataclass
class Strikes:
    """Kills before or after some of the things a piece does."""

    dice: Random
    kills: int = 0

    def on(self, real: Callable[..., object]) -> Callable[..., object]:
        def struck(*args: object, **keywords: object) -> object:
            self._strike()
            done = real(*args, **keywords)
            self._strike()
            return done

        return struck

    def _strike(self) -> None:
        if self.dice.random() < 0.15:
            self.kills += 1
            raise Killed


@pytest.mark.parametrize("member", ["ines", pytest.param("tessa", marks=pytest.mark.slow)])
def test_bit_by_bit_comes_to_the_same_as_all_at_once_and_costs_no_call_more(
    linker: Linker,
    cast: Cast,
    read_at_once: ReadAtOnce,
    member: str,
) -> None:
    link_and_sync(linker, cast.bea, member)
    before, calls = records_of(linker.app, cast.bea), len(linker.whoop.calls)
    reached = [state_of(linker.app, cast.bea).settled]
    while one_piece(linker.app, cast.bea):
        reached.append(state_of(linker.app, cast.bea).settled)
    assert all(later <= earlier for earlier, later in pairwise(reached))
    assert len(reached) > 3, "it came in pieces"
    records, days = records_of(linker.app, cast.bea), days_of(linker.app, cast.bea)
    made = [call for call in linker.whoop.calls[calls:] if "/oauth/" not in call]
    assert (records, days) == read_at_once(cast.xenia, member)
    new = [kind for kind, _ in records.keys() - before.keys()]
    fewest = sum(ceil(new.count(kind) / 25) for kind in set(new))
    assert len(made) <= 1.1 * fewest
    assert state_of(linker.app, cast.bea).percent == 100


def test_a_history_that_is_killed_again_and_again_reads_one_page_more_for_each_kill(
    linker: Linker,
    cast: Cast,
    read_at_once: ReadAtOnce,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    link_and_sync(linker, cast.bea, "ada")
    strikes = Strikes(Random(20))  # noqa: S311  # a test repeats itself
    for module, name in WRITES:
        monkeypatch.setattr(module, name, strikes.on(getattr(module, name)))
    start = len(linker.whoop.calls)
    again = True
    while again:
        try:
            again = one_piece(linker.app, cast.bea)
        except Killed:
            _take_back(linker.app, cast.bea)
    monkeypatch.undo()
    made = [call for call in linker.whoop.calls[start:] if "/oauth/" not in call]
    assert strikes.kills >= 10
    assert (records_of(linker.app, cast.bea), days_of(linker.app, cast.bea)) == read_at_once(
        cast.xenia, "ada"
    )
    pages = sum(each.pages for each in state_of(linker.app, cast.bea).lists.values())
    assert len(made) <= pages + strikes.kills


def _take_back(app: Flask, who: Somebody) -> None:
    """Do what the sweep does with the work of a worker that died."""
    work = history_work(app, who)
    assert work
    with app.app_context():
        db.session.rollback()
        db.session.execute(
            db.update(Work).where(Work.id == work.id).values(state="waiting", attempts=0)
        )
        db.session.commit()


@pytest.mark.slow
def test_a_mark_that_whoop_has_forgotten_costs_a_day_of_overlap_and_nothing_more(
    linker: Linker, cast: Cast, read_at_once: ReadAtOnce
) -> None:
    link_and_sync(linker, cast.bea, "hugo")
    one_piece(linker.app, cast.bea)
    with linker.app.app_context(), acting_for(cast.bea.organisation_id):
        stored = db.session.execute(_integration(cast.bea)).scalar_one()
        known = history.parse(stored.history)
        assert known
        assert all(each.token for each in known.lists.values())
        spoiled = {kind: replace(each, token="forgotten") for kind, each in known.lists.items()}
        stored.history = history.dump(replace(known, lists=spoiled))
        db.session.commit()
    read_all(linker.app, cast.bea)
    assert (records_of(linker.app, cast.bea), days_of(linker.app, cast.bea)) == read_at_once(
        cast.xenia, "hugo"
    )


def test_a_disconnect_stops_it_at_once_and_a_reconnect_goes_on_with_it(
    linker: Linker, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = linker.link(cast.bea, "ada")
    linker.work(cast.bea.organisation_id)
    one_piece(linker.app, cast.bea)
    before, real = records_of(linker.app, cast.bea), calling.lister

    def cutting(kind: RecordKind, whoop: WhoopClient) -> PageOf:
        def page(
            *, start: datetime | None, end: datetime | None, next_token: str | None
        ) -> RawPage:
            answer = real(kind, whoop)(start=start, end=end, next_token=next_token)
            browser.post_form("/cabinet/whoop/disconnect", {"history": "keep"})
            return answer

        return page

    monkeypatch.setattr(calling, "lister", cutting)
    one_piece(linker.app, cast.bea)
    monkeypatch.undo()
    assert records_of(linker.app, cast.bea) == before
    assert history_work(linker.app, cast.bea) is None

    linker.whoop.now += timedelta(days=45)
    linker.link(cast.bea, "ada")
    linker.work(cast.bea.organisation_id)
    dates = sorted(days_of(linker.app, cast.bea))
    assert (dates[-1] - dates[0]).days == len(dates) - 1, "the gap is filled first"
    assert (linker.whoop.now.date() - dates[-1]).days <= 1
    read_all(linker.app, cast.bea)
    dates = sorted(days_of(linker.app, cast.bea))
    assert (dates[-1] - dates[0]).days == len(dates) - 1
    assert len(dates) >= DAYS + 44


@pytest.mark.slow
def test_who_links_another_account_gets_its_history_from_the_start(
    linker: Linker, cast: Cast
) -> None:
    browser = linker.link(cast.bea, "ada")
    linker.work(cast.bea.organisation_id)
    read_all(linker.app, cast.bea)
    browser.post_form("/cabinet/whoop/disconnect", {"history": "delete"})
    link_and_sync(linker, cast.bea, "ada")
    assert not state_of(linker.app, cast.bea).done
    read_all(linker.app, cast.bea)
    assert len(days_of(linker.app, cast.bea)) >= DAYS - 1


def test_clients_come_forward_side_by_side_under_a_small_quota_and_fresh_data_does_not_wait(
    linker: Linker, cast: Cast
) -> None:
    people = {cast.bea: "ada", cast.carl: "mara", cast.xenia: "june"}
    for who, member in people.items():
        linker.link(who, member)
    for organisation_id in {who.organisation_id for who in people}:
        linker.work(organisation_id)
    with small_app(linker.app, per_minute=20) as small:
        for minute in range(1, 4):
            _a_minute_passes(small, people)
            while work := _next_due(small, people):
                with small.app_context():
                    perform(str(work.id))
            pages = [_pages(small, who) for who in people]
            assert max(pages) - min(pages) <= backfill.PAGES_AT_ONCE, f"in minute {minute}"
            assert sum(pages) == 10 * minute, "half of the quota is for this lane"
            sync_at(small, cast.bea, NOW)  # would be told to slow down if the other half were used


@contextmanager
def small_app(app: Flask, *, per_minute: int) -> Iterator[Flask]:
    changes = {"whoop_rate_limit_per_minute": per_minute}
    small = create_app(app.config["SETTINGS"].model_copy(update=changes))
    try:
        yield small
    finally:
        close(small)
        with app.app_context():
            db.session.execute(db.delete(QuotaLedger))
            db.session.commit()


def _integration(who: Somebody) -> Select[Integration]:
    return db.select(Integration).where(Integration.client_id == who.client_id)


def _pages(app: Flask, who: Somebody) -> int:
    return sum(each.pages for each in state_of(app, who).lists.values())


def _a_minute_passes(app: Flask, people: Iterable[Somebody]) -> None:
    ids = [work.id for who in people if (work := history_work(app, who))]
    with app.app_context():
        db.session.execute(db.delete(QuotaLedger))
        earlier = Work.due_at - timedelta(minutes=15)
        db.session.execute(db.update(Work).where(Work.id.in_(ids)).values(due_at=earlier))
        db.session.commit()


def _next_due(app: Flask, people: Iterable[Somebody]) -> Work | None:
    works = [work for who in people if (work := history_work(app, who))]
    with app.app_context():
        moment = db.session.execute(db.select(db.func.now())).scalar_one()
    due = [work for work in works if work.due_at <= moment]
    return min(due, key=lambda work: work.due_at, default=None)
