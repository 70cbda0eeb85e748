"""For each rule of the checks one text that passes and one that fails by that rule alone.

They are what a test of every language runs, and show what each rule means in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.records import Pos

Lemmas = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleExample:
    """A text that fails by one rule, and one that passes them all, if not the family's own."""

    failing: str
    passing: str | None = None


@dataclass(frozen=True, slots=True)
class NoiseExample:
    """The lemmas of one synset or more, all of one supersense, that pass and that fail."""

    passing: tuple[Lemmas, ...]
    failing: tuple[Lemmas, ...]


@dataclass(frozen=True, slots=True)
class Examples:
    """One sense of one lemma, with texts around it."""

    lemma: str
    pos: Pos
    gloss: str
    """A sound definition."""
    context: str
    """A sound sentence, the lemma marked with ``[[ ]]``."""
    words: Lemmas
    """Entries of a word list, among them one that holds the lemma and more."""
    siblings: Lemmas
    """Lemmas of other senses of the lemma."""
    of_gloss: Mapping[str, RuleExample]
    """By code, those that compare two definitions too: they are compared with ``gloss``."""
    of_context: Mapping[str, RuleExample]
    """By code; those that compare two sentences are compared with ``context``."""
    of_lemma: Mapping[str, NoiseExample]
    """By code of the rules for a source's lemmas."""
