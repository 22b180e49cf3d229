"""How a schema reads on the page of the document: its kind, its bounds, and the shape it names."""

from coach.api.examples import Tree

_OF_FORMAT = {
    "date": "date",
    "date-time": "moment",
    "uuid": "UUID",
    "email": "e-mail address",
    "binary": "file",
}
_OF_TYPE = {"integer": "whole number", "null": "null", "string": "text", "boolean": "true or false"}
# How the two ends of a range are named, by what is bounded.
_BOUNDS = (
    ("minimum", "maximum", ""),
    ("minLength", "maxLength", " characters"),
    ("minItems", "maxItems", " of them"),
)


def kind(schema: Tree) -> str:
    """Say in words what a schema takes."""
    if "$ref" in schema:
        return shape_of(schema)
    if "anyOf" in schema:
        return " or ".join(kind(each) for each in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        known = schema.get("enum") or [schema["const"]]
        return "one of " + ", ".join(str(each) for each in known)
    if "items" in schema:
        return f"list of {kind(schema['items'])}" + _bounds(schema)
    if isinstance(schema.get("additionalProperties"), dict):
        return f"{kind(schema['additionalProperties'])} by name"
    said = _OF_FORMAT.get(schema.get("format", "")) or _OF_TYPE.get(schema.get("type", ""))
    return (said or str(schema.get("type", "anything"))) + _bounds(schema)


def shape_of(schema: Tree) -> str:
    """Name the shape that a schema leads to, itself or by its parts; empty where there is none."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    inner = [schema[name] for name in ("items", "additionalProperties") if name in schema]
    parts = [*schema.get("anyOf", ()), *(each for each in inner if isinstance(each, dict))]
    return next((found for each in parts if (found := shape_of(each))), "")


def _bounds(schema: Tree) -> str:
    for low, high, what in _BOUNDS:
        if low in schema and high in schema:
            return f", {_plain(schema[low])} to {_plain(schema[high])}{what}"
        if high in schema:
            return f", at most {_plain(schema[high])}{what}"
        if low in schema:
            return f", at least {_plain(schema[low])}{what}"
    return ""


def _plain(bound: float) -> str:
    return str(int(bound)) if bound == int(bound) else str(bound)
