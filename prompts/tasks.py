"""What a prompt is asked with: one frozen value per kind of request.

Every text of a task is one line; templates see the fields of a task under their own names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from schemas.records import Pos


@dataclass(frozen=True, slots=True)
class OtherSynset:
    """A synset that shares a lemma with the one to be defined, and what is known of it."""

    lemmas: tuple[str, ...]
    pos: Pos
    supersense: str
    definition: str = ""
    """Its gloss, or its source's definition, where there is one."""


@dataclass(frozen=True, slots=True)
class GlossTask:
    """Ask for the definition of a synset."""

    lemmas: tuple[str, ...]
    pos: Pos
    supersense: str
    source_gloss: str | None = None
    source_language: str = ""
    """The code of the language that ``source_gloss`` is in."""
    hypernyms: tuple[str, ...] = ()
    source_examples: tuple[str, ...] = ()
    siblings: tuple[tuple[str, tuple[OtherSynset, ...]], ...] = ()
    """Per polysemous lemma, the other synsets that the definition must be told apart from."""
    problems: tuple[str, ...] = ()
    """Why earlier definitions were rejected."""
    avoid: tuple[str, ...] = ()
    """Definitions of other synsets, which this one must not repeat."""
    rewrite: bool = False
    """Whether ``source_gloss`` is to be put into other words, instead of being a hint."""
    hint: str = ""
    """What an uncertain link to English says: lemmas and a definition, which may be of another
    meaning."""


@dataclass(frozen=True, slots=True)
class ContextsTask:
    """Ask for sentences that use one lemma in one sense."""

    lemma: str
    pos: Pos
    supersense: str
    gloss: str
    other_senses: tuple[str, ...] = ()
    """Glosses of the lemma's other senses."""
    n: int = 10
    problems: tuple[str, ...] = ()
    """Why earlier sentences were rejected, each with its sentence."""
    already: tuple[str, ...] = ()
    """Sentences accepted so far, not to be repeated."""


@dataclass(frozen=True, slots=True)
class WantedWord:
    """One lemma of a :class:`ContextsGroupTask`; fields as in :class:`ContextsTask`."""

    lemma: str
    n: int
    other_senses: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    already: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContextsGroupTask:
    """Ask for sentences for several lemmas of one synset in one request."""

    words: tuple[WantedWord, ...]
    pos: Pos
    supersense: str
    gloss: str


@dataclass(frozen=True, slots=True)
class JudgeTask:
    """Ask which sense each sentence uses, without saying which one was meant.

    The caller shuffles the candidates, by the id of what is judged.
    """

    lemma: str
    marked_sentences: tuple[str, ...]
    candidates: tuple[str, ...]


Task: TypeAlias = GlossTask | ContextsTask | ContextsGroupTask | JudgeTask
