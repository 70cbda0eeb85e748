"""``evaluation.json``: what the evaluation of a model found; the trainer writes, the card reads.

A figure for which there was nothing to count is None.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

SAME_LEMMAS = "same lemmas"
"""The group of parts that tell seen and held-out senses of the same lemmas together."""
ALL_WORDS = "all words"
"""The group of parts of all-words sets: all, each set, each part of speech."""


class _Part(BaseModel):
    """A reader is content with what it knows of: another version may write more."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class LemmaMean(_Part):
    """A mean over items with its interval over lemmas, whose items are not independent."""

    value: float | None
    low: float | None
    high: float | None
    n_items: int
    n_lemmas: int


class PartResult(_Part):
    """One row of a breakdown: ``group`` such as "pos", ``name`` such as "verb"."""

    group: str
    name: str
    estimate: LemmaMean


class SystemResult(_Part):
    """A scorer's accuracies, or the model's leads over it."""

    name: str
    cells: tuple[PartResult, ...]

    def estimate(self, group: str, name: str) -> LemmaMean | None:
        """The estimate for one part, None where the data has no such items."""
        found = (c.estimate for c in self.cells if (c.group, c.name) == (group, name))
        return next(found, None)


class RetrievalResult(_Part):
    """The retrieval metrics at one k; all between 0 and 1."""

    k: int
    recall: float | None
    precision: float | None
    f1: float | None
    ndcg: float | None
    answerable_recall: float | None = None
    full_recall: float | None = None
    gloss_ndcg: float | None = None


class SimilarityResult(_Part):
    """A metric on a part of a word-similarity test.

    ``form`` is "letters" (of both words, without any model), "bare" or "templates".
    """

    test: str
    part: str
    form: str
    value: float | None
    n_pairs: int


class WordInContextResult(_Part):
    """Accuracy on pairs of sentences at the validation split's threshold."""

    estimate: LemmaMean
    threshold: float | None = None


class EvaluationReport(_Part):
    """Everything that one evaluation found; the model comes first among the systems.

    ``leads`` are its paired differences from the baselines, on the same items; ``all_words`` what
    systems reach on sets of the Unified Evaluation Framework.
    """

    systems: tuple[SystemResult, ...]
    leads: tuple[SystemResult, ...] = ()
    retrieval: tuple[RetrievalResult, ...] = ()
    similarity: tuple[SimilarityResult, ...] = ()
    word_in_context: WordInContextResult | None = None
    all_words: tuple[SystemResult, ...] = ()
    n_examples: int = 0
    n_senses: int = 0
    confidence: float = 0.95
    settings: dict[str, Any] = {}
