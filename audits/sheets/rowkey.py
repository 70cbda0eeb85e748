"""Row keys: ``K7QA-B-0012-9f3c2b1a`` is row 12 of the second annotator's sheet.

The first part names the audit, the last is a digest over the audit's id, the sheet, the row's
number and every protected cell. A key is therefore right only for its own row.
"""

from __future__ import annotations

import re
from string import ascii_uppercase
from typing import NamedTuple

from audits.text import canonical
from schemas.ids import content_digest

_KEY = re.compile(r"([0-9A-Z]{4})-([A-Z]+\d*)-(\d{4,})-([0-9a-f]{8})")
_TAG_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0/O, 1/I
_DIGEST_CHARS = 8
"""A changed row passes for right once in 4 billion; more would not fit the narrow column."""


class RowKey(NamedTuple):
    """The parts of a row key."""

    tag: str
    letter: str
    number: int
    digest: str


def row_key(audit_id: str, letter: str, number: int, cells: tuple[str, ...]) -> str:
    """The key of one row of one sheet."""
    digest = content_digest(audit_id, letter, str(number), *(canonical(cell) for cell in cells))
    return f"{audit_tag(audit_id)}-{letter}-{number:04d}-{digest[:_DIGEST_CHARS]}"


def audit_tag(audit_id: str) -> str:
    """Four letters that stand for the audit; two audits share them once in a million."""
    number = int(content_digest("audit tag", audit_id)[:12], 16)
    letters = []
    for _ in range(4):
        number, place = divmod(number, len(_TAG_LETTERS))
        letters.append(_TAG_LETTERS[place])
    return "".join(letters)


def parse_row_key(text: str) -> RowKey | None:
    """The parts of a key, or None if the text is not one."""
    match = _KEY.fullmatch(text)
    return RowKey(match[1], match[2], int(match[3]), match[4]) if match else None


def sheet_letter(place: int) -> str:
    """A, B, ..., Z, AA, ... for 0, 1, ..., as a spreadsheet names its columns."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, len(ascii_uppercase))
        name = ascii_uppercase[rest] + name
    return name
