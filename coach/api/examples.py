"""Examples of what is sent and answered, made from the shapes and the examples of their fields."""

from typing import Any

# A document is a tree of whatever JSON can hold.
Tree = dict[str, Any]
_OF_FORMAT = {
    "date": "2026-05-14",
    "date-time": "2026-05-14T06:58:00Z",
    "uuid": "0198a4f0-5b1e-7c33-9d2a-4f6e8b0c1d2e",
    "email": "nora@example.org",
    "binary": "(a file)",
}
_OF_TYPE: dict[str, object] = {
    "integer": 1,
    "number": 7.5,
    "boolean": True,
    "object": {},
    "null": None,
    "string": "text",
}


def example(schema: Tree, shapes: Tree) -> object:
    """Make an example of a schema; `shapes` are those its references name."""
    for said in (schema.get("examples") or [None], [schema.get("example")], [schema.get("const")]):
        if said[0] is not None:
            return said[0]
    if schema.get("default"):
        return schema["default"]
    if "$ref" in schema:
        return example(shapes[schema["$ref"].rpartition("/")[2]], shapes)
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return example(schema["anyOf"][0], shapes)
    return _of_type(schema, shapes)


def _of_type(schema: Tree, shapes: Tree) -> object:
    if "properties" in schema:
        return {name: example(each, shapes) for name, each in schema["properties"].items()}
    if schema.get("type") == "array":
        return [example(schema["items"], shapes)]
    if schema.get("format") in _OF_FORMAT:
        return _OF_FORMAT[schema["format"]]
    if "minimum" in schema:
        return schema["minimum"]
    return _OF_TYPE.get(schema.get("type", "object"))
