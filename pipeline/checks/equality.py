"""Definitions that are equal or nearly equal to another synset's.

The earlier one stays, so that each set of equals keeps one. Nearly equal definitions are found
with prefix filtering (Chaudhuri, Ganti and Kaushik 2006): with the syllable pairs of every
definition in one order, rarest first, two sets of Jaccard similarity t or more share a pair
among their first n - ceil(t n) + 1. It finds exactly what comparing all pairs would find.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import ceil

from pipeline.checks.finding import Finding, Rule
from pipeline.checks.glosses import GlossRules
from pipeline.checks.similarity import jaccard, key_syllables, pairs

_DEFAULTS = GlossRules()


@dataclass(frozen=True, slots=True)
class EqualityCase:
    """A definition and one that was there before it."""

    gloss: str
    earlier: str
    siblings: bool = False
    rules: GlossRules = _DEFAULTS


def equal_glosses(
    glosses: Mapping[str, str],
    rules: GlossRules,
    groups: Iterable[Collection[str]] = (),
    settled: Collection[str] = (),
) -> dict[str, Finding]:
    """The synset ids whose definition repeats an earlier one, with what is wrong.

    Earlier means: in ``settled`` (accepted before, never to lose), then in the order of ids;
    the order of ``glosses`` does not matter. ``groups`` are the ids of the synsets that share a
    lemma, one group per lemma; within a group less likeness is enough.
    """
    kept_ids = frozenset(settled)
    order = sorted(glosses, key=lambda synset: (synset not in kept_ids, synset))
    search = _Search(glosses, rules)
    siblings = _siblings(groups)
    findings = {}
    for synset in order:
        found = None if synset in kept_ids else search.finding(synset, siblings.get(synset, ()))
        if found is None:
            search.keep(synset)
        else:
            findings[synset] = found
    return findings


def equal_gloss(case: EqualityCase) -> Finding | None:
    """The definition is another synset's, but for case, punctuation and tone placement."""
    return _only("equal_gloss", case)


def near_equal_gloss(case: EqualityCase) -> Finding | None:
    """The definition is nearly another synset's."""
    return _only("near_equal_gloss", case)


class _Search:
    """The definitions kept so far, indexed by their texts and their rarest pairs."""

    def __init__(self, glosses: Mapping[str, str], rules: GlossRules) -> None:
        self._glosses = glosses
        self._rules = rules
        counts = Counter(pair for gloss in glosses.values() for pair in pairs(key_syllables(gloss)))
        by_rarity = sorted(counts, key=lambda pair: (counts[pair], pair))
        self._rank = {pair: rank for rank, pair in enumerate(by_rarity)}
        self._by_text: dict[str, str] = {}
        self._by_pair: defaultdict[int, list[str]] = defaultdict(list)
        self._kept: dict[str, frozenset[int]] = {}

    def keep(self, synset: str) -> None:
        text, ranks = self._forms(synset)
        self._by_text.setdefault(text, synset)
        self._kept[synset] = ranks
        for rank in self._prefix(ranks):
            self._by_pair[rank].append(synset)

    def finding(self, synset: str, siblings: Iterable[str]) -> Finding | None:
        text, ranks = self._forms(synset)
        off = self._rules.off
        if text in self._by_text and "equal_gloss" not in off:
            return self._finding("equal_gloss", self._by_text[text], 1.0)
        if "near_equal_gloss" in off:
            return None
        everywhere, nearby = self._rules.near_equal, self._rules.near_equal_sibling
        candidates = {other for rank in self._prefix(ranks) for other in self._by_pair[rank]}
        limits = dict.fromkeys(candidates, everywhere)
        limits |= {s: min(nearby, everywhere) for s in siblings if s in self._kept}
        alike = [
            (likeness, other)
            for other in sorted(limits)
            if (likeness := jaccard(ranks, self._kept[other])) >= limits[other]
        ]
        if not alike:
            return None
        likeness, other = max(alike, key=lambda found: found[0])
        return self._finding("near_equal_gloss", other, likeness)

    def _forms(self, synset: str) -> tuple[str, frozenset[int]]:
        keys = key_syllables(self._glosses[synset])
        return " ".join(keys), frozenset(self._rank[pair] for pair in pairs(keys))

    def _prefix(self, ranks: frozenset[int]) -> list[int]:
        n = len(ranks)
        return sorted(ranks)[: n - ceil(self._rules.near_equal * n - 1e-9) + 1]

    def _finding(self, code: str, other: str, likeness: float) -> Finding:
        gloss = self._glosses[other]
        if code == "equal_gloss":
            how, how_vi = "equals", "trùng với"
        else:
            how, how_vi = f"similarity {likeness:.2f} to", "gần như trùng với"
        return Finding(
            code,
            f"{how} the definition of {other}: {gloss!r}",
            f"{how_vi} định nghĩa của một nghĩa khác: “{gloss}”",
        )


def _siblings(groups: Iterable[Collection[str]]) -> dict[str, set[str]]:
    siblings: defaultdict[str, set[str]] = defaultdict(set)
    for group in groups:
        for synset in group:
            siblings[synset].update(group)
    for synset, others in siblings.items():
        others.discard(synset)
    return siblings


def _only(code: str, case: EqualityCase) -> Finding | None:
    found = equal_glosses(
        {"1": case.earlier, "2": case.gloss}, case.rules, [("1", "2")] if case.siblings else []
    ).get("2")
    return found if found is not None and found.code == code else None


_DRILL = "dùng mũi nhọn xoay tròn để tạo lỗ sâu vào vật cứng"

RULES: tuple[Rule[EqualityCase, EqualityCase], ...] = (
    Rule(
        equal_gloss,
        passing=EqualityCase("dùng vật sắc đục thành lỗ trên mặt gỗ", _DRILL),
        failing=EqualityCase("Dùng mũi nhọn, xoay tròn, để tạo lỗ sâu vào vật cứng.", _DRILL),
    ),
    Rule(
        near_equal_gloss,
        passing=EqualityCase("dùng mũi nhọn xoay tròn để tạo lỗ sâu vào lòng đất", _DRILL),
        failing=EqualityCase(
            "dùng mũi nhọn xoay tròn để tạo lỗ sâu vào vật rắn", _DRILL, siblings=True
        ),
    ),
)
"""The rules that compare definitions."""
