"""Rules for the sentences of a sense among each other.

Two sentences are compared with their targets replaced by a placeholder, so that a sentence does
not count as new because a synonym stands in it: one collection may hold a whole synset.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.checks.contexts import ContextRules
from pipeline.checks.finding import Finding, Rule
from pipeline.checks.marks import Sound
from pipeline.checks.similarity import jaccard, key_syllables, pairs

_TARGET = "_"  # no syllable
_DEFAULTS = ContextRules()


@dataclass(frozen=True, slots=True)
class _Seen:
    sentence: str
    keys: tuple[str, ...]
    pairs: frozenset[str]


@dataclass(frozen=True, slots=True)
class DuplicateCase:
    """A sentence and the sentences accepted before it."""

    sound: Sound
    accepted: tuple[Sound, ...]
    rules: ContextRules = _DEFAULTS


class Accepted:
    """The accepted sentences of a sense or a synset, to compare the next one with."""

    def __init__(self, rules: ContextRules, sounds: Iterable[Sound] = ()) -> None:
        self._threshold = rules.near_duplicate
        self._off = frozenset(rules.off)
        self._seen: list[_Seen] = []
        for sound in sounds:
            self.add(sound)

    def add(self, sound: Sound) -> None:
        """Accepts a sentence."""
        self._seen.append(_seen(sound))

    def finding(self, sound: Sound) -> Finding | None:
        """What makes the sentence too like an accepted one, naming the most alike."""
        new = _seen(sound)
        if "duplicate" not in self._off:
            for old in self._seen:
                if old.keys == new.keys:
                    return Finding(
                        "duplicate", f"equals {old.sentence!r}", f"trùng với câu “{old.sentence}”"
                    )
        if "near_duplicate" in self._off or not self._seen:
            return None
        likeness, old = max(
            ((jaccard(old.pairs, new.pairs), old) for old in self._seen), key=lambda found: found[0]
        )
        if likeness < self._threshold or old.keys == new.keys:
            return None
        return Finding(
            "near_duplicate",
            f"similarity {likeness:.2f} to {old.sentence!r}",
            f"gần giống câu “{old.sentence}”",
        )


def near_duplicate(case: DuplicateCase) -> Finding | None:
    """The sentence is nearly equal to an accepted one of its sense."""
    found = Accepted(case.rules, case.accepted).finding(case.sound)
    return found if found is not None and found.code == "near_duplicate" else None


def duplicate(case: DuplicateCase) -> Finding | None:
    """The sentence is equal to an accepted one but for case, punctuation and tone placement."""
    found = Accepted(case.rules, case.accepted).finding(case.sound)
    return found if found is not None and found.code == "duplicate" else None


def _seen(sound: Sound) -> _Seen:
    keys = (
        *key_syllables(sound.sentence[: sound.start]),
        _TARGET,
        *key_syllables(sound.sentence[sound.end :]),
    )
    return _Seen(sound.sentence, keys, pairs(keys))


_WALL = Sound("Người thợ đang khoan mấy lỗ nhỏ trên bức tường bê tông.", 15, 20)

RULES: tuple[Rule[DuplicateCase, DuplicateCase], ...] = (
    Rule(
        duplicate,
        passing=DuplicateCase(Sound("Đội thợ khoan trúng một mạch nước ngầm.", 8, 13), (_WALL,)),
        failing=DuplicateCase(
            Sound("người thợ đang khoan mấy lỗ nhỏ trên bức tường bê-tông", 15, 20), (_WALL,)
        ),
    ),
    Rule(
        near_duplicate,
        passing=DuplicateCase(
            Sound("Trên bức tường bê tông có mấy lỗ do thợ khoan để treo tranh.", 40, 45), (_WALL,)
        ),
        failing=DuplicateCase(
            Sound("Người thợ đang khoan hai lỗ nhỏ trên bức tường bê tông.", 15, 20), (_WALL,)
        ),
    ),
)
"""The rules that compare the sentences of a sense."""
