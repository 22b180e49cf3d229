"""Every answer of every endpoint for members, held against WHOOP's published document."""

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import cast

import pytest
from jsonschema import Draft4Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from tests.simulator.browser import EVERYBODY, HEAVY_TRAINER, NEWCOMER, Browser, Clock, JsonObject

DOCUMENT = json.loads(
    (Path(__file__).parents[1] / "verification" / "whoop-openapi.json").read_text()
)
COLLECTIONS = ("/v2/cycle", "/v2/recovery", "/v2/activity/sleep", "/v2/activity/workout")
FOUR_MONTHS_AGO = "2026-07-20T00:00:00Z"
WIDTHS = {"int32": 2**31, "int64": 2**63}
formats = FormatChecker(formats=["uuid"])


@formats.checks("date-time", raises=ValueError)
def is_whoop_time(value: object) -> bool:
    """Check for UTC with milliseconds and `Z`."""
    return (
        value
        == f"{datetime.strptime(str(value), '%Y-%m-%dT%H:%M:%S.%f%z'):%Y-%m-%dT%H:%M:%S}.{str(value)[20:23]}Z"
    )


@formats.checks("int32")
def fits_32_bits(value: object) -> bool:
    return not isinstance(value, int) or abs(value) < WIDTHS["int32"]


@formats.checks("int64")
def fits_64_bits(value: object) -> bool:
    return not isinstance(value, int) or abs(value) < WIDTHS["int64"]


def components() -> JsonObject:
    """Return the schemas, allowing no field that the document does not know."""
    schemas = deepcopy(DOCUMENT["components"]["schemas"])
    for schema in schemas.values():
        schema["additionalProperties"] = False
    return {"schemas": schemas}


COMPONENTS = components()


@cache
def validator(path: str) -> tuple[JsonObject, Draft4Validator]:
    content = DOCUMENT["paths"][path]["get"]["responses"]["200"]["content"]
    reference = next(iter(content.values()))["schema"]
    return reference, Draft4Validator(
        reference | {"components": COMPONENTS}, format_checker=formats
    )


def check(value: object, path: str) -> None:
    """Validate an answer of this documented path. Live sends null for what is optional."""
    reference, published = validator(path)
    published.validate(without_nulls(value, reference))


def without_nulls(value: object, schema: JsonObject) -> object:
    """Leave out the nulls of fields that the document does not require."""
    if "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][str(schema["$ref"]).rsplit("/", 1)[1]]
    if isinstance(value, list):
        return [without_nulls(each, cast("JsonObject", schema["items"])) for each in value]
    if not isinstance(value, dict):
        return value
    fields = cast("dict[str, JsonObject]", schema.get("properties", {}))
    required = cast("list[str]", schema.get("required", []))
    return {
        name: without_nulls(each, fields.get(name, {}))
        for name, each in value.items()
        if each is not None or name in required
    }


def items_of(path: str, record: JsonObject) -> Iterator[tuple[str, str]]:
    """Return the documented paths under which this record's own endpoints are found."""
    if path == "/v2/cycle":
        for end in ("", "/sleep", "/recovery"):
            yield f"/v2/cycle/{{cycleId}}{end}", f"/v2/cycle/{record['id']}{end}"
    elif path != "/v2/recovery":
        name = path.rsplit("/", 1)[1]
        yield f"{path}/{{{name}Id}}", f"{path}/{record['id']}"


@pytest.mark.parametrize("user_id", EVERYBODY)
@pytest.mark.parametrize("path", COLLECTIONS)
def test_every_page_is_as_published(browser: Browser, user_id: int, path: str) -> None:
    token = browser.link(user_id)["access_token"]
    query = {"limit": "25", "start": FOUR_MONTHS_AGO}
    while True:
        page = browser.get(token, path, **query).get_json()
        check(page, path)
        if page["next_token"] is None:
            break
        query["nextToken"] = page["next_token"]


@pytest.mark.parametrize("user_id", EVERYBODY)
def test_every_item_is_as_published(browser: Browser, user_id: int) -> None:
    token = browser.link(user_id)["access_token"]
    for path in COLLECTIONS:
        for record in browser.get(token, path, limit="5").get_json()["records"]:
            for documented, address in items_of(path, record):
                answer = browser.get(token, address)
                if answer.status_code != 404:
                    check(answer.get_json(), documented)


@pytest.mark.parametrize("path", ["/v2/user/profile/basic", "/v2/user/measurement/body"])
def test_the_member_is_as_published(browser: Browser, path: str) -> None:
    check(browser.get(browser.link(HEAVY_TRAINER)["access_token"], path).get_json(), path)


def test_a_morning_is_as_published_minute_by_minute(browser: Browser, clock: Clock) -> None:
    """Pending, provisional and scored versions come and go while the member wakes up."""
    states = set()
    for _ in range(150):
        clock.forward(minutes=9.9)
        token = browser.link(NEWCOMER)["access_token"]
        for path in COLLECTIONS:
            page = browser.get(token, path).get_json()
            check(page, path)
            states |= {each["score_state"] for each in page["records"]}
    assert "SCORED" in states


@pytest.mark.parametrize("path", [p for p in sorted(DOCUMENT["paths"]) if "/partner/" not in p])
def test_every_documented_path_is_there(browser: Browser, path: str) -> None:
    rules = {
        str(rule).replace("<int:cycle_id>", "{cycleId}").replace("<uuid:sleep_id>", "{sleepId}")
        for rule in browser.client.application.url_map.iter_rules()
    }
    known = {rule.replace("<uuid:workout_id>", "{workoutId}") for rule in rules}
    assert f"/developer{path}" in known or path.startswith("/v1/activity-mapping")


def test_the_check_itself_notices_a_missing_a_wrong_and_an_unknown_field(browser: Browser) -> None:
    token = browser.link(HEAVY_TRAINER)["access_token"]
    good = browser.get(token, "/v2/cycle").get_json()["records"][1]
    without = {name: value for name, value in good.items() if name != "start"}
    for bad in (without, good | {"start": "2026-11-20"}, good | {"strain": 4}, good | {"id": None}):
        with pytest.raises(ValidationError):
            check(bad, "/v2/cycle/{cycleId}")
