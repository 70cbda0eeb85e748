"""The protected columns of a sheet and what they show of an item."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

from audits.candidates import KnownSense
from audits.inventory import Inventory
from audits.key import AuditItem
from audits.sampling import Drawn, rank
from audits.settings import Mode
from audits.text import shown
from schemas.errors import InputError
from schemas.records import Pos

KEY_HEADER = "Mã dòng"
SENTENCE_HEADER = "Câu (từ cần xét in đậm)"
LEMMA_HEADER = "Từ"
POS_HEADER = "Từ loại"
GLOSS_HEADER = "Lời giải nghĩa"
SYNONYMS_HEADER = "Nhóm từ cùng nghĩa"
CHOICES_HEADER = "Các nghĩa"

POS_LABELS = {
    Pos.NOUN: "danh từ",
    Pos.VERB: "động từ",
    Pos.ADJ: "tính từ",
    Pos.ADV: "phó từ",
    Pos.OTHER: "từ loại khác",
}

CHOICES_PER_CELL = 10
"""A row is at most 409 points high: more senses than this go on in a further column."""

LONGEST_CELL = 32_000
"""Characters; Excel cuts cells at 32,767."""


def audit_item(drawn: Drawn, inventory: Inventory, mode: Mode, seed: int) -> AuditItem:
    """The key's record of a drawn candidate, in the blind mode with its lemma's senses."""
    candidate = drawn.candidate
    senses = _shuffled(inventory.senses_of(candidate.lemma), candidate.context_id, seed)
    if mode == "blind" and candidate.sense_id not in {sense.sense_id for sense in senses}:
        raise InputError(
            f"context {candidate.context_id}: its sense is not among the inventory's senses of "
            f"{candidate.lemma!r}; give the inventory that the contexts were made with"
        )
    return AuditItem(
        context_id=candidate.context_id,
        sense_id=candidate.sense_id,
        synset_id=candidate.synset_id,
        lemma=candidate.lemma,
        pos=candidate.pos,
        gloss=candidate.gloss,
        sentence=candidate.sentence,
        target_start=candidate.target_start,
        target_end=candidate.target_end,
        synonyms=inventory.synonyms(candidate.synset_id, candidate.lemma),
        choices=tuple(sense.sense_id for sense in senses) if mode == "blind" else (),
        choice_texts=(
            tuple(_choice(sense, inventory) for sense in senses) if mode == "blind" else ()
        ),
        polysemy=candidate.polysemy,
        stratum=drawn.stratum,
        inclusion_probability=drawn.inclusion_probability,
        judged=candidate.judged,
        model=candidate.model,
        prompt_version=candidate.prompt_version,
        round=candidate.round,
    )


def protected_columns(mode: Mode, items: Iterable[AuditItem]) -> tuple[str, ...]:
    """The headers of the protected columns, without the key; the sentence comes first."""
    if mode == "review":
        return (SENTENCE_HEADER, LEMMA_HEADER, POS_HEADER, GLOSS_HEADER, SYNONYMS_HEADER)
    most = max((len(item.choices) for item in items), default=1)
    n_columns = max(1, ceil(most / CHOICES_PER_CELL))
    more = [f"{CHOICES_HEADER} (tiếp {place})" for place in range(1, n_columns)]
    return (SENTENCE_HEADER, LEMMA_HEADER, CHOICES_HEADER, *more)


def protected_cells(item: AuditItem, columns: tuple[str, ...]) -> tuple[str, ...]:
    """What a row shows of an item, one text per protected column."""
    texts = {
        SENTENCE_HEADER: item.sentence,
        LEMMA_HEADER: item.lemma,
        POS_HEADER: POS_LABELS[item.pos],
        GLOSS_HEADER: item.gloss,
        SYNONYMS_HEADER: ", ".join(item.synonyms),
    }
    parts = [column for column in columns if column.startswith(CHOICES_HEADER)]
    for place, column in enumerate(parts):
        start = place * CHOICES_PER_CELL
        lines = item.choice_texts[start : start + CHOICES_PER_CELL]
        texts[column] = "\n".join(
            f"{start + number}. {text}" for number, text in enumerate(lines, start=1)
        )
    cells = tuple(shown(texts[column]) for column in columns)
    for column, cell in zip(columns, cells, strict=True):
        if len(cell) > LONGEST_CELL:
            raise InputError(
                f"context {item.context_id}: {column!r} has {len(cell)} characters, more than a "
                f"cell holds ({LONGEST_CELL})"
            )
    return cells


def _shuffled(senses: list[KnownSense], context_id: str, seed: int) -> list[KnownSense]:
    return sorted(senses, key=lambda sense: rank(seed, "choices", context_id, sense.sense_id))


def _choice(sense: KnownSense, inventory: Inventory) -> str:
    if sense.gloss:
        return f"({POS_LABELS[sense.pos]}) {sense.gloss}"
    others = ", ".join(inventory.synonyms(sense.synset_id, sense.lemma))
    return f"({POS_LABELS[sense.pos]}) chưa có lời giải nghĩa; nhóm từ: {others}"
