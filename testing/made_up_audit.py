"""An audit of as many made-up rows as one likes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from audits.create import create_audit
from audits.sampling.candidates import AuditCandidate, KnownSense
from audits.settings import AuditSettings
from languages.find import find_language
from schemas.ids import context_id
from schemas.records import Pos

TEXT = (
    "người nhà trường khoan đá sông hỏi nghễnh ngãng đường mưa bữa cơm hàng xóm chiều qua mẹ "
    "bảo đừng vội nói chuyện cũ đã xa lắm rồi mà ai cũng nhớ"
)
WORDS = TEXT.split()


def candidates(n_rows: int) -> Iterator[AuditCandidate]:
    """Contexts of 12 words, 10 for each sense, four senses to a lemma."""
    parts = list(Pos)
    for number in range(n_rows):
        sense = number // 10
        lemma = f"{WORDS[sense % 7]} {sense // 4}"
        words = [WORDS[(number * 7 + at * at) % len(WORDS)] for at in range(11)]
        sentence = " ".join([*words[:5], lemma, *words[5:]]) + f" lần {number}."
        start = len(" ".join(words[:5])) + 1
        sense_id = f"b-{sense}#{lemma.replace(' ', '_')}"
        yield AuditCandidate(
            context_id=context_id(sense_id, sentence, start, start + len(lemma)),
            sense_id=sense_id,
            synset_id=f"b-{sense}",
            lemma=lemma,
            pos=parts[sense % len(parts)],
            gloss=" ".join(WORDS[(sense + at) % len(WORDS)] for at in range(14)),
            sentence=sentence,
            target_start=start,
            target_end=start + len(lemma),
            n_siblings=sense % 4,
            n_siblings_same_pos=sense % 2,
        )


def sample(folder: Path, n_rows: int, mode: Literal["review", "blind"]) -> None:
    """Draws an audit of all the rows into ``folder``."""
    settings = AuditSettings(size=n_rows, annotators=("lan",), repeats=0.0, mode=mode)
    senses = {row.sense_id: row for row in candidates(n_rows)}.values()
    known = (KnownSense(r.sense_id, r.synset_id, r.lemma, r.pos, r.gloss) for r in senses)
    create_audit(folder, candidates(n_rows), known, settings, find_language("vi"))
