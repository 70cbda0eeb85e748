"""The source's own definitions, as far as they can stay as glosses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from languages.language import Language
from pipeline.checks.checker import GlossChecker
from pipeline.checks.equality import equal_glosses
from pipeline.checks.finding import Finding, only_doubts
from pipeline.checks.glosses import clean_gloss
from pipeline.checks.rules import GlossRules
from pipeline.stages.settings import GlossSettings
from pipeline.stages.synset_index import SynsetIndex


@dataclass(frozen=True, slots=True)
class OwnGlosses:
    """What the checks say of the source's definitions in the language of the run."""

    kept: Mapping[str, str] = field(default_factory=dict)
    """By synset id, cleaned."""
    rejected: Mapping[str, tuple[str, Sequence[Finding]]] = field(default_factory=dict)
    """By synset id: the definition as it is written, and all that is wrong with it."""
    problems: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What a model is told of those, by synset id."""


def own_glosses_of(index: SynsetIndex, settings: GlossSettings, language: Language) -> OwnGlosses:
    """What stays of the source's definitions: nothing, unless the settings keep them."""
    keep = settings.source == "keep"
    return own_glosses(index, settings.rules, language) if keep else OwnGlosses()


def own_glosses(index: SynsetIndex, rules: GlossRules, language: Language) -> OwnGlosses:
    """Every definition in the language is checked by itself, then with all others.

    One that is only doubtful stays: a person wrote it. Of two that are equal,
    or nearly so, the one with the first id stays.
    """
    checker = GlossChecker(rules, language)
    kept: dict[str, str] = {}
    rejected: dict[str, tuple[str, Sequence[Finding]]] = {}
    for synset_id, entry in index.synsets.items():
        stated = entry.source_gloss
        if stated is None or stated.language != language.code:
            continue
        checked = checker.check(index.draft(synset_id, stated.text))
        if isinstance(checked, str) or only_doubts(checked):
            kept[synset_id] = clean_gloss(stated.text)
        else:
            rejected[synset_id] = (stated.text, checked)
    repeats = equal_glosses(kept, language, rules, index.sibling_groups(), frozenset())
    for synset_id, finding in sorted(repeats.items()):
        rejected[synset_id] = (kept.pop(synset_id), (finding,))
    problems = {
        synset_id: (problem_of(text, findings, language),)
        for synset_id, (text, findings) in rejected.items()
    }
    return OwnGlosses(kept, dict(sorted(rejected.items())), problems)


def problem_of(gloss: str, findings: Sequence[Finding], language: Language) -> str:
    """A rejected definition with all reasons, as the next prompt shows them."""
    reasons = "; ".join(found.reason for found in findings)
    return language.findings.quoted.format(text=gloss, reason=reasons)
