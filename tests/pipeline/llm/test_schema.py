from __future__ import annotations

import enum
from typing import Literal

import orjson
import pytest
from pydantic import BaseModel, Field

from pipeline.llm.body import response_format, strict_schema


class Kind(enum.StrEnum):
    NOUN = "noun"
    VERB = "verb"


class Part(BaseModel):
    text: str = Field(min_length=3, pattern="^a", title="Tựa")
    weight: float | None = Field(default=None, ge=0)


class Whole(BaseModel):
    """A reply with one of everything."""

    parts: tuple[Part, ...] = Field(min_length=1, max_length=4, description="các phần")
    kind: Kind
    choice: Literal["a"]
    main: Part


def test_every_object_is_closed_and_requires_all_its_properties():
    schema = strict_schema(Whole)
    assert schema["required"] == ["parts", "kind", "choice", "main"]
    assert schema["additionalProperties"] is False
    part = schema["$defs"]["Part"]
    assert part["required"] == ["text", "weight"]
    assert part["additionalProperties"] is False


def test_only_known_keywords_remain():
    schema = strict_schema(Whole)
    assert schema["$defs"]["Part"]["properties"] == {
        "text": {"type": "string"},
        "weight": {"anyOf": [{"type": "number"}, {"type": "null"}]},
    }
    assert schema["properties"]["parts"] == {
        "type": "array",
        "items": {"$ref": "#/$defs/Part"},
        "minItems": 1,
        "maxItems": 4,
        "description": "các phần",
    }
    assert schema["properties"]["choice"] == {"type": "string", "enum": ["a"]}
    assert schema["properties"]["main"] == {"$ref": "#/$defs/Part"}
    assert schema["$defs"]["Kind"] == {"type": "string", "enum": ["noun", "verb"]}


def test_the_order_of_the_fields_is_kept():
    assert list(strict_schema(Whole)["properties"]) == ["parts", "kind", "choice", "main"]


@pytest.mark.parametrize("name", ["Reply[int]", "Trả lời", "x" * 80])
def test_the_name_is_one_that_endpoints_take(name):
    model = type(name, (BaseModel,), {"__annotations__": {"a": str}})
    sent = orjson.loads(orjson.dumps(response_format(model)))
    assert 0 < len(sent["json_schema"]["name"]) <= 64
    assert set(sent["json_schema"]["name"]) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
    )
    assert sent["json_schema"]["strict"] is True
