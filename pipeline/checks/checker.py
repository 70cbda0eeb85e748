"""The checks of definitions and of contexts as values that can be sent to other processes."""

from __future__ import annotations

from collections.abc import Iterable

from languages.language import Language
from pipeline.checks import contexts, glosses
from pipeline.checks.contexts import ContextCase, ContextDraft
from pipeline.checks.finding import Finding, findings
from pipeline.checks.glosses import GlossCase, GlossDraft
from pipeline.checks.marks import Sound
from pipeline.checks.rules import ContextRules, GlossRules
from pipeline.checks.words import WordLexicon, longer_word


class GlossChecker:
    """Checks definitions against every rule that is switched on."""

    def __init__(self, rules: GlossRules, language: Language) -> None:
        self._rules = rules
        self._limits = rules.limits(language)
        self._language = language

    def check(self, draft: GlossDraft) -> str | tuple[Finding, ...]:
        """The definition as it is to be stored, or everything that is wrong with it."""
        case = GlossCase.of(draft, self._language, self._limits)
        # Where there is no word, nothing else is worth saying.
        rules = glosses.RULES if case.units else (glosses.empty,)
        lines = self._language.findings.of_gloss
        return findings(rules, case, lines, self._rules.off) or case.text


class ContextChecker:
    """Checks sentences against every rule that is switched on.

    ``lexicon`` holds all lemmas of the WordNet, however spelled. Building takes about a second
    for the whole Vietnamese WordNet; a check takes tens of microseconds, and some hundreds more
    for the one sentence in seven that has to be segmented.
    """

    def __init__(self, lexicon: Iterable[str], rules: ContextRules, language: Language) -> None:
        words = list(lexicon)
        if rules.word_list:
            words += language.segmentation.word_list()
        self._rules = rules
        self._limits = rules.limits(language)
        self._language = language
        self._lexicon = WordLexicon(words, language.spelling)

    def check(self, draft: ContextDraft) -> Sound | tuple[Finding, ...]:
        """The sentence with its target's span, or everything that is wrong with it."""
        case = ContextCase.of(
            draft, self._language, self._limits, self._rules.max_gloss_overlap, self._longer_word
        )
        lines = self._language.findings.of_context
        found = findings(contexts.RULES, case, lines, self._rules.off)
        if found:
            return found
        assert case.sound is not None  # a draft without exactly one mark has a finding
        return case.sound

    def _longer_word(self, sound: Sound) -> str | None:
        segment = self._language.segmentation.longer_words
        return longer_word(sound.sentence, sound.start, sound.end, self._lexicon, segment)
