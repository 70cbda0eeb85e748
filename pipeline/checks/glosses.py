"""Rules for the definition of a synset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from languages.language import Language
from pipeline.checks import cleaning, texts, wording
from pipeline.checks.finding import Flaw, Rule, flaw, messages
from pipeline.checks.texts import Limits, TextCase
from schemas.records import Pos
from schemas.text import normalise, units


@dataclass(frozen=True, slots=True)
class GlossDraft:
    """A definition as a model wrote it, with the synset that it is for.

    With ``pos`` given, openings that are boilerplate for that part of speech only are found too.
    """

    gloss: str
    lemmas: tuple[str, ...]
    pos: Pos | None = None


@dataclass(frozen=True, slots=True)
class GlossCase(TextCase):
    """A draft made ready for the rules."""

    draft: GlossDraft

    @classmethod
    def of(cls, draft: GlossDraft, language: Language, limits: Limits) -> Self:
        gloss = clean_gloss(draft.gloss)
        return cls(language, limits, draft.gloss, gloss, units(gloss), draft)

    def stray_mark(self) -> str | None:
        return next((mark for mark in ("[[", "]]") if mark in self.text), None)

    def talk_of_its_own(self) -> str | None:
        return wording.talk_about_task(self.text, self.language)


def clean_gloss(gloss: str) -> str:
    """A definition as it is stored: normalised, without quotes around it and a final stop."""
    text = normalise(cleaning.visible(gloss))
    for opening, closing in ("“”", '""', "''", "‘’", "«»"):
        inner = text[1:-1]
        if inner and text[0] == opening and text[-1] == closing and opening not in inner:
            text = inner.strip()
    return text if text.endswith("...") else text.removesuffix(".").rstrip()


def empty(case: GlossCase) -> Flaw | None:
    """The definition is empty."""
    return None if case.units else flaw("no words")


def circular(case: GlossCase) -> Flaw | None:
    """The definition contains a lemma of its synset."""
    language = case.language
    key = f" {' '.join(units(language.match_key(case.text)))} "
    for lemma in case.draft.lemmas:
        wanted = " ".join(units(language.match_key(lemma)))
        if wanted and wanted not in language.grammar.grammatical and f" {wanted} " in key:
            return flaw(f"contains the lemma {lemma!r}", found=lemma)
    return None


def formula_opening(case: GlossCase) -> Flaw | None:
    """The definition opens with a formula that only tells the part of speech."""
    found = wording.formula(case.text, case.draft.pos, case.language)
    return flaw(f"opens with {found!r}", found=found) if found else None


RULES: tuple[Rule[GlossCase], ...] = (
    empty,
    texts.control_characters,
    texts.several_lines,
    texts.leftover_markup,
    texts.length,
    texts.other_language,
    texts.foreign_script,
    circular,
    formula_opening,
    texts.meta_talk,
)
"""The rules for one definition; :mod:`pipeline.checks.equality` compares definitions."""

MESSAGES = messages(RULES)
ALWAYS_ON = ("empty", "control_characters")
"""Those without which a row could not be written."""
