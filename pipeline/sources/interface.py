"""What every reader returns: the synsets as the source has them, before any noise rule."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.records import Pos, SourceText
from schemas.text import normalise


@dataclass(frozen=True, slots=True)
class SourceSynset:
    """A synset of a source; lemmas are as written there, repeated, empty or noisy ones too."""

    synset_id: str
    pos: Pos
    supersense: str
    lemmas: tuple[str, ...]
    ili: str | None = None
    gloss: SourceText | None = None
    """Its definition, in the run's language where the source has one."""
    hypernyms: tuple[str, ...] = ()
    """One entry a hypernym: its lemmas joined by a comma."""
    examples: tuple[SourceText, ...] = ()


def clean_spaces(lemma: str) -> str:
    """The lemma as tables have it: NFC, single spaces; an underscore of a WordNet is a space.

    >>> clean_spaces(" Aaron_Montgomery  Ward")
    'Aaron Montgomery Ward'
    """
    return normalise(lemma.replace("_", " "))


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """What the data card says of a source."""

    name: str
    url: str
    licence: str
    citation: str = ""
    """How its authors ask to be cited."""
    notice: str = ""
    """What its licence wants to stand in every copy, line by line."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All a source holds: synset ids are unique, the order means nothing."""

    description: SourceDescription
    synsets: tuple[SourceSynset, ...]
