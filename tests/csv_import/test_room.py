"""How much one client may leave here, and what happens when the disk is full."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NoReturn

import pytest
from werkzeug import formparser

from coach.csv_import import importing, room, uploads
from coach.csv_import.models import Import
from coach.extensions import db
from tests.csv_import.uploader import CYCLES, Uploader, zipped

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def other(number: int) -> bytes:
    """Give another export than the last one."""
    return zipped([{**CYCLES[0], "Day Strain": f"{number}.5"}, CYCLES[1]])


def kept(who: Uploader) -> set[Path]:
    with who.inside():
        return set(importing.upload_path(who.newest().id).parent.glob("*"))


def test_a_client_cannot_leave_more_uploads_waiting_than_a_few(bea: Uploader) -> None:
    for number in range(room.MOST_OPEN):
        bea.read(other(number))
    files = kept(bea)
    refused = bea.post(other(99))
    assert refused.status_code == 422
    assert "Apply or discard one, then upload again" in refused.text
    assert kept(bea) == files
    assert bea.post(other(0)).status_code == 303, "a file that is here already needs no room"
    bea.press(bea.newest().id, "discard")
    assert bea.post(other(99)).status_code == 303


def test_what_one_client_waits_for_takes_no_room_from_another(
    bea: Uploader, carl: Uploader
) -> None:
    for number in range(room.MOST_OPEN):
        bea.read(other(number))
    assert carl.post(other(1)).status_code == 303


def test_a_client_cannot_leave_more_bytes_than_a_few_large_uploads(bea: Uploader) -> None:
    done = bea.upload(zipped())
    with bea.inside():
        all_there_is = room.most_kept_mb() * room.MEGABYTE
        mine = db.update(Import).where(Import.id == done.id)
        db.session.execute(mine.values(size=all_there_is - 10))
        db.session.commit()
    refused = bea.post(other(1))
    assert refused.status_code == 422
    assert "may take 200 MB together" in refused.text
    with bea.inside():
        long_ago = db.func.now() - room.kept_for()
        db.session.execute(mine.values(created_at=long_ago))
        db.session.commit()
    assert bea.post(other(1)).status_code == 303


@pytest.fixture
def before(bea: Uploader) -> Iterator[set[Path]]:
    """Let an earlier upload stand; after the test nothing else lies beside it."""
    bea.upload(zipped())
    files = kept(bea)
    yield files
    assert kept(bea) == files
    assert len(bea.days()) == 2
    with bea.inside():
        mine = db.select(db.func.count()).where(Import.client_id == bea.who.client_id)
        assert db.session.scalar(mine) == 1


@pytest.mark.usefixtures("before")
def test_a_disk_that_is_full_while_storing_gets_a_page_and_leaves_nothing(
    bea: Uploader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def writes_a_little(source: IO[bytes], target: IO[bytes]) -> NoReturn:
        target.write(source.read(10))
        raise FULL

    monkeypatch.setattr(uploads, "_copy", writes_a_little)
    _expect_no_room(bea)


@pytest.mark.usefixtures("before")
def test_a_disk_that_is_full_while_the_upload_arrives_gets_a_page(
    bea: Uploader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot_write(**_: object) -> NoReturn:
        raise FULL

    monkeypatch.setattr(formparser, "SpooledTemporaryFile", cannot_write)
    _expect_no_room(bea, large=True)


@pytest.mark.usefixtures("before")
def test_an_upload_is_not_begun_when_it_would_fill_the_disk(
    bea: Uploader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "FREE_MB", 10**12)
    _expect_no_room(bea)


@pytest.mark.usefixtures("before")
def test_another_failure_of_the_disk_is_no_lack_of_room(
    bea: Uploader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> NoReturn:
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr(uploads, "_copy", breaks)
    assert bea.post(other(1)).status_code == 500


def _expect_no_room(who: Uploader, *, large: bool = False) -> None:
    answer = who.post(bytes(600_000) if large else other(1))
    assert answer.status_code == 507
    assert "There is no room on the server" in answer.text
    assert "Try again in an hour" in answer.text
