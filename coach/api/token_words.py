"""What a token may be used for, in the reader's language."""

from flask_babel import lazy_gettext as _l

from coach.api.scopes import Scope

SCOPE_WORDS = {
    Scope.READ_DAYS: _l("read days, records, moods, check-ins and insights"),
    Scope.READ_JOURNAL: _l("read journal answers"),
    Scope.WRITE_DAYS: _l("write values, moods, check-ins, tags and notes"),
    Scope.READ_ROSTER: _l("read the list of clients and alerts"),
    Scope.SYNC: _l("link WHOOP, and sync"),
    Scope.IMPORTS: _l("upload exports"),
    Scope.PEOPLE: _l("invite people, and keep external ids and consents"),
}
