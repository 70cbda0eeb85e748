"""Rules for whatever a model wrote, a sentence or a definition: each is written once, here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from languages.language import Language
from pipeline.checks import cleaning, recognition, wording
from pipeline.checks.finding import Flaw, doubt, flaw


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of a family of checks, each either set in run.toml or the language's own."""

    min_length: int
    max_length: int
    min_well_formed: float
    min_telling: float


@dataclass(frozen=True, slots=True)
class TextCase:
    """A text made ready for the rules; a family says what is particular to it."""

    language: Language
    limits: Limits
    written: str
    """As the model wrote it."""
    text: str
    """Cleaned, and without marks around a target."""
    units: Sequence[str]
    """Of ``text``: its syllables or words, whichever the language counts."""

    def own_words(self) -> Sequence[str]:
        """The units that tell the language of the text."""
        return self.units

    def stray_mark(self) -> str | None:
        """A mark that does not belong into the text."""
        raise NotImplementedError

    def talk_of_its_own(self) -> str | None:
        """Talk about the task or the word that only this family can have."""
        raise NotImplementedError


def control_characters(case: TextCase) -> Flaw | None:
    """The text has control characters, surrogates or unassigned characters."""
    found = cleaning.control_character(case.written)
    return flaw(f"has the character U+{ord(found):04X}") if found else None


def several_lines(case: TextCase) -> Flaw | None:
    """The text goes over several lines."""
    return flaw("has a line break") if cleaning.has_line_break(case.written) else None


def leftover_markup(case: TextCase) -> Flaw | None:
    """Markdown, HTML or JSON is left in the text, or marks that mark nothing."""
    found = wording.markup(case.text) or case.stray_mark()
    return flaw(f"has {found!r}", found=found) if found else None


def length(case: TextCase) -> Flaw | None:
    """The text is shorter or longer than the bounds, in syllables or words."""
    n, least, most = len(case.units), case.limits.min_length, case.limits.max_length
    if least <= n <= most:
        return None
    detail = f"{n} {case.language.segmentation.unit}s, not {least}-{most}"
    # Dictionaries define one word in ten by a synonym or two: see docs/checks.md.
    kind = doubt if least <= 2 * n and 2 * n <= 3 * most else flaw
    return kind(detail, length=n, least=least, most=most)


def other_language(case: TextCase) -> Flaw | None:
    """Too few words could be of the language, names and the target left out."""
    shares = recognition.shares(case.own_words(), case.language.recognition)
    if (
        shares.well_formed >= case.limits.min_well_formed
        and shares.telling >= case.limits.min_telling
    ):
        return None
    name, unit = case.language.names.english, case.language.segmentation.unit
    return flaw(
        f"{shares.well_formed:.0%} possible {name} {unit}s, {shares.telling:.0%} telling ones"
    )


def foreign_script(case: TextCase) -> Flaw | None:
    """The text has letters of another script than the language's, Latin or Greek."""
    found = recognition.letter_of_other_script(case.text, case.language.spelling)
    return flaw(f"has the letter {found!r}", found=found) if found else None


def meta_talk(case: TextCase) -> Flaw | None:
    """The text talks about the task or the word, or carries a number or a label."""
    found = wording.talk(case.text, case.language) or case.talk_of_its_own()
    return flaw(f"says {found!r}", found=found) if found else None
