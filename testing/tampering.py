"""Seeded things that happen to a filled-in sheet, and what must come of them."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

Content = list[list[str]]
"""Header and rows, as a program saves them."""


class Tampered(NamedTuple):
    """A sheet that somebody did something to.

    ``kept``: it is among what is promised to do no harm: no finding that something was not taken,
    every answer there. ``touched``: the lines whose answers may be left out, but never wrong and
    never without a finding.
    """

    kind: str
    content: Content
    kept: bool
    touched: frozenset[int] = frozenset()


class Layout(NamedTuple):
    """Where things stand in a sheet."""

    first: int
    """The first column of answers."""
    questions: int
    labels: tuple[tuple[str, ...], ...]
    """Of each question."""


Way = Callable[[random.Random, Content, Layout], tuple[Content, frozenset[int]]]


def _sorted(chance: random.Random, content: Content, _: Layout) -> tuple[Content, frozenset[int]]:
    rows = content[1:]
    chance.shuffle(rows)
    return [content[0], *rows], frozenset()


def _part(chance: random.Random, content: Content, _: Layout) -> tuple[Content, frozenset[int]]:
    return [content[0], *chance.sample(content[1:], chance.randint(1, len(content) - 1))], NONE


def _columns(chance: random.Random, content: Content, _: Layout) -> tuple[Content, frozenset[int]]:
    order = list(range(len(content[0])))
    chance.shuffle(order)
    return [[row[place] for place in order] for row in content], NONE


def _careless(
    chance: random.Random, content: Content, at: Layout
) -> tuple[Content, frozenset[int]]:
    made = [list(row) for row in content]
    for row in made[1:]:
        for place in range(at.first, at.first + at.questions):
            form = chance.choice([str.upper, str.lower, _unmarked, "{}. ".format, " {} ".format])
            row[place] = form(row[place]) if row[place] else ""
    return made, NONE


def _decomposed(_: random.Random, content: Content, __: Layout) -> tuple[Content, frozenset[int]]:
    return [[unicodedata.normalize("NFD", cell) + " " for cell in row] for row in content], NONE


def _repeated(chance: random.Random, content: Content, _: Layout) -> tuple[Content, frozenset[int]]:
    again = [list(row) for row in chance.sample(content[1:], 2)]
    place = chance.randint(1, len(content))
    return [*content[:place], content[0], *again, *content[place:]], NONE


def _totals(chance: random.Random, content: Content, at: Layout) -> tuple[Content, frozenset[int]]:
    line = ["Tổng cộng"] + [""] * (at.first - 1) + [str(chance.randint(0, 99))] * at.questions
    place = chance.randint(1, len(content))
    return [*content[:place], line, *content[place:]], NONE


def _own_column(_: random.Random, content: Content, __: Layout) -> tuple[Content, frozenset[int]]:
    return [[*row, "của tôi" if not n else "xem lại"] for n, row in enumerate(content)], NONE


def _changed(chance: random.Random, content: Content, at: Layout) -> tuple[Content, frozenset[int]]:
    line, place = _cell(chance, content, range(at.first))
    content[line][place] = content[line][place][:-1] + chance.choice("xyzạ")
    return content, frozenset({line})


def _exchanged(
    chance: random.Random, content: Content, _: Layout
) -> tuple[Content, frozenset[int]]:
    one, other = chance.sample(range(1, len(content)), 2)
    content[one][0], content[other][0] = content[other][0], content[one][0]
    return content, frozenset({one, other})


def _without_key(
    chance: random.Random, content: Content, _: Layout
) -> tuple[Content, frozenset[int]]:
    line = chance.randrange(1, len(content))
    content[line][0] = chance.choice(["", content[line][0][:-1]])
    return content, frozenset({line})


def _twice(chance: random.Random, content: Content, at: Layout) -> tuple[Content, frozenset[int]]:
    line = chance.randrange(1, len(content))
    again = list(content[line])
    place = at.first + chance.randrange(at.questions)
    others = [x for x in at.labels[place - at.first] if x != again[place]]
    again[place] = chance.choice(others)
    return [*content, again], frozenset({line, len(content)}) if content[line][place] else NONE


def _slid(chance: random.Random, content: Content, at: Layout) -> tuple[Content, frozenset[int]]:
    line = chance.randrange(1, len(content))
    cells = content[line]
    answers = cells[at.first :]
    moved = ["", *answers] if chance.random() < 0.5 else [*answers[1:], ""]
    content[line] = [*cells[: at.first], *moved]
    return content, frozenset({line})


def _as_remark(
    chance: random.Random, content: Content, at: Layout
) -> tuple[Content, frozenset[int]]:
    line, place = _cell(chance, content, range(at.first, at.first + at.questions))
    answer, content[line][place] = content[line][place], ""
    if chance.random() < 0.5:
        content[line][at.first + at.questions] = answer
    else:
        content[line] = [*content[line], answer]
    return content, frozenset({line})


def _nonsense(
    chance: random.Random, content: Content, at: Layout
) -> tuple[Content, frozenset[int]]:
    line, place = _cell(chance, content, range(at.first, at.first + at.questions))
    content[line][place] = chance.choice(["hình như", "5", "x", "có lẽ đúng", "*"])
    return content, frozenset({line})


def _renamed(chance: random.Random, content: Content, at: Layout) -> tuple[Content, frozenset[int]]:
    content[0][at.first + chance.randrange(at.questions)] = "câu trả lời"
    return content, frozenset(range(1, len(content)))


NONE: frozenset[int] = frozenset()
KEPT: dict[str, Way] = {
    "sorted": _sorted,
    "part": _part,
    "columns": _columns,
    "careless": _careless,
    "decomposed": _decomposed,
    "repeated": _repeated,
    "totals": _totals,
    "own_column": _own_column,
}
"""What an annotator may do, by the name of what is done."""
WEAK: dict[str, Way] = {
    "changed": _changed,
    "exchanged": _exchanged,
    "without_key": _without_key,
    "twice": _twice,
    "slid": _slid,
    "as_remark": _as_remark,
    "nonsense": _nonsense,
    "renamed": _renamed,
}
"""What must not be imported wrong, and not be lost without a finding."""


def tampered(seed: int, content: Content, layout: Layout) -> Tampered:
    """What a seed does to a sheet."""
    chance = random.Random(seed)
    ways = KEPT | WEAK
    kind = list(ways)[seed % len(ways)]
    made, touched = ways[kind](chance, [list(row) for row in content], layout)
    return Tampered(kind, made, kind in KEPT, touched)


def _unmarked(text: str) -> str:
    marks = (c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return "".join(marks).replace("đ", "d").replace("Đ", "D")


def _cell(chance: random.Random, content: Content, places: range) -> tuple[int, int]:
    """A cell with text in one of some columns, not in the header."""
    filled = [
        (line, place) for line in range(1, len(content)) for place in places if content[line][place]
    ]
    return chance.choice(filled)
