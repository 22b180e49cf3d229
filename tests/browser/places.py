"""Every page that there is, from the map of addresses: a new page is looked at by itself."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask import Flask

DAY = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
# What stands in an address for a thing that there is not: the error page is a page as well.
ABSENT: Mapping[str, str] = {
    "chosen": DAY,
    "day": DAY,
    "token": "absent",
    "slug": "absent",
    "week": "2026-W20",
}
NO_PAGES = ("static", "health.", "metrics.")
PART = re.compile(r"<(?:(?P<kind>\w+)(?:\(.*?\))?:)?(?P<name>\w+)>")


def addresses(app: Flask, known: Mapping[str, str]) -> list[str]:
    """List an address for each page; `known` says what stands for the parts in `<…>`."""

    def part(found: re.Match[str]) -> str:
        nobody = str(UUID(int=0)) if found["kind"] == "uuid" else "days"
        return known.get(found["name"]) or ABSENT.get(found["name"], nobody)

    return sorted(
        PART.sub(part, rule.rule)
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.endpoint.startswith(NO_PAGES)
    )
