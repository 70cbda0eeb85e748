"""What becomes of a sentence for a sense: checked, compared with the others, kept or dropped."""

from __future__ import annotations

import re
from collections.abc import Iterable

from languages.language import Language
from pipeline.checks.checker import ContextChecker
from pipeline.checks.contexts import ContextDraft
from pipeline.checks.duplicates import Accepted
from pipeline.checks.finding import Finding
from pipeline.checks.marks import Sound, mark, unmark
from pipeline.checks.occurrences import occurrences
from pipeline.stages.context_requests import NAME, Prompts
from pipeline.stages.rejecting import rejected
from pipeline.stages.senses import Senses, Wanted
from pipeline.stages.settings import ContextSettings
from schemas.ids import context_id
from schemas.records import Context, Provenance

PROBLEMS_SHOWN = 10
_EXAMPLE = re.compile(r'"([^"\[\]]*\[\[[^"\[\]]+\]\][^"\[\]]*[.!?…])"')


class ContextIntake:
    """Sorts sentences into those that a sense keeps and those that it rejects."""

    def __init__(
        self, settings: ContextSettings, prompts: Prompts, senses: Senses, language: Language
    ) -> None:
        self._settings = settings
        self._senses = senses
        self._language = language
        texts = (prompts.single.text, prompts.group.text)
        self._examples = tuple(sound for text in texts for sound in example_sentences(text))
        self._checker = ContextChecker(senses.inventory.lemma_keys(), settings.rules, language)

    def take(self, wanted: Wanted, marked: Iterable[str], made_by: Provenance) -> None:
        """Sorts the sentences of a reply; what is wrong with them is told in the next request."""
        wanted.problems.clear()
        quoted = self._language.findings.quoted
        for text in marked:
            findings = self._sorted(wanted, text, made_by)
            if findings and len(wanted.problems) < PROBLEMS_SHOWN:
                wanted.problems.append(quoted.format(text=text, reason=findings[0].reason))

    def begin(self, unit: Iterable[Wanted]) -> list[Wanted]:
        """The senses that a model must be asked for, when they have what the source gives them.

        Where the settings say so, these are the source's examples in the language of the run, in
        its order, in which the lemma stands just once.
        """
        for wanted in unit:
            if self._settings.source == "keep":
                self._keep_own(wanted)
        return [wanted for wanted in unit if self.is_short(wanted)]

    def is_short(self, wanted: Wanted) -> bool:
        """Whether the sense has fewer contexts than it should."""
        return len(wanted.accepted) < self._settings.per_sense

    def _keep_own(self, wanted: Wanted) -> None:
        entry = self._senses.inventory.synsets[wanted.synset_id]
        for example in entry.source_examples:
            if example.language == self._language.code:
                spans = occurrences(example.text, wanted.lemma, entry.pos, self._language)
                if len(spans) == 1:
                    self._sorted(wanted, mark(example.text, *spans[0]), None)

    def _sorted(self, wanted: Wanted, text: str, made_by: Provenance | None) -> tuple[Finding, ...]:
        """Keeps a sentence, as long as there is room, or says what is wrong with it."""
        # Weak models send the prompt's own examples back, with their target in the place of ours.
        rules = self._settings.rules
        seen = wanted.seen = wanted.seen or Accepted(
            self._language, rules.near_duplicate, self._examples, rules.off
        )
        pos = self._senses.inventory.synsets[wanted.synset_id].pos
        gloss = self._senses.glosses[wanted.synset_id]
        outcome = self._checker.check(ContextDraft(text, wanted.lemma, gloss, pos))
        if isinstance(outcome, Sound):
            repeats = seen.finding(outcome)
            if repeats is None:
                if self.is_short(wanted):
                    seen.add(outcome)
                    wanted.accepted.append(_context(wanted, outcome, made_by))
                return ()
            outcome = (repeats,)
        wanted.rejects.append(rejected(NAME, wanted.sense_id, text, outcome, made_by))
        return outcome


def example_sentences(template: str) -> tuple[Sound, ...]:
    """The marked sentences that a prompt template shows as examples, in its JSON strings."""
    found = (unmark(text) for text in _EXAMPLE.findall(template))
    return tuple(sound for sound in found if sound is not None)


def _context(wanted: Wanted, sound: Sound, made_by: Provenance | None) -> Context:
    return Context(
        context_id=context_id(wanted.sense_id, sound.sentence, sound.start, sound.end),
        sense_id=wanted.sense_id,
        sentence=sound.sentence,
        target_start=sound.start,
        target_end=sound.end,
        provenance=made_by,
    )
