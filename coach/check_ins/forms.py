"""What a client may answer and tag."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext as _

from coach.check_ins.models import MOOD_HIGHEST, MOOD_LOWEST, TagKind
from coach.check_ins.saying import Answers
from coach.science.feelings import HIGHEST, ITEMS, LOWEST

LONGEST_NOTE = 1000


@dataclass(slots=True)
class CheckInForm:
    """The answers of one screen, and what could not be understood."""

    answers: Answers = field(default_factory=Answers)
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "CheckInForm":
        """Read the answers; nothing answered at all is an error, because nothing would be kept."""
        read = cls()
        mood = read._rating(form, "mood", MOOD_LOWEST, MOOD_HIGHEST)
        given = {item: read._rating(form, item, LOWEST, HIGHEST) for item in ITEMS}
        items = {item: rating for item, rating in given.items() if rating is not None}
        note = form.get("note", "").strip()[:LONGEST_NOTE]
        read.answers = Answers(mood, items, note)
        if not (read.errors or note or items or mood is not None):
            read.errors["form"] = _("Answer at least one question; all of them are optional.")
        return read

    def _rating(self, form: Mapping[str, str], name: str, low: int, high: int) -> int | None:
        typed = form.get(name, "").strip()
        if not typed:
            return None
        rating = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 4 else 0
        if low <= rating <= high:
            return rating
        self.errors[name] = _("Choose from %(low)d to %(high)d.", low=low, high=high)
        return None


@dataclass(slots=True)
class TagForm:
    """A tag with its dates, and what could not be understood."""

    kind: TagKind | None = None
    first: date | None = None
    last: date | None = None
    note: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, form: Mapping[str, str], *, today: date) -> "TagForm":
        """Read a tag; without a first date it begins today, without a last one it goes on."""
        read = cls(note=form.get("note", "").strip()[:LONGEST_NOTE])
        kinds = {kind.value: kind for kind in TagKind}
        read.kind = kinds.get(form.get("kind", ""))
        if read.kind is None:
            read.errors["kind"] = _("Choose what it was.")
        read.first = read._date(form, "first_date") or today
        read.last = read._date(form, "last_date")
        if read.last and read.first > read.last:
            read.errors["last_date"] = _("The last day lies before the first one.")
        return read

    def _date(self, form: Mapping[str, str], name: str) -> date | None:
        typed = form.get(name, "").strip()
        if not typed:
            return None
        try:
            return date.fromisoformat(typed)
        except ValueError:
            self.errors[name] = _("Choose a date.")
            return None
