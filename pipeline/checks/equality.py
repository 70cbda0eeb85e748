"""Definitions that are equal or nearly equal to another synset's; the earlier one stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from languages.language import Language
from pipeline.checks.finding import Finding, finding, flaw
from pipeline.checks.similarity import earlier_like, key_units, pairs

if TYPE_CHECKING:
    from pipeline.checks.rules import GlossRules

MESSAGES = {
    "equal_gloss": (
        "The definition is another synset's, but for case, punctuation and spelling variants."
    ),
    "near_equal_gloss": "The definition is nearly another synset's.",
}


def equal_glosses(
    glosses: Mapping[str, str],
    language: Language,
    rules: GlossRules,
    groups: Iterable[Collection[str]] = (),
    settled: Collection[str] = (),
) -> dict[str, Finding]:
    """The synset ids whose definition repeats an earlier one, with what is wrong.

    Earlier means: in ``settled`` (accepted before, never to lose), then in the order of ids;
    the order of ``glosses`` does not matter. ``groups`` are the ids of the synsets that share a
    lemma, one group per lemma; within a group less likeness is enough. What is itself dropped
    drops no other.
    """
    kept_ids = frozenset(settled)
    order = sorted(glosses, key=lambda synset: (synset not in kept_ids, synset))
    keys = [key_units(glosses[synset], language) for synset in order]
    limit = min(rules.near_equal, rules.near_equal_sibling)
    siblings = _siblings(groups)
    by_text: dict[tuple[str, ...], str] = {}
    findings: dict[str, Finding] = {}
    for synset, text, alike in zip(order, keys, earlier_like(map(pairs, keys), limit), strict=True):
        if synset not in kept_ids:
            if text in by_text and "equal_gloss" not in rules.off:
                other = by_text[text]
                findings[synset] = _found("equal_gloss", "equals", glosses[other], other, language)
                continue
            near = [(order[place], likeness) for place, likeness in alike]
            near = [found for found in near if found[0] not in findings]
            nearest = _nearest(near, siblings.get(synset, frozenset()), rules)
            if nearest is not None:
                other, likeness = nearest
                how = f"similarity {likeness:.2f} to"
                findings[synset] = _found("near_equal_gloss", how, glosses[other], other, language)
                continue
        by_text.setdefault(text, synset)
    return findings


def _nearest(
    others: Iterable[tuple[str, float]], siblings: Collection[str], rules: GlossRules
) -> tuple[str, float] | None:
    """The most alike of the definitions that are too much so, of several the one of first id."""
    if "near_equal_gloss" in rules.off:
        return None
    nearby = min(rules.near_equal, rules.near_equal_sibling)
    too_near = [
        (other, likeness)
        for other, likeness in others
        if likeness >= (nearby if other in siblings else rules.near_equal)
    ]
    return min(too_near, key=lambda found: (-found[1], found[0]), default=None)


def _found(code: str, how: str, gloss: str, other: str, language: Language) -> Finding:
    detail = f"{how} the definition of {other}: {gloss!r}"
    return finding(code, flaw(detail, found=gloss), language.findings.of_gloss)


def _siblings(groups: Iterable[Collection[str]]) -> dict[str, set[str]]:
    siblings: defaultdict[str, set[str]] = defaultdict(set)
    for group in groups:
        for synset in group:
            siblings[synset].update(group)
    return siblings
