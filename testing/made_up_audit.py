"""An audit of as many made-up rows as one likes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

TEXT = (
    "người nhà trường khoan đá sông hỏi nghễnh ngãng đường mưa bữa cơm hàng xóm chiều qua mẹ "
    "bảo đừng vội nói chuyện cũ đã xa lắm rồi mà ai cũng nhớ"
)
WORDS = TEXT.split()


def candidates(n_rows: int) -> Iterator[object]:
    """Contexts of 12 words, 10 for each sense, four senses to a lemma."""
    from audits.sampling.candidates import AuditCandidate
    from schemas.ids import context_id
    from schemas.records import Pos

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


def senses(n_rows: int) -> Iterator[object]:
    """The senses of the contexts."""
    from audits.sampling.candidates import KnownSense

    seen = set()
    for row in candidates(n_rows):
        if row.sense_id not in seen:  # type: ignore[attr-defined]
            seen.add(row.sense_id)  # type: ignore[attr-defined]
            yield KnownSense(row.sense_id, row.synset_id, row.lemma, row.pos, row.gloss)  # type: ignore[attr-defined]


def sample(folder: Path, n_rows: int, mode: str) -> None:
    """Draws an audit of all the rows into ``folder``."""
    from audits.create import create_audit
    from audits.settings import AuditSettings
    from languages.find import find_language

    settings = AuditSettings(size=n_rows, annotators=("lan",), repeats=0.0, mode=mode)  # type: ignore[arg-type]
    language = find_language("vi")
    create_audit(folder, candidates(n_rows), senses(n_rows), settings, language)  # type: ignore[arg-type]
