"""Finding the JSON object in what a model wrote: fences, chatter and thoughts around it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import orjson

# Literal line breaks inside strings are the commonest fault of small models, and harmless.
_DECODER = json.JSONDecoder(strict=False)
_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_OBJECT_START = re.compile(r'\{\s*["}]')
MAX_STARTS = 64


def json_objects(text: str) -> Iterator[bytes]:
    """The balanced JSON objects of ``text`` that lie in no other, in order, as clean JSON."""
    text = _THOUGHTS.sub("", text, count=1)
    end = starts = 0
    for start in _OBJECT_START.finditer(text):
        if start.start() < end:
            continue
        starts += 1
        if starts > MAX_STARTS:
            return
        try:
            value, end = _DECODER.raw_decode(text, start.start())
            clean = orjson.dumps(value)
        except (ValueError, RecursionError):
            continue
        yield clean
