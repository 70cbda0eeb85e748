"""The check of contexts as a value that can be sent to a pool of processes."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.checks.contexts import RULES, ContextCase, ContextDraft, ContextRules
from pipeline.checks.finding import Finding
from pipeline.checks.marks import Sound
from pipeline.checks.words import (
    Segmenter,
    WordLexicon,
    longer_word,
    underthesea_segmenter,
    underthesea_words,
)


class ContextChecker:
    """Checks sentences against every rule that is switched on.

    ``lexicon`` holds all lemmas of the WordNet, however spelled. Building takes about a second
    for the whole Vietnamese WordNet; a check takes tens of microseconds, and some hundreds more
    for the one sentence in seven that has to be segmented.
    """

    def __init__(
        self,
        lexicon: Iterable[str],
        rules: ContextRules,
        segmenter: Segmenter = underthesea_segmenter,
    ) -> None:
        words = [*lexicon, *underthesea_words()] if rules.underthesea_words else list(lexicon)
        self.rules = rules
        self._lexicon = WordLexicon(words)
        self._segment = segmenter
        self._checks = tuple(rule.check for rule in RULES if rule.code not in rules.off)

    def check(self, draft: ContextDraft) -> Sound | tuple[Finding, ...]:
        """The sentence with its target's span, or everything that is wrong with it."""
        case = ContextCase.of(draft, self.rules, self._longer_word)
        findings = tuple(found for check in self._checks if (found := check(case)) is not None)
        if findings:
            return findings
        assert case.sound is not None  # a draft without exactly one mark has a finding
        return case.sound

    def check_many(self, drafts: Iterable[ContextDraft]) -> list[Sound | tuple[Finding, ...]]:
        """The results of :meth:`check` in the order of the drafts."""
        return [self.check(draft) for draft in drafts]

    def _longer_word(self, sound: Sound) -> str | None:
        return longer_word(sound.sentence, sound.start, sound.end, self._lexicon, self._segment)
