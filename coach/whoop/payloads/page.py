"""Reads the bytes WHOOP answers with into JSON that PostgreSQL can keep."""

import json
import re
from dataclasses import dataclass
from math import isfinite

MAX_DEPTH = 32

RawRecord = dict[str, object]

# Bytes without which no text can hold NUL or half a surrogate.
_SUSPICIOUS = re.compile(rb"\\u0000|\\u[dD]|\x00|\xed")


class Unreadable(ValueError):
    """These bytes are not what the API answers with."""


@dataclass(frozen=True, slots=True)
class RawPage:
    """One page of a list as it came; `refused` counts entries that are no records at all."""

    records: list[RawRecord]
    next_token: str | None
    refused: int = 0


def parse_page(body: bytes) -> RawPage:
    """Read a page; raises Unreadable, because a page read wrongly would move the cursor on."""
    page = parse_record(body)
    entries, token = page.get("records"), page.get("next_token")
    if not isinstance(entries, list):
        raise Unreadable("a page without records")
    if token is not None and not isinstance(token, str):
        raise Unreadable("next_token is no text")
    records = [entry for entry in entries if isinstance(entry, dict)]
    return RawPage(records, token or None, len(entries) - len(records))


def parse_record(body: bytes) -> RawRecord:
    """Read one JSON object so that PostgreSQL can store it."""
    try:
        # NaN, Infinity and 1e999 are not JSON: kept as the text they came as.
        found = json.loads(body, parse_constant=str, parse_float=_float_or_text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not JSON") from error
    if not isinstance(found, dict):
        raise Unreadable("not an object")
    if not _SUSPICIOUS.search(body) and _is_shallow(found, MAX_DEPTH - 1):
        return found  # as nearly always; to look at each text takes longer than to read the JSON
    return {_storable(name): _clean(value, MAX_DEPTH) for name, value in found.items()}


def _is_shallow(value: dict[str, object] | list[object], depth: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value
    containers = [each for each in inner if isinstance(each, (dict, list))]
    return depth > 0 and all(_is_shallow(each, depth - 1) for each in containers)


def _float_or_text(text: str) -> float | str:
    return number if isfinite(number := float(text)) else text


def _clean(value: object, depth: int) -> object:
    if depth == 0:
        raise Unreadable("nested too deeply")
    match value:
        case str():
            return _storable(value)
        case list():
            return [_clean(item, depth - 1) for item in value]
        case dict():
            return {_storable(name): _clean(item, depth - 1) for name, item in value.items()}
        case _:
            return value


def _storable(text: str) -> str:
    """Replace what JSON may escape and PostgreSQL refuses: NUL and half surrogates."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
