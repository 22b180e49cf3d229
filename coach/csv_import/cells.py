"""One cell of text as a value, or the reason why not."""

import re
import unicodedata
from functools import lru_cache

from coach.csv_import.problems import Reason
from coach.csv_import.times import Unreadable
from coach.days.calendar import parse_offset

_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,12})?")
_LONGEST_WORD = 20  # what is kept to be known again stays short
# Spreadsheets write their own words for true and false when they save a copy.
_YES = {"true", "yes", "1", "si", "oui", "sim", "ja", "vrai", "verdadero", "verdadeiro", "wahr"}
_NO = {"false", "no", "0", "non", "nao", "nein", "faux", "falso", "falsch"}


def folded(text: str) -> str:
    """Keep letters and digits only, in lower case and without accents."""
    plain = unicodedata.normalize("NFKD", text).lower()
    return "".join(letter for letter in plain if letter.isalnum())


def offset(text: str) -> int | None:
    """Read `UTC+05:30`, `UTC-08:00`, `UTCZ` or `Z` as minutes; None when unknown, never a guess."""
    return _offset(text[:_LONGEST_WORD])


def number(text: str) -> float:
    """Read a number; infinity, exponents and thousands separators are none."""
    if not _NUMBER.fullmatch(text):
        raise Unreadable(Reason.NOT_A_NUMBER)
    return float(text)


def comma_number(text: str) -> float:
    """Read a number with a decimal comma or point: for files in which a comma divides nothing."""
    return number(text.replace(",", ".", 1))


def flag(text: str) -> bool:
    """Read true and false in any case, as a spreadsheet or another language writes them."""
    word = folded(text) if len(text) < _LONGEST_WORD else ""
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Unreadable(Reason.NOT_A_FLAG)


@lru_cache(maxsize=512)
def _offset(text: str) -> int | None:
    plain = text.upper().removeprefix("UTC").replace("\N{MINUS SIGN}", "-")
    try:
        return parse_offset(plain)
    except ValueError:
        return None
