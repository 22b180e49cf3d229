"""What the tables of an export hold: their columns, each with its words and its unit."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from coach.accounts.models import FieldGroup
from coach.accounts.sharing import GROUP_OF
from coach.check_ins.words import ITEM_WORDS
from coach.days.metrics import METRICS, SLEEP_METRICS, WORKOUT_METRICS, Metric
from coach.web.labels import METRIC_WORDS

OF_DAY_SOURCE = "_source"
NOT_SHARED = "_not_shared"


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `group` is what has to be shared before a coach may have it."""

    name: str
    words: LazyString
    unit: str | LazyString = ""
    group: FieldGroup | None = None


# Every table ends with it: the importer knows our tables by it and leaves them alone.
FORM = Column("coach_export", _l("the form of this table"))
_UTC = _l("UTC")
_DATE = Column("date", _l("the day it belongs to"))
_OFFSET = Column("offset_minutes", _l("the clock there, east of UTC"), _l("minutes"))
_SOURCES = Column("sources", _l("who tells of it: whoop, whoop_export"))
_SPAN = (
    _DATE,
    Column("started_at", _l("when it began"), _UTC),
    Column("ended_at", _l("when it ended"), _UTC),
    _OFFSET,
)
_OF_WORKOUTS_ONLY = {
    **{
        f"zone_{zone}_minutes": _l("Time in heart rate zone %(zone)s", zone=zone)
        for zone in range(6)
    },
    "distance_m": _l("Distance"),
    "altitude_gain_m": _l("Climb"),
    "altitude_change_m": _l("How much higher the end lies than the start"),
}


def _values(metrics: Mapping[str, Metric]) -> Iterator[Column]:
    for name, metric in metrics.items():
        words = METRIC_WORDS[name].label if name in METRIC_WORDS else _OF_WORKOUTS_ONLY[name]
        yield Column(name, words, _UTC if metric.kind == "time" else metric.unit)


def _values_of_a_day() -> Iterator[Column]:
    for column in _values(METRICS):
        name, group = column.name, GROUP_OF[column.name]
        yield Column(name, column.words, column.unit, group)
        said = _l("who says so: manual, whoop or whoop_export")
        yield Column(f"{name}{OF_DAY_SOURCE}", said, group=group)


_MARKS_OF_A_DAY = (
    Column("provisional", _l("true while WHOOP may still change the day")),
    Column("calibrating", _l("true while WHOOP was getting to know the person")),
    Column("doubtful", _l("which values of the day to take with care")),
)
DAYS = (_DATE, *_values_of_a_day(), *_MARKS_OF_A_DAY, FORM)
SLEEPS = (
    *_SPAN,
    Column("nap", _l("true for a nap, false for a night")),
    *_values(SLEEP_METRICS),
    _SOURCES,
    FORM,
)
WORKOUTS = (
    *_SPAN,
    Column("activity", _l("what it was, in WHOOP's words")),
    *_values(WORKOUT_METRICS),
    _SOURCES,
    FORM,
)
JOURNAL = (
    _DATE,
    Column("cycle_started_at", _l("when this day began for WHOOP"), _UTC),
    Column("question", _l("the question, in WHOOP's words")),
    Column("answered_yes", _l("true for yes, false for no")),
    Column("notes", _l("Notes")),
    FORM,
)
CHECK_INS = (
    _DATE,
    Column("mood", METRIC_WORDS["mood"].label, "1-10"),
    *(Column(item, words[0], "1-7") for item, words in ITEM_WORDS.items()),
    Column("note", _l("Note")),
    Column("answered_at", _l("when it was answered"), _UTC),
    Column("seen_at", _l("when a coach saw it"), _UTC),
    Column("reply", _l("what the coach answered")),
    Column("replied_at", _l("when the coach answered"), _UTC),
    FORM,
)
TAGS = (
    Column("kind", _l("what it was: ill, injured, travelling, competition, holiday, medication")),
    Column("first_date", _l("First day")),
    Column("last_date", _l("the last day; empty while it goes on")),
    Column("note", _l("Note")),
    FORM,
)


def shared_columns(shared: Collection[FieldGroup]) -> tuple[Column, ...]:
    """Give the columns of days for a coach.

    In the place of what is not shared stands one column that says so, even if there are no rows.
    """
    withheld = [group for group in FieldGroup if group not in shared]
    said = _l("true: the client does not share this")
    return (
        *(column for column in DAYS if column is not FORM and column.group not in withheld),
        *(Column(f"{group}{NOT_SHARED}", said) for group in withheld),
        FORM,
    )
