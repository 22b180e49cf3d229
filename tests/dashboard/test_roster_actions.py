"""What a coach does from the roster: seen, reply, note, tag; for whom they coach, and no other."""

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from coach.accounts.models import FieldGroup
from coach.check_ins.models import CheckIn, CoachNote, DayTag
from coach.database.tenancy import acting_for
from coach.extensions import db
from tests.cast import Cast, Somebody
from tests.critic import Critic
from tests.dashboard.mornings import ALL, lives, says

TODAY = datetime.now(UTC).date()
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ann(app: Flask, cast: Cast) -> Critic:
    return Critic.of(app).sign_in(cast.ann)


@pytest.fixture
def answered(app: Flask, cast: Cast) -> str:
    """Bea shares everything and has answered today; where what is done about it goes to."""
    lives(app, cast.bea, None, *ALL)
    says(app, cast.bea, CheckIn(date=TODAY, sleep=6, note="a hotel <b>bed</b>"))
    return f"/dashboard/clients/{cast.bea.client_id}/check-ins/{TODAY}"


def address(who: Somebody, deed: str) -> str:
    return f"/dashboard/clients/{who.client_id}/{deed}"


def stored(app: Flask, who: Somebody, table: type[CheckIn | CoachNote | DayTag]) -> list[object]:
    with app.app_context(), acting_for(who.organisation_id):
        return list(db.session.scalars(db.select(table).where(table.client_id == who.client_id)))


def as_htmx(browser: Critic, path: str, fields: dict[str, str] | None = None) -> TestResponse:
    return browser.post_form(path, fields or {}, headers=HTMX)


def test_seen_is_one_click_and_the_answer_is_the_row(
    app: Flask, cast: Cast, ann: Critic, answered: str
) -> None:
    assert f"{answered}/receipt" in ann.get("/dashboard").text
    row = as_htmx(ann, f"{answered}/receipt")
    assert row.status_code == 200
    assert row.text.strip().startswith("<tbody")
    assert "Marked as seen." in row.text
    assert f"{answered}/receipt" not in row.text
    (kept,) = stored(app, cast.bea, CheckIn)
    assert isinstance(kept, CheckIn)
    assert kept.seen_by == cast.ann.membership_id


def test_a_reply_marks_as_seen_and_an_empty_one_is_asked_for_again(
    app: Flask, cast: Cast, ann: Critic, answered: str
) -> None:
    empty = as_htmx(ann, f"{answered}/reply", {"text": "  "})
    assert empty.status_code == 422
    assert "Write something first." in empty.text
    assert "Reply sent." in as_htmx(ann, f"{answered}/reply", {"text": "Rest today\0"}).text
    (kept,) = stored(app, cast.bea, CheckIn)
    assert isinstance(kept, CheckIn)
    assert (kept.reply, kept.seen_by) == ("Rest today", cast.ann.membership_id)


def test_a_check_in_is_answered_with_one_tap(
    app: Flask, cast: Cast, ann: Critic, answered: str
) -> None:
    panel = ann.get(address(cast.bea, "actions"), headers=HTMX).text
    assert re.search(r'name="quick"\s+value="easy"', panel)
    assert "Reply sent." in as_htmx(ann, f"{answered}/reply", {"quick": "easy"}).text
    (kept,) = stored(app, cast.bea, CheckIn)
    assert isinstance(kept, CheckIn)
    assert (kept.reply, kept.seen_by) == ("Take it easier today.", cast.ann.membership_id)
    assert as_htmx(ann, f"{answered}/reply", {"quick": "nonsense"}).status_code == 422


def test_a_note_is_kept_and_without_scripts_one_is_back_on_the_roster(
    app: Flask, cast: Cast, ann: Critic
) -> None:
    answer = ann.post_form(address(cast.bea, "notes"), {"text": "Knee again"})
    assert (answer.status_code, answer.location) == (303, "/dashboard")
    assert "Note kept." in ann.get("/dashboard").text
    (kept,) = stored(app, cast.bea, CoachNote)
    assert isinstance(kept, CoachNote)
    assert (kept.text, kept.author_id) == ("Knee again", cast.ann.membership_id)
    assert as_htmx(ann, address(cast.bea, "notes")).status_code == 422


def test_a_tag_is_said_by_the_coach(app: Flask, cast: Cast, ann: Critic) -> None:
    tags = address(cast.bea, "tags")
    assert "Tag kept." in as_htmx(ann, tags, {"kind": "ill"}).text
    (kept,) = stored(app, cast.bea, DayTag)
    assert isinstance(kept, DayTag)
    assert (kept.kind, kept.said_by, kept.last_date) == ("ill", cast.ann.user_id, None)
    wrong = as_htmx(ann, tags, {"kind": "sad"})
    assert wrong.status_code == 422
    assert "Choose what it was." in wrong.text


def test_what_was_typed_into_a_tag_is_not_lost_to_a_mistake(cast: Cast, ann: Critic) -> None:
    typed = {"kind": "injured", "first_date": "2026-05-10", "last_date": "2026-05-02"}
    again = as_htmx(ann, address(cast.bea, "tags"), typed)
    assert again.status_code == 422
    assert 'value="injured" selected' in again.text
    assert 'value="2026-05-10"' in again.text
    assert 'value="2026-05-02"' in again.text


def test_what_can_be_done_opens_in_place_and_as_a_page(
    cast: Cast, ann: Critic, answered: str
) -> None:
    path = address(cast.bea, "actions")
    opened, whole = ann.get(path, headers=HTMX).text, ann.get(path).text
    assert opened.strip().startswith("<tbody")
    assert "<h1>Bea</h1>" in whole
    for text in (opened, whole):
        assert "a hotel &lt;b&gt;bed&lt;/b&gt;" in text
        assert f'href="mailto:{cast.bea.email}"' in text
        assert f"{answered}/reply" in text
    assert "<textarea" not in ann.get(f"{path}?closed=1", headers=HTMX).text


def test_a_check_in_that_is_not_shared_is_as_if_absent(app: Flask, cast: Cast, ann: Critic) -> None:
    lives(app, cast.bea, None, FieldGroup.SLEEP)
    says(app, cast.bea, CheckIn(date=TODAY, sleep=6, note="canary"))
    here = address(cast.bea, f"check-ins/{TODAY}")
    for deed in ("receipt", "reply"):
        assert ann.post_form(f"{here}/{deed}", {"text": "x"}).status_code == 404
    assert "canary" not in ann.get(address(cast.bea, "actions")).text
    (kept,) = stored(app, cast.bea, CheckIn)
    assert isinstance(kept, CheckIn)
    assert (kept.seen_at, kept.reply) == (None, None)


@pytest.mark.parametrize("day", ["2026-05-14", "nonsense", "2026-13-40"])
def test_a_day_without_a_check_in_has_nothing_to_see(ann: Critic, answered: str, day: str) -> None:
    path = answered.replace(str(TODAY), day)
    assert ann.post_form(f"{path}/receipt").status_code == 404


@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize("who", ["olga", "carla", "yan", "zoe"])
def test_nobody_acts_for_whom_they_do_not_coach(app: Flask, cast: Cast, who: str) -> None:
    other = Critic.of(app).sign_in(getattr(cast, who))
    assert address(cast.bea, "actions") not in other.get("/dashboard").text
    assert other.get(address(cast.bea, "actions")).status_code == 404
    for deed in ("notes", "tags", f"check-ins/{TODAY}/receipt", f"check-ins/{TODAY}/reply"):
        done = other.post_form(address(cast.bea, deed), {"text": "x", "kind": "ill"})
        assert done.status_code == 404
    assert stored(app, cast.bea, CoachNote) == stored(app, cast.bea, DayTag) == []


def test_an_action_asks_for_its_token(cast: Cast, ann: Critic) -> None:
    assert ann.post(address(cast.bea, "notes"), data={"text": "x"}).status_code == 400


def test_an_absent_client_is_a_strangers_client(ann: Critic) -> None:
    assert ann.post_form(f"/dashboard/clients/{UUID(int=0)}/notes").status_code == 404
