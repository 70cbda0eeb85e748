"""Seeded ways to damage bytes, texts, JSON values and tables; each says what it did."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

Rng = random.Random

ODD_TEXTS = (
    "",
    " ",
    "\0",
    "\x1b[31mđỏ\x1b[0m",
    "\x07",
    "\x9b2J",
    "[/x]",
    "[red]đỏ[/red]",
    "\u202eđảo",
    "\ufeff",
    "\u2028",
    "e\u0302\u0301",
    "{{ 7 * 7 }}",
    "{% for %}",
    "%s%d",
    "<script>alert(1)</script>",
    "=1+1",
    "' OR 1=1 --",
    '"',
    "\\",
    "\\u0000",
    "\r",
    "\t\t",
    "../../etc/passwd",
    "/dev/zero",
    "file:///etc/passwd",
    "[[", "]]", "[[x]] [[y]]",
    "#", ",", ",,,,", ";",
    "NaN", "nan", "inf", "-1", "0", "1e400", str(10**40),
    "true", "null",
    "墙", "😀" * 3,
    "đ" * 5000,
)  # fmt: skip
ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 10**6, 10**30, -(10**30), 0.5, -0.0, 1e308, [], {}, [1], ["a"],
    {"a": 1}, [[[]]], "", "a", "\0", "\x1b[2J", "[/x]", "vi", "1970-01-01",
)  # fmt: skip


def _span(rng: Rng, length: int) -> tuple[int, int]:
    start = rng.randrange(length) if length else 0
    return start, min(length, start + 1 + int(rng.expovariate(1 / 40)))


def damage_bytes(rng: Rng, data: bytes) -> tuple[bytes, str]:
    """A byte-level fault: flips, cuts, holes, insertions, repetitions."""
    start, end = _span(rng, len(data))
    kind = rng.choice(("flip", "flip", "cut", "hole", "zero", "insert", "repeat", "empty", "tail"))
    match kind:
        case "flip" if data:
            found = bytearray(data)
            for at in [rng.randrange(len(data)) for _ in range(rng.choice((1, 1, 8)))]:
                found[at] ^= 1 << rng.randrange(8)
            return bytes(found), "bits flipped"
        case "cut":
            return data[:start], f"cut off at {start} of {len(data)} bytes"
        case "hole":
            return data[:start] + data[end:], f"bytes {start} to {end} removed"
        case "zero":
            return data[:start] + bytes(end - start) + data[end:], f"bytes {start} to {end} zeroed"
        case "insert" | "flip":
            more = rng.randbytes(rng.randrange(1, 30))
            return data[:start] + more + data[start:], f"{len(more)} bytes inserted at {start}"
        case "repeat":
            return data[:end] + data[start:end] + data[end:], f"bytes {start} to {end} twice"
        case "empty":
            return b"", "emptied"
    return data + rng.randbytes(100), "100 bytes at the end"


def damage_text(rng: Rng, text: str) -> tuple[str, str]:
    """A fault of a text file: lines lost, doubled or swapped, odd text in a place."""
    lines = text.splitlines(keepends=True) or [""]
    at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    odd = rng.choice(ODD_TEXTS)
    match rng.randrange(6):
        case 0:
            gone = lines.pop(at)
            return "".join(lines), f"line {at + 1} lost: {gone[:60]!r}"
        case 1:
            lines.insert(other, lines[at])
            return "".join(lines), f"line {at + 1} again as {other + 1}"
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
            return "".join(lines), f"lines {at + 1} and {other + 1} swapped"
        case 3:
            place = rng.randrange(len(lines[at]) + 1)
            lines[at] = lines[at][:place] + odd + lines[at][place:]
            return "".join(lines), f"{odd[:20]!r} at {place} of line {at + 1}"
        case 4:
            start, end = _span(rng, len(lines[at]))
            lines[at] = lines[at][:start] + odd + lines[at][end:]
            return "".join(lines), f"{odd[:20]!r} for {start} to {end} of line {at + 1}"
    lines[at] = odd + "\n"
    return "".join(lines), f"line {at + 1} is {odd[:20]!r}"


def damage_value(rng: Rng, value: Any) -> tuple[Any, str]:
    """A JSON value with one fault somewhere inside it: a key lost, added, or of an odd value."""
    places: list[tuple[Any, Any]] = []

    def collect(node: Any) -> None:
        keys = node if isinstance(node, dict) else range(len(node))
        for key in keys:
            places.append((node, key))
            if isinstance(node[key], dict | list):
                collect(node[key])

    copied = json.loads(json.dumps(value))
    if isinstance(copied, dict | list):
        collect(copied)
    if not places or rng.random() < 0.05:
        odd = rng.choice(ODD_VALUES)
        return odd, f"all of it is {odd!r}"
    node, key = rng.choice(places)
    what = rng.randrange(8)
    if what == 0:
        del node[key]
        return copied, f"{key!r} lost"
    if what == 1 and isinstance(node, dict):
        node[rng.choice(("", "extra", "\x1b[31m"))] = rng.choice(ODD_VALUES)
        return copied, "a key too many"
    if what < 4 and isinstance(node[key], str):
        node[key] = damage_text(rng, node[key])[0]
    else:
        node[key] = rng.choice(ODD_VALUES)
    return copied, f"{key!r} is {str(node[key])[:60]!r}"


def damage_json(rng: Rng, data: bytes) -> tuple[bytes, str]:
    """A JSON file with a fault of its bytes, its text or its values."""
    match rng.randrange(5):
        case 0:
            return damage_bytes(rng, data)
        case 1:
            return encoded(damage_text)(rng, data)
    try:
        value, told = damage_value(rng, json.loads(data))
    except ValueError:  # damaged before
        return damage_bytes(rng, data)
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"), told


def damage_json_lines(rng: Rng, data: bytes) -> tuple[bytes, str]:
    """A JSON Lines file of which one line has a fault."""
    lines = data.splitlines(keepends=True)
    if rng.random() < 0.2 or not lines:
        return damage_bytes(rng, data)
    at = rng.randrange(len(lines))
    changed, told = damage_json(rng, lines[at])
    lines[at] = changed + b"\n"
    return b"".join(lines), f"line {at + 1}: {told}"


def damage_texts(rng: Rng, data: bytes) -> tuple[bytes, str]:
    """A JSON Lines file in which the text of a reply is damaged, as text or as JSON."""
    lines = data.splitlines(keepends=True)
    at = rng.randrange(len(lines)) if lines else 0
    try:
        record = json.loads(lines[at])
        text = record["text" if "text" in record else "sentence"]
        if rng.random() < 0.5:
            value, told = damage_value(rng, json.loads(text))
            changed = json.dumps(value, ensure_ascii=False)
        else:
            changed, told = damage_text(rng, text)
        record["text" if "text" in record else "sentence"] = changed
        lines[at] = json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
    except (ValueError, LookupError, TypeError, AttributeError):  # damaged before, or no JSON
        return damage_json_lines(rng, data)
    return b"".join(lines), f"line {at + 1}: {told}"


def encoded(change: Callable[[Rng, str], tuple[str, str]]) -> Callable[[Rng, bytes], Any]:
    """A change of a text as a change of its UTF-8 bytes."""

    def of_bytes(rng: Rng, data: bytes) -> tuple[bytes, str]:
        text, told = change(rng, data.decode("utf-8", "surrogateescape"))
        return text.encode("utf-8", "surrogateescape"), told

    return of_bytes
