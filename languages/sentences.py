"""Where sentences of the language end, as far as it differs from other languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SentenceEnds:
    """What must be known to tell a full stop that ends a sentence from one that does not."""

    abbreviations: frozenset[str]
    """Lower-case words whose full stop ends no sentence, without it: ``prof``."""
