"""Rules for a sentence that a model wrote for one sense of a lemma."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from languages.boundaries import n_sentences
from languages.language import Language
from pipeline.checks import cleaning, marks, texts, wording
from pipeline.checks.finding import Flaw, Rule, flaw, messages
from pipeline.checks.marks import Sound
from pipeline.checks.texts import Limits, TextCase
from schemas.records import Pos
from schemas.text import units

_QUOTED_BEFORE = 10  # characters shown in front of a target that is talked about


@dataclass(frozen=True, slots=True)
class ContextDraft:
    """A sentence as a model wrote it, with what it was asked for."""

    marked: str
    lemma: str
    gloss: str
    pos: Pos | None = None
    """Which forms of the lemma are meant; of any part of speech where it is not given."""


@dataclass(frozen=True, slots=True)
class ContextCase(TextCase):
    """A draft made ready for the rules: cleaned, and its one mark resolved if it has one."""

    draft: ContextDraft
    marked: str
    sound: Sound | None
    max_gloss_overlap: float
    longer_word: Callable[[Sound], str | None]

    @classmethod
    def of(
        cls,
        draft: ContextDraft,
        language: Language,
        limits: Limits,
        max_gloss_overlap: float,
        longer_word: Callable[[Sound], str | None],
    ) -> Self:
        marked = cleaning.visible(draft.marked)
        sound = marks.unmark(marked)
        text = marks.without_marks(marked) if sound is None else sound.sentence
        return cls(
            language=language,
            limits=limits,
            written=draft.marked,
            text=text,
            units=units(text),
            draft=draft,
            marked=marked,
            sound=sound,
            max_gloss_overlap=max_gloss_overlap,
            longer_word=longer_word,
        )

    def own_words(self) -> Sequence[str]:
        """The units without those of the target, which may be a foreign name."""
        if self.sound is None:
            return self.units
        n_before = len(units(self.text[: self.sound.start]))
        n_after = len(units(self.text[self.sound.end :]))
        return [*self.units[:n_before], *self.units[len(self.units) - n_after :]]

    def stray_mark(self) -> str | None:
        if self.sound is not None or len(marks.marked_texts(self.marked)) > 1:
            return None
        return marks.stray_bracket(self.marked)

    def talk_of_its_own(self) -> str | None:
        sound = self.sound
        if sound is None or not wording.talks_about_target(
            self.text, sound.start, sound.end, self.language
        ):
            return None
        return self.text[max(0, sound.start - _QUOTED_BEFORE) : sound.end]


def target_missing(case: ContextCase) -> Flaw | None:
    """No target is marked."""
    if case.sound is not None or any(text.strip() for text in marks.marked_texts(case.marked)):
        return None
    return flaw(f"{case.draft.lemma!r} is not marked", lemma=case.draft.lemma)


def target_marked_twice(case: ContextCase) -> Flaw | None:
    """Several spans are marked."""
    if case.sound is not None or len(found := marks.marked_texts(case.marked)) < 2:
        return None
    return flaw(f"marks {found}", number=len(found))


def target_altered(case: ContextCase) -> Flaw | None:
    """The marked text is not the lemma, nor one of its forms."""
    if case.sound is None:
        return None
    target, lemma = case.sound.target, case.draft.lemma
    if target == lemma or case.language.is_form(target, lemma, case.draft.pos):
        return None
    return flaw(f"marks {target!r} instead of {lemma!r}", found=target, lemma=lemma)


def target_in_longer_word(case: ContextCase) -> Flaw | None:
    """The target is only a part of a longer word."""
    sound = case.sound
    longer = (_glued(sound) or case.longer_word(sound)) if sound else None
    if sound is None or longer is None:
        return None
    return flaw(f"{sound.target!r} is a part of {longer!r}", target=sound.target, found=longer)


def several_sentences(case: ContextCase) -> Flaw | None:
    """The text is more than one sentence."""
    text = case.text
    if case.sound is not None:  # full stops of the target's own end no sentence
        word = "Word" if case.sound.target[:1].isupper() else "word"
        text = f"{text[: case.sound.start]}{word}{text[case.sound.end :]}"
    n = n_sentences(text, case.language.sentences)
    return flaw(f"{n} sentences", number=n) if n > 1 else None


def copied_gloss(case: ContextCase) -> Flaw | None:
    """The sentence repeats the definition."""
    runs = _runs(case.draft.gloss, case.language)
    if not runs:
        return None
    key = case.language.spelling.fold(f" {' '.join(case.units)} ".casefold())
    share = sum(run in key for run in runs) / len(runs)
    return flaw(f"repeats {share:.0%} of the gloss") if share >= case.max_gloss_overlap else None


def _glued(sound: Sound) -> str | None:
    """The word of letters and digits that the target is written together with."""
    text, start, end = sound.sentence, sound.start, sound.end
    while start and _is_part_of_word(text[start - 1]):
        start -= 1
    while end < len(text) and _is_part_of_word(text[end]):
        end += 1
    return None if (start, end) == (sound.start, sound.end) else text[start:end]


def _is_part_of_word(character: str) -> bool:
    return (
        character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")
    )


@lru_cache(maxsize=4096)
def _runs(gloss: str, language: Language) -> frozenset[str]:
    """The runs of some units of a gloss, each between spaces."""
    keys, n = units(language.match_key(gloss)), language.bounds.copied_run
    return frozenset(f" {' '.join(keys[i : i + n])} " for i in range(len(keys) - n + 1))


RULES: tuple[Rule[ContextCase], ...] = (
    texts.control_characters,
    texts.several_lines,
    texts.leftover_markup,
    target_missing,
    target_marked_twice,
    target_altered,
    target_in_longer_word,
    texts.length,
    several_sentences,
    texts.other_language,
    texts.foreign_script,
    copied_gloss,
    texts.meta_talk,
)
"""The rules for one context; rules about several are in :mod:`pipeline.checks.duplicates`."""

MESSAGES = messages(RULES)
ALWAYS_ON = (
    "control_characters",
    "leftover_markup",
    "target_missing",
    "target_marked_twice",
    "target_altered",
)
"""Those without which a span could be wrong, or a row could not be written."""
