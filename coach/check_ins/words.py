"""What ratings and tags are called on screen."""

from datetime import UTC, datetime

from flask import Flask
from flask_babel import format_datetime, to_user_timezone
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from coach.check_ins.marks import device_mark
from coach.check_ins.models import TagKind

# What a coach answers to a check-in with one tap.
QUICK_REPLIES: dict[str, LazyString] = {
    "thanks": _l("Thanks, I have seen it."),
    "keep": _l("Good. We keep to the plan."),
    "easy": _l("Take it easier today."),
    "talk": _l("Let us talk today."),
}
TAG_WORDS: dict[str, LazyString] = {
    TagKind.ILL.value: _l("Ill"),
    TagKind.INJURED.value: _l("Injured"),
    TagKind.TRAVELLING.value: _l("Travelling"),
    TagKind.COMPETITION.value: _l("Competition"),
    TagKind.HOLIDAY.value: _l("Holiday"),
    TagKind.MEDICATION.value: _l("Medication"),
}
# The item, the word for 1 and the word for 7 of Hooper's scale.
ITEM_WORDS: dict[str, tuple[LazyString, LazyString, LazyString]] = {
    "sleep": (_l("Sleep"), _l("very, very good"), _l("very, very bad")),
    "stress": (_l("Stress"), _l("very, very low"), _l("very, very high")),
    "fatigue": (_l("Fatigue"), _l("very, very low"), _l("very, very high")),
    "soreness": (_l("Muscle soreness"), _l("very, very low"), _l("very, very high")),
}


def register(app: Flask) -> None:
    """Give templates the words."""
    app.jinja_env.filters["tag_word"] = lambda kind: str(TAG_WORDS[kind])
    app.jinja_env.filters |= {"local_clock": _local_clock, "device_mark": device_mark}
    app.jinja_env.globals["ITEM_WORDS"] = ITEM_WORDS
    app.jinja_env.globals["TAG_WORDS"] = TAG_WORDS
    app.jinja_env.globals["QUICK_REPLIES"] = QUICK_REPLIES


def _local_clock(at: datetime) -> str:
    """Write the time of day on the reader's own clock; the day before it, when it is not today."""
    local, here = to_user_timezone(at), to_user_timezone(datetime.now(UTC))
    return str(
        format_datetime(
            local, "HH:mm" if local.date() == here.date() else "d MMM, HH:mm", rebase=False
        )
    )
