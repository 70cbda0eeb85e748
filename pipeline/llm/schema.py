"""Strict JSON schemas: the part of JSON Schema that structured outputs accept everywhere."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import orjson
from pydantic import BaseModel

# Kept: the keywords that every strict implementation knows. Whatever else a reply model
# demands (lengths of strings, patterns, numeric bounds) its own validation still demands.
# minItems and maxItems stay: they keep small models out of endless lists.
KEPT = frozenset({"type", "description", "enum", "minItems", "maxItems"})


@cache
def response_format(reply: type[BaseModel]) -> orjson.Fragment:
    """The ``response_format`` value that demands exactly ``reply``, already serialised."""
    name = re.sub(r"[^a-zA-Z0-9_-]", "_", reply.__name__)[:64]
    schema = {"name": name, "strict": True, "schema": strict_schema(reply)}
    return orjson.Fragment(orjson.dumps({"type": "json_schema", "json_schema": schema}))


@cache
def schema_text(reply: type[BaseModel]) -> str:
    """The strict schema on one line, for prompts to endpoints that take no schema."""
    return orjson.dumps(strict_schema(reply)).decode()


@cache
def strict_schema(reply: type[BaseModel]) -> dict[str, Any]:
    """JSON schema of ``reply``: all properties required, no others, only kept keywords.

    The order of the properties is the model's own, for models write them in that order; it
    also stands in ``required``, a list, so that digests over sorted objects still see it.
    """
    schema = _strict(reply.model_json_schema())
    assert isinstance(schema, dict)
    return schema


def _strict(node: Any) -> Any:
    if isinstance(node, list):
        return [_strict(each) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return {"$ref": node["$ref"]}
    strict = {keyword: value for keyword, value in node.items() if keyword in KEPT}
    if "const" in node:
        strict["enum"] = [node["const"]]
    for keyword in ("items", "prefixItems"):
        if keyword in node:
            strict[keyword] = _strict(node[keyword])
    alternatives = node.get("anyOf") or node.get("oneOf")
    if alternatives:
        strict["anyOf"] = _strict(alternatives)
    if len(node.get("allOf", ())) == 1:
        return strict | _strict(node["allOf"][0])
    if node.get("type") == "object":
        properties = node.get("properties", {})
        strict["properties"] = {name: _strict(value) for name, value in properties.items()}
        strict["required"] = list(properties)
        strict["additionalProperties"] = False
    if "$defs" in node:
        strict["$defs"] = {name: _strict(value) for name, value in node["$defs"].items()}
    return strict
