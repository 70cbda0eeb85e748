"""What of a lemma says nothing of its meaning when it is looked up in a bilingual word list."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Linking:
    """How lemmas are looked up, so that synsets find their counterparts in English."""

    classifiers: frozenset[str] = frozenset()
    """Match keys of first words that a lemma may have or lack: classifiers, and words that only
    make a noun of a verb (``con``, ``sự``; an English article or *to*)."""
    sounds: tuple[tuple[str, str], ...] = ()
    """Patterns of its letters, without marks, and the letters of English that sound so; in turn.
    With them "tắc-xi" is found to be *taxi*."""
