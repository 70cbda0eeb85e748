"""The pairs of a release's table ``word_in_context_en``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from languages.language import Language
from schemas.records import EnglishContext, Split
from trainer.benchsets.pairs import BenchPair, BenchSet, BenchTarget
from trainer.data.release import read_english


def linked_set(folder: Path, splits: Sequence[str], language: Language) -> BenchSet:
    """The pairs of those splits, the threshold being validation's; none where there is no table."""
    rows = read_english(folder)
    test, dev = (
        tuple(_pair(row, language) for row in rows if row.split in own)
        for own in (splits, (Split.VALIDATION,))
    )
    return BenchSet("release, across languages", "same", test, dev)


def _pair(row: EnglishContext, language: Language) -> BenchPair:
    own = ((row.target_start, row.target_end),)
    english = ((row.english_start, row.english_end),)
    return BenchPair(
        BenchTarget(row.sentence, own, row.context_id),
        BenchTarget(row.english_sentence, english, row.princeton),
        float(row.same),
        language.match_key(row.lemma),
    )
