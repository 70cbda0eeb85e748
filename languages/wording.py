"""Wording of the language that belongs to a reply, to a label or to a formula.

Every entry is a word or phrase in lower case, or a regular expression for several at once; case
is ignored. What does not depend on a language (numbers in front, Markdown, HTML, JSON) is known to
the checks themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.records import Pos

Phrases = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """What must not stand in a definition or a sentence."""

    talk: Phrases
    """Openings that speak to whoever asked: *here is*, *certainly*."""
    labels: Phrases
    """Words before ``:``, ``.`` or ``)``, perhaps with a number: *example 2:*."""
    gloss_labels: Phrases
    """Words before ``:`` that label a definition: *definition:*."""
    registers: Phrases
    """Registers as labels, before ``:`` or in brackets: *(colloquial)*."""
    mentions: Phrases
    """Words right before a word that is spoken about rather than used: *the word*."""
    about_meaning: Phrases
    """What follows in a sentence about such a word: *means*, *is used to*."""
    about_task: Phrases
    """Wording that gives the task away anywhere in a definition: *synonym of*."""
    formulas: Phrases
    """Openings of a definition that only tell the part of speech, whatever it is."""
    formulas_by_pos: Mapping[Pos, Phrases] = field(default_factory=dict)
    """The same for one part of speech: *the act of* for a verb, but not for a noun."""
    descriptive: Phrases = ()
    """What a lemma is as a whole that describes its meaning rather than names it."""
    wiki: Phrases = ()
    """Names of wiki pages that are left in word lists, before ``:`` (*template*, *category*)."""
