"""The coach's diary page of a client: workouts, journal, check-ins, tags and notes."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask

from coach.accounts.models import FieldGroup
from coach.check_ins.models import CheckIn, CoachNote, DayTag, TagKind
from coach.database.tenancy import acting_for
from coach.days.models import JournalEntry, Workout
from coach.extensions import db
from coach.ids import new_id
from tests.cast import Cast
from tests.critic import Critic

NOW = datetime.now(UTC)
TODAY = NOW.date()
TOLD = {
    FieldGroup.WORKOUTS: "Ice hockey",
    FieldGroup.JOURNAL: "Any late meal?",
    FieldGroup.CHECK_IN: "slept at the airport",
}


@pytest.fixture
def diary(app: Flask, cast: Cast) -> str:
    """Bea has done and said one thing of each kind, and shares nothing yet."""
    key: dict[str, UUID | None] = {
        "organisation_id": cast.bea.organisation_id,
        "client_id": cast.bea.client_id,
    }
    began = NOW.replace(hour=9, minute=5) - timedelta(days=1)
    workout = Workout(
        key="w",
        date=began.date(),
        started_at=began,
        ended_at=began + timedelta(minutes=75),
        offset_minutes=120,
        sources=["whoop"],
        activity="ice-hockey",
        strain=14.2,
        average_heart_rate=131,
        max_heart_rate=178,
        zone_1_minutes=15,
        zone_4_minutes=60,
        **key,
    )
    answer = JournalEntry(
        key="j", date=TODAY, cycle_started_at=NOW, question=TOLD[FieldGroup.JOURNAL], **key
    )
    said = CheckIn(id=new_id(), date=TODAY, fatigue=6, note=TOLD[FieldGroup.CHECK_IN], **key)
    tag = DayTag(id=new_id(), kind=TagKind.TRAVELLING, first_date=TODAY, **key)
    with app.app_context(), acting_for(cast.bea.organisation_id):
        db.session.add_all([workout, answer, said, tag])
        db.session.commit()
        db.session.remove()
    return f"/dashboard/clients/{cast.bea.client_id}/diary"


def _share(app: Flask, cast: Cast, *groups: FieldGroup) -> None:
    shared = [group.value for group in groups]
    Critic.of(app).sign_in(cast.bea).post_form("/cabinet/sharing", {"share": shared})


def test_each_kind_shows_only_where_its_group_is_shared(app: Flask, cast: Cast, diary: str) -> None:
    coach = Critic.of(app).sign_in(cast.ann)
    text = coach.get(diary).text
    assert not [words for words in TOLD.values() if words in text]
    assert "shares nothing with you yet" in text
    for group in TOLD:
        _share(app, cast, group)
        text = coach.get(diary).text
        assert [each for each, words in TOLD.items() if words in text] == [group]
        assert "Not shared with you:" in text


def test_a_workout_is_told_on_its_own_clock_with_its_zones(
    app: Flask, cast: Cast, diary: str
) -> None:
    _share(app, cast, FieldGroup.WORKOUTS)
    text = " ".join(Critic.of(app).sign_in(cast.ann).get(diary).text.split())
    for words in ("11:05", "1 h 15 min", "14.2", "131", "178", "Z1 15 min", "Z4 1 h 0 min"):
        assert words in text.replace("\N{NO-BREAK SPACE}", " ")


def test_marking_seen_and_replying_lead_back_to_the_diary(
    app: Flask, cast: Cast, diary: str
) -> None:
    _share(app, cast, FieldGroup.CHECK_IN)
    coach = Critic.of(app).sign_in(cast.ann)
    assert "Not seen yet" in coach.get(diary).text
    of_day = diary.replace("/diary", f"/check-ins/{TODAY}")
    seen = coach.post_form(f"{of_day}/receipt", {"back": "diary"})
    assert seen.headers["Location"] == diary
    coach.post_form(f"{of_day}/reply", {"back": "diary", "text": "Sleep in tomorrow."})
    text = coach.get(diary).text
    assert "Not seen yet" not in text
    assert "Sleep in tomorrow." in text


def test_a_coach_takes_back_the_own_note_and_the_own_tag_and_no_others(
    app: Flask, cast: Cast, diary: str
) -> None:
    _share(app, cast, FieldGroup.CHECK_IN)
    coach = Critic.of(app).sign_in(cast.ann)
    coach.post_form(diary.replace("/diary", "/notes"), {"back": "diary", "text": "Knee"})
    coach.post_form(diary.replace("/diary", "/tags"), {"back": "diary", "kind": "ill"})
    page = coach.get(diary).text
    assert "<bdi>Ann</bdi>" in page
    removals = re.findall(r'action="([^"]+/removal)"', page)
    assert len(removals) == 2, "the client's own tag is the client's"
    others = [Critic.of(app).sign_in(each) for each in (cast.olga, cast.yan)]
    theirs, of_yans = f"/{cast.bea.client_id}/", f"/{cast.xenia.client_id}/"
    for path in removals:
        for other in others:
            assert other.post_form(path, page="/dashboard").status_code == 404
        within = path.replace(theirs, of_yans)  # their id, below a client of the stranger's own
        assert others[1].post_form(within, page="/dashboard").status_code == 404
        assert coach.post_form(path).status_code == 303
    with app.app_context(), acting_for(cast.bea.organisation_id):
        assert db.session.scalars(db.select(CoachNote)).all() == []
        assert db.session.scalars(db.select(DayTag.kind)).all() == ["travelling"]
        db.session.remove()


def test_notes_are_for_those_who_coach_the_client(app: Flask, cast: Cast, diary: str) -> None:
    coach = Critic.of(app).sign_in(cast.ann)
    post = coach.post_form(diary.replace("/diary", "/notes"), {"back": "diary", "text": "<b>Knee"})
    assert post.headers["Location"] == diary
    assert "&lt;b&gt;Knee" in coach.get(diary).text
    owner = Critic.of(app).sign_in(cast.olga).get(diary).text
    assert "Knee" not in owner
    assert "Keep note" not in owner
    with app.app_context(), acting_for(cast.bea.organisation_id):
        notes = db.session.scalars(db.select(CoachNote)).all()
        written = [(note.text, note.author_id) for note in notes]
        db.session.remove()
    assert written == [("<b>Knee", cast.ann.membership_id)]
