"""Rules for the definition of a synset."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from languages.language import Language
from pipeline.checks import cleaning, texts, wording
from pipeline.checks.finding import Flaw, Rule, doubt, flaw, messages
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
    siblings: tuple[str, ...] = ()
    """The other lemmas of the synsets that share one with it."""


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
    grammatical = case.language.grammar.grammatical
    said = _key(case, case.text)
    places: set[int] = set()
    first = ""
    for lemma in case.draft.lemmas:
        wanted = _key(case, lemma)
        if wanted and " ".join(wanted) not in grammatical and (found := _places(wanted, said)):
            first = first or lemma
            places.update(found)
    if not first:
        return None
    empty_words = grammatical | case.language.linking.classifiers
    rest = [unit for at, unit in enumerate(said) if at not in places and unit not in empty_words]
    # A noun may be named by a longer name that begins with it; what is done or how it is, is not.
    says_it = 0 in places and case.draft.pos is not Pos.NOUN
    kind = doubt if rest and not says_it else flaw
    return kind(f"contains the lemma {first!r}", found=first)


def sibling_lemma(case: GlossCase) -> Flaw | None:
    """The definition is nothing but a lemma of another synset that shares one with it."""
    classifiers = case.language.linking.classifiers
    said = _bare(_key(case, case.text), classifiers)
    for lemma in case.draft.siblings:
        if said == _bare(_key(case, lemma), classifiers):
            return flaw(f"is nothing but {lemma!r}, another synset's lemma", found=lemma)
    return None


def _key(case: GlossCase, text: str) -> list[str]:
    return list(units(case.language.match_key(text)))


def _places(wanted: list[str], said: list[str]) -> set[int]:
    """Where the units of a lemma stand in those of a text."""
    n = len(wanted)
    starts = [at for at in range(len(said) - n + 1) if said[at : at + n] == wanted]
    return {at + step for at in starts for step in range(n)}


def _bare(key: list[str], classifiers: Collection[str]) -> list[str]:
    """Without a classifier in front, unless that is all there is."""
    return key[1:] if len(key) > 1 and key[0] in classifiers else key


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
    sibling_lemma,
    formula_opening,
    texts.meta_talk,
)
"""The rules for one definition; :mod:`pipeline.checks.equality` compares definitions."""

MESSAGES = messages(RULES)
ALWAYS_ON = ("empty", "control_characters")
"""Those without which a row could not be written."""
