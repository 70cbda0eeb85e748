"""Checks of a sentence that a model translated: its target is marked once, and translated."""

from __future__ import annotations

from dataclasses import replace

from languages.language import Language
from pipeline.checks import contexts
from pipeline.checks.contexts import ContextCase, ContextDraft
from pipeline.checks.finding import Finding, finding, findings, flaw
from pipeline.checks.marks import Sound
from pipeline.checks.rules import ContextRules
from schemas.text import units

_SHORTER, _LONGER = 0.35, 2.5
"""How much shorter and longer a translation may be: a Vietnamese word has up to three syllables."""
_OF_THE_LEMMA = (contexts.target_altered, contexts.copied_gloss)
_RULES = tuple(rule for rule in contexts.RULES if rule not in _OF_THE_LEMMA)

MESSAGES = {"untranslated": "the target of the translation is that of the sentence"}


class TranslationChecker:
    """The rules for contexts, in another language and as far as they do not ask for a lemma."""

    def __init__(self, rules: ContextRules, language: Language, to: Language) -> None:
        self._language, self._to = language, to
        self._rules, self._limits = rules, ContextRules().limits(to)

    def check(self, marked: str, source: Sound) -> Sound | tuple[Finding, ...]:
        """The translation with its target's span, or everything that is wrong with it."""
        n = len(units(source.sentence))
        limits = replace(
            self._limits, min_length=max(2, int(_SHORTER * n)), max_length=int(_LONGER * n) + 1
        )
        draft = ContextDraft(marked, source.target, "")
        case = ContextCase.of(draft, self._to, limits, 1.0, lambda _: None)
        told = self._language.findings
        found = findings(_RULES, case, told.of_context, self._rules.off)
        if found:
            return found
        assert case.sound is not None  # a draft without exactly one mark has a finding
        target = case.sound.target
        if self._to.match_key(target) == self._to.match_key(source.target):
            lines = {"untranslated": told.untranslated}
            return (finding("untranslated", flaw(f"marks {target!r}", found=target), lines),)
        return case.sound
