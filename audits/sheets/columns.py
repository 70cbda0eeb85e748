"""The protected columns of a sheet and what they show of an item."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

from audits.key import AuditItem
from audits.text import showable
from languages.audit import AuditMode, AuditTexts
from languages.language import Language
from schemas.errors import InputError

CHOICES_PER_CELL = 10
"""A row is at most 409 points high: more senses than this go on in a further column."""

LONGEST_CELL = 32_000
"""Characters; Excel cuts cells at 32,767."""


def protected_columns(
    mode: AuditMode, items: Iterable[AuditItem], texts: AuditTexts
) -> tuple[str, ...]:
    """The headers of the protected columns, without the key; the sentence comes first."""
    names = texts.columns
    if mode == "review":
        return (names.sentence, names.lemma, names.pos, names.gloss, names.synonyms)
    if mode == "pairs":
        return (names.sentence, names.lemma, names.english)
    most = max((len(item.choices) for item in items), default=1)
    more = range(1, ceil(most / CHOICES_PER_CELL))
    further = (names.more_choices.format(number=number) for number in more)
    return (names.sentence, names.lemma, names.choices, *further)


def protected_cells(
    item: AuditItem, mode: AuditMode, columns: tuple[str, ...], language: Language
) -> tuple[str, ...]:
    """What a row shows of an item, one text for each of the protected ``columns``."""
    cells = [item.sentence, item.lemma]
    if mode == "review":
        cells += [language.grammar.pos_name(item.pos), item.gloss, ", ".join(item.synonyms)]
    elif mode == "pairs":
        cells.append(item.gloss)
    else:
        lines = [f"{number}. {text}" for number, text in enumerate(item.choice_texts, start=1)]
        starts = range(0, CHOICES_PER_CELL * (len(columns) - len(cells)), CHOICES_PER_CELL)
        cells += ["\n".join(lines[start : start + CHOICES_PER_CELL]) for start in starts]
    for column, cell in zip(columns, cells, strict=True):
        if len(cell) > LONGEST_CELL:
            raise InputError(
                f"context {item.context_id}: {column!r} has {len(cell)} characters, more than a "
                f"cell holds ({LONGEST_CELL})"
            )
    return tuple(map(showable, cells))
