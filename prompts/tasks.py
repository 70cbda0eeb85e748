"""What a prompt is asked with: one frozen value per kind of request.

Every text of a task is one line; templates see the fields of a task under their own names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from schemas.records import Pos


@dataclass(frozen=True, slots=True)
class SynsetToDefine:
    """One synset of a :class:`GlossesTask`, with what the source tells of it."""

    number: int
    lemmas: tuple[str, ...]
    pos: Pos
    supersense: str
    source_gloss: str | None = None
    source_language: str = ""
    """The code of the language that ``source_gloss`` is in."""
    hypernyms: tuple[str, ...] = ()
    source_examples: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    """Its definitions that were rejected, each with the reasons."""
    rewrite: bool = False
    """Whether ``source_gloss`` is to be put into other words, instead of being a hint."""
    hint: str = ""
    """What an uncertain link to English says: lemmas and a definition, which may be of another
    meaning."""


@dataclass(frozen=True, slots=True)
class OtherSynset:
    """A synset that is shown to be told apart from others, and what is known of it."""

    number: int
    lemmas: tuple[str, ...]
    pos: Pos
    supersense: str
    definition: str = ""
    """Its gloss, or its source's definition, where there is one."""


@dataclass(frozen=True, slots=True)
class GlossesTask:
    """Ask for the definitions of synsets that share a lemma, or of a single one."""

    lemma: str
    """What they share; empty for a single synset that shares no lemma."""
    synsets: tuple[SynsetToDefine, ...]
    others: tuple[OtherSynset, ...] = ()
    """Further synsets of their lemmas, numbered on from them."""


@dataclass(frozen=True, slots=True)
class VerifyTask:
    """Ask which synset a definition defines, from the definition alone.

    The caller shuffles the candidates, by the id of what is verified.
    """

    gloss: str
    candidates: tuple[OtherSynset, ...]
    """Without definitions."""


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
    wishes: tuple[str, ...] = ()
    """For each of the ``n`` sentences what it should be like; empty where nothing is asked."""
    overused: tuple[str, ...] = ()
    """Words that stand in too many sentences already."""


@dataclass(frozen=True, slots=True)
class WantedWord:
    """One lemma of a :class:`ContextsGroupTask`; fields as in :class:`ContextsTask`."""

    lemma: str
    n: int
    other_senses: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    already: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()


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


@dataclass(frozen=True, slots=True)
class RephraseTask:
    """Ask for sentences in other words, or in another language, with their targets marked."""

    lemma: str
    pos: Pos
    gloss: str
    marked_sentences: tuple[str, ...]
    synonyms: tuple[str, ...] = ()
    """The synset's other lemmas, which may take the target's place."""
    to: str = ""
    """The code of the language to translate into; empty for a paraphrase."""
    problems: tuple[str, ...] = ()
    """What was rejected so far, each with the reason."""


@dataclass(frozen=True, slots=True)
class NamedSynset:
    """A synset as far as its source tells of it."""

    lemmas: tuple[str, ...]
    pos: Pos
    supersense: str


@dataclass(frozen=True, slots=True)
class EquivalentsTask:
    """Ask for the English words of several synsets."""

    synsets: tuple[NamedSynset, ...]


@dataclass(frozen=True, slots=True)
class CounterpartTask:
    """Ask which of Princeton's synsets, in an order that means nothing, a synset translates."""

    synset: NamedSynset
    candidates: tuple[str, ...]
    """Words and definition of each, in English."""


Task: TypeAlias = (
    EquivalentsTask
    | CounterpartTask
    | GlossesTask
    | VerifyTask
    | ContextsTask
    | ContextsGroupTask
    | JudgeTask
    | RephraseTask
)
