"""Whose need a debt of sleep is held against, in the reader's language."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from coach.science.sleep_need import NeedBy

AGAINST: Mapping[NeedBy, LazyString] = {
    NeedBy.WHOOP: _l("against WHOOP's base need"),
    NeedBy.TYPED: _l("against the need typed by hand"),
    NeedBy.DEFAULT: _l("against 7 h 30 min a night"),
    NeedBy.SEVERAL: _l("against each night's own need, or 7 h 30 min"),
}


def need_in_words(against: NeedBy | None) -> str:
    """Say whose need that is; what was worked out before this was kept knew 7 h 30 min alone."""
    return str(AGAINST[against or NeedBy.DEFAULT])
