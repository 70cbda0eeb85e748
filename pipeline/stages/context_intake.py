"""What becomes of a sentence for a sense: checked, compared with the others, kept or dropped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from languages.language import Language
from pipeline.checks.checker import ContextChecker
from pipeline.checks.contexts import ContextDraft
from pipeline.checks.cues import Cues
from pipeline.checks.duplicates import Accepted
from pipeline.checks.finding import Finding
from pipeline.checks.marks import Sound, mark, unmark
from pipeline.checks.occurrences import occurrences
from pipeline.checks.reference import Reference
from pipeline.stages.context_requests import NAME, ContextRequests
from pipeline.stages.rejecting import rejected
from pipeline.stages.senses import Wanted
from pipeline.stages.settings import ContextSettings
from schemas.ids import context_id
from schemas.records import Context, Provenance, Slot

PROBLEMS_SHOWN = 10
_EXAMPLE = re.compile(r'"([^"\[\]]*\[\[[^"\[\]]+\]\][^"\[\]]*[.!?…])"')


class ContextIntake:
    """Sorts sentences into those that a sense keeps and those that it rejects."""

    def __init__(
        self,
        settings: ContextSettings,
        requests: ContextRequests,
        language: Language,
        reference: Reference,
    ) -> None:
        self._reference = reference
        self._settings = settings
        self._requests = requests
        self._senses = requests.senses
        self._language = language
        texts = (requests.prompts.single.text, requests.prompts.group.text)
        self._examples = tuple(sound for text in texts for sound in example_sentences(text))
        lexicon = self._senses.inventory.lemma_keys()
        self._checker = ContextChecker(lexicon, settings.rules, language)

    def take(
        self, wanted: Wanted, marked: Sequence[str], made_by: Provenance, portion: range
    ) -> None:
        """Sorts the sentences of a reply; what is wrong with them is told in the next request.

        They answer the numbers that the sense lacked, one by one; of more than were asked for,
        each takes a number whose own sentence failed, and nothing was asked of it.
        """
        wanted.problems.clear()
        quoted = self._language.findings.quoted
        asked = wanted.lacking(portion)
        for place, text in enumerate(marked):
            number = asked[place] if place < len(asked) else None
            if number is None:
                free = wanted.lacking(portion)
                slot, taken = None, free[0] if free else None
            else:
                slot, taken = self._requests.slot(wanted, number), number
            findings = self._sorted(wanted, text, made_by, taken, slot, portion.stop - 1)
            if findings and len(wanted.problems) < PROBLEMS_SHOWN:
                wanted.problems.append(quoted.format(text=text, reason=findings[0].reason))
        if wanted.cues is not None:
            wanted.overused = wanted.cues.overused(portion.stop - 1)

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
        return len(wanted.accepted) < wanted.n

    def _keep_own(self, wanted: Wanted) -> None:
        entry = self._senses.inventory.synsets[wanted.synset_id]
        for example in entry.source_examples:
            if example.language == self._language.code:
                spans = occurrences(example.text, wanted.lemma, entry.pos, self._language)
                if len(spans) == 1:
                    number = len(wanted.accepted) + 1
                    text = mark(example.text, *spans[0])
                    self._sorted(wanted, text, None, number, None, None)

    def _sorted(
        self,
        wanted: Wanted,
        text: str,
        made_by: Provenance | None,
        number: int | None,
        slot: Slot | None,
        n_asked: int | None,
    ) -> tuple[Finding, ...]:
        """Keeps a sentence under its number, if it has one, or says what is wrong with it.

        ``n_asked`` is how many sentences have been asked for, of which a word may have its share.
        """
        # Weak models send the prompt's own examples back, with their target in the place of ours.
        rules = self._settings.rules
        gloss = self._senses.glosses[wanted.synset_id]
        if wanted.seen is None or wanted.cues is None:
            near = rules.near_duplicate
            wanted.seen = Accepted(self._language, near, self._examples, rules.off)
            on = "overused_word" not in rules.off
            wanted.cues = Cues(self._language, gloss, rules.max_word_share, on=on)
            for row in wanted.before:
                sound = Sound(row.sentence, row.target_start, row.target_end)
                wanted.seen.add(sound)
                wanted.cues.add(sound)
        pos = self._senses.inventory.synsets[wanted.synset_id].pos
        outcome = self._checker.check(ContextDraft(text, wanted.lemma, gloss, pos))
        if isinstance(outcome, Sound):
            repeats = wanted.seen.finding(outcome) or self._reference.finding(outcome.sentence)
            if repeats is None and n_asked is not None:
                repeats = wanted.cues.finding(outcome, n_asked)
            if repeats is None:
                if number is not None:
                    wanted.seen.add(outcome)
                    wanted.cues.add(outcome)
                    wanted.accepted[number] = _context(wanted, outcome, made_by, slot)
                return ()
            outcome = (repeats,)
        wanted.rejects.append(rejected(NAME, wanted.sense_id, text, outcome, made_by))
        return outcome


def example_sentences(template: str) -> tuple[Sound, ...]:
    """The marked sentences that a prompt template shows as examples, in its JSON strings."""
    found = (unmark(text) for text in _EXAMPLE.findall(template))
    return tuple(sound for sound in found if sound is not None)


def _context(
    wanted: Wanted, sound: Sound, made_by: Provenance | None, slot: Slot | None
) -> Context:
    return Context(
        context_id=context_id(wanted.sense_id, sound.sentence, sound.start, sound.end),
        sense_id=wanted.sense_id,
        sentence=sound.sentence,
        target_start=sound.start,
        target_end=sound.end,
        provenance=made_by,
        slot=slot,
    )
