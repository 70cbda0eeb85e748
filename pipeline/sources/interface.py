"""What every reader returns: the synsets as the source has them, before any noise rule."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.records import Pos


@dataclass(frozen=True, slots=True)
class SourceSynset:
    """A synset of a source; lemmas are as written there, repeated, empty or noisy ones too."""

    synset_id: str
    pos: Pos
    supersense: str
    lemmas: tuple[str, ...]
    ili: str | None = None
    gloss: str | None = None
    hypernyms: tuple[str, ...] = ()
    """One entry a hypernym: its lemmas joined by a comma."""
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """What the data card says of a source."""

    name: str
    url: str
    licence: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All a source holds: synset ids are unique, the order means nothing."""

    description: SourceDescription
    synsets: tuple[SourceSynset, ...]
