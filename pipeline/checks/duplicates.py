"""Rules for the sentences of a sense among each other.

Two sentences are compared with their targets replaced by a placeholder, so that a sentence does
not count as new because a synonym stands in it: one collection may hold a whole synset.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from languages.language import Language
from pipeline.checks.finding import Finding, finding, flaw
from pipeline.checks.marks import Sound
from pipeline.checks.similarity import jaccard, key_units, pairs

MESSAGES = {
    "duplicate": (
        "The sentence is equal to an accepted one but for case, punctuation and spelling variants."
    ),
    "near_duplicate": "The sentence is nearly equal to an accepted one of its sense.",
}

_TARGET = "_"  # no unit


@dataclass(frozen=True, slots=True)
class _Seen:
    sentence: str
    keys: tuple[str, ...]
    pairs: frozenset[str]


class Accepted:
    """The accepted sentences of a sense or a synset, to compare the next one with.

    From similarity ``near`` on a sentence is a near duplicate; codes in ``off`` are not found.
    """

    def __init__(
        self,
        language: Language,
        near: float,
        sounds: Iterable[Sound] = (),
        off: Collection[str] = (),
    ) -> None:
        self._language = language
        self._near = near
        self._off = frozenset(off)
        self._seen: list[_Seen] = []
        for sound in sounds:
            self.add(sound)

    def add(self, sound: Sound) -> None:
        """Accepts a sentence."""
        self._seen.append(self._compared(sound))

    def finding(self, sound: Sound) -> Finding | None:
        """What makes the sentence too like an accepted one, naming the most alike."""
        new = self._compared(sound)
        equal = next((old for old in self._seen if old.keys == new.keys), None)
        if equal is not None and "duplicate" not in self._off:
            return self._found("duplicate", f"equals {equal.sentence!r}", equal)
        if "near_duplicate" in self._off or equal is not None or not self._seen:
            return None
        likeness, old = max(
            ((jaccard(old.pairs, new.pairs), old) for old in self._seen), key=lambda found: found[0]
        )
        if likeness < self._near:
            return None
        return self._found("near_duplicate", f"similarity {likeness:.2f} to {old.sentence!r}", old)

    def _found(self, code: str, detail: str, old: _Seen) -> Finding:
        return finding(code, flaw(detail, found=old.sentence), self._language.findings.of_context)

    def _compared(self, sound: Sound) -> _Seen:
        keys = (
            *key_units(sound.sentence[: sound.start], self._language),
            _TARGET,
            *key_units(sound.sentence[sound.end :], self._language),
        )
        return _Seen(sound.sentence, keys, pairs(keys))
