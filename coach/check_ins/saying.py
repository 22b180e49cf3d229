"""Answer a check-in, rate a mood, tag dates; and see, answer and note as a coach."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, update
from sqlalchemy.dialects.postgresql import insert

from coach.accounts import audit
from coach.accounts.access import Viewer
from coach.check_ins import reading
from coach.check_ins.models import CheckIn, CoachNote, DayTag, MoodRating, TagKind
from coach.days import editing, staleness
from coach.extensions import db
from coach.ids import new_id
from coach.science.feelings import ITEMS


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered on one screen; every part is optional."""

    mood: int | None = None
    items: Mapping[str, int] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tagging:
    """What was different, and on which dates; without a last one it goes on."""

    kind: TagKind
    first: date
    last: date | None = None
    note: str = ""


def answer(
    client_id: UUID, day: date, answers: Answers, *, by: Viewer, at: datetime | None = None
) -> None:
    """Keep a check-in; answered again, the new answers stand and it counts as not seen.

    `at` is when it was made, where that is not now.
    """
    if answers.mood is not None:
        rate_mood(client_id, day, answers.mood, by=by)
    said: dict[str, object] = {item: answers.items.get(item) for item in ITEMS}
    said["note"] = answers.note or None
    said["answered_at"] = at or func.now()
    again = {**said, "seen_by": None, "seen_at": None}
    row = insert(CheckIn).values(
        organisation_id=by.organisation_id, id=new_id(), client_id=client_id, date=day, **said
    )
    key = ["organisation_id", "client_id", "date"]
    db.session.execute(row.on_conflict_do_update(index_elements=key, set_=again))
    staleness.mark(client_id, day)


def rate_mood(client_id: UUID, day: date, rating: int, *, by: Viewer) -> UUID:
    """Keep how the mood was, 1 to 10, and copy it to the day; the rating's id."""
    row = insert(MoodRating).values(
        organisation_id=by.organisation_id,
        id=new_id(),
        client_id=client_id,
        date=day,
        rating=rating,
        rated_by=by.user_id,
    )
    kept = row.on_conflict_do_update(
        index_elements=["organisation_id", "client_id", "date"],
        set_={"rating": row.excluded.rating, "rated_by": row.excluded.rated_by},
    )
    editing.say(client_id, day, {"mood": rating}, by=by.user_id)
    return db.session.execute(kept.returning(MoodRating.id)).scalar_one()


def take_mood_back(client_id: UUID, day: date, *, by: Viewer) -> None:
    """Let a date have no mood any more."""
    editing.say(client_id, day, {"mood": editing.USE_DEVICE}, by=by.user_id)
    follow_day(client_id, day, by=by)


def follow_day(client_id: UUID, day: date, *, by: Viewer) -> None:
    """Let the rating of a date follow what was typed into its day; no word there, no rating."""
    rating = reading.mood_of(client_id, day)
    if rating is not None:
        rate_mood(client_id, day, rating, by=by)
        return
    mine = (MoodRating.organisation_id == by.organisation_id, MoodRating.client_id == client_id)
    db.session.execute(delete(MoodRating).where(*mine, MoodRating.date == day))


def tag(client_id: UUID, said: Tagging, *, by: Viewer) -> DayTag:
    """Say that something was different from one date to another, or until further notice."""
    made = DayTag(
        id=new_id(),
        organisation_id=by.organisation_id,
        client_id=client_id,
        kind=said.kind,
        first_date=said.first,
        last_date=said.last,
        note=said.note or None,
        said_by=by.user_id,
    )
    db.session.add(made)
    db.session.flush()
    staleness.mark(client_id, said.first)
    return made


def go_on(found: DayTag, said: Tagging) -> None:
    """Let a tag that stands take in what is said of it again: an end, a later one, a note."""
    if found.last_date is None or said.last is None:
        found.last_date = said.last
    else:
        found.last_date = max(found.last_date, said.last)
    found.note = said.note or found.note
    staleness.mark(found.client_id, found.first_date)
    db.session.flush()


def end_tag(found: DayTag, last: date) -> None:
    """Let a tag end on a date; one that would end before it began is taken back."""
    staleness.mark(found.client_id, found.first_date)
    if last < found.first_date:
        db.session.delete(found)
    else:
        found.last_date = last
    db.session.flush()


def remove_tag(found: DayTag, *, by: Viewer) -> None:
    """Take back a tag that a coach set; its days count again."""
    audit.record("tag_removed", by=by.user_id, subject=found.client_id)
    end_tag(found, found.first_date - timedelta(days=1))


def see(client_id: UUID, day: date, *, by: Viewer) -> bool:
    """Mark a check-in as seen by a coach, once; the client is shown by whom and when."""
    return _mark(client_id, day, by=by, seen_by=by.membership_id, seen_at=func.now())


def reply(client_id: UUID, day: date, text: str, *, by: Viewer) -> bool:
    """Answer a check-in; that also marks it as seen."""
    see(client_id, day, by=by)
    now = {"reply": text, "replied_at": func.now()}
    changed = db.session.execute(
        update(CheckIn).where(*_of(client_id, day, by)).values(now).returning(CheckIn.id)
    )
    return changed.one_or_none() is not None


def note(client_id: UUID, day: date, text: str, *, by: Viewer) -> CoachNote:
    """Write something down about a client."""
    made = CoachNote(
        id=new_id(),
        organisation_id=by.organisation_id,
        client_id=client_id,
        author_id=by.membership_id,
        date=day,
        text=text,
    )
    db.session.add(made)
    audit.record("note_written", by=by.user_id, subject=client_id)
    return made


def remove_note(found: CoachNote, *, by: Viewer) -> None:
    """Take back what a coach wrote down."""
    audit.record("note_removed", by=by.user_id, subject=found.client_id)
    db.session.delete(found)
    db.session.flush()


def _mark(client_id: UUID, day: date, *, by: Viewer, **values: object) -> bool:
    changed = db.session.execute(
        update(CheckIn)
        .where(*_of(client_id, day, by), CheckIn.seen_at.is_(None))
        .values(values)
        .returning(CheckIn.id)
    )
    return changed.one_or_none() is not None


def _of(client_id: UUID, day: date, by: Viewer) -> tuple[ColumnElement[bool], ...]:
    return (
        CheckIn.organisation_id == by.organisation_id,
        CheckIn.client_id == client_id,
        CheckIn.date == day,
    )
