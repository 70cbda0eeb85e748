"""The words that the sentences of a sense share: too frequent a neighbour gives the sense away.

A model trained on sentences that all hold one word learns the word, not the sense. The target's
own units, common ones (:class:`languages.slots.Slots`), numbers and those of the gloss do not
count: a sense that is about a thing can hardly be shown without naming it.
"""

from __future__ import annotations

from collections import Counter

from languages.language import Language
from pipeline.checks.finding import Finding, finding, flaw
from pipeline.checks.marks import Sound
from pipeline.checks.similarity import key_units

MESSAGES = {
    "overused_word": "Too many accepted sentences of the sense have one of its words.",
}
_LEAST = 2
"""So many sentences may always share a word."""


def cue_units(sound: Sound, language: Language) -> list[str]:
    """The units beside the target that tell what the sentence is about, each once, in order."""
    around = (sound.sentence[: sound.start], sound.sentence[sound.end :])
    target = set(key_units(sound.target, language))
    left_out = language.slots.common | target
    found = (unit for text in around for unit in key_units(text, language))
    return list(dict.fromkeys(u for u in found if u not in left_out and not u.isdigit()))


class Cues:
    """How many accepted sentences of a sense have each word."""

    def __init__(self, language: Language, gloss: str, max_share: float, *, on: bool) -> None:
        self._language = language
        self._gloss = frozenset(key_units(gloss, language))
        self._max_share = max_share
        self._on = on
        self._counts: Counter[str] = Counter()

    def add(self, sound: Sound) -> None:
        """Accepts a sentence."""
        self._counts.update(cue_units(sound, self._language))

    def finding(self, sound: Sound, wanted: int) -> Finding | None:
        """The word that too many have, when so many sentences are ``wanted`` in all."""
        for unit in cue_units(sound, self._language):
            if self._is_overused(unit, wanted):
                said = f"{unit!r} is in {self._counts[unit]} sentences of {wanted} already"
                lines = self._language.findings.of_context
                return finding("overused_word", flaw(said, found=unit), lines)
        return None

    def overused(self, wanted: int) -> tuple[str, ...]:
        """The words that no further sentence may have, the most frequent first."""
        found = [unit for unit in self._counts if self._is_overused(unit, wanted)]
        return tuple(sorted(found, key=lambda unit: (-self._counts[unit], unit)))

    def _is_overused(self, unit: str, wanted: int) -> bool:
        most = max(_LEAST, int(self._max_share * wanted))
        return self._on and self._counts[unit] >= most and unit not in self._gloss
