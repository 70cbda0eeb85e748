"""The sections ``[source]`` and ``[synsets]`` of run.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from languages.language import Language

SourceKind = Literal["csv", "omw", "lmf", "princeton"]
IdPrefix = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class SourceSettings(BaseModel):
    """Where the synsets come from, and what a data card says of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: SourceKind
    """csv: a folder or archive of CSV files; omw: a .tab file; lmf: WN-LMF XML; princeton: a folder
    with the database of Princeton WordNet."""
    path: Path
    prefix: IdPrefix | None = None
    """Begins every synset id; by default viwn (csv), omw, pwn or, for lmf, the lexicon's id."""
    wordnet: Path | None = None
    """For omw: a folder with the files of Princeton WordNet 3.0; by default NLTK's corpus."""
    name: str | None = None
    """Name, address and licence of the source; by default what the source says of itself."""
    url: str | None = None
    licence: str | None = None

    @model_validator(mode="after")
    def _wordnet_belongs_to_omw(self) -> Self:
        if self.wordnet is not None and self.kind != "omw":
            raise ValueError('"wordnet" is used with kind = "omw" only; remove it')
        return self


class NoiseSettings(BaseModel):
    """Which noise rules are on; a rule's setting has the name of its code."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stray_character: bool = True
    template_residue: bool = True
    foreign_script: bool = True
    foreign_letter: bool = True
    foreign_phrase: bool = True
    stray_punctuation: bool = True
    no_letter: bool = True
    max_length: Annotated[int, Field(ge=0)] | None = None
    """A lemma of more syllables or words is over_long; 0: no limit, None: the language's own."""
    repeated_lemma: bool = True
    """Off: spellings that differ in case or the like stay; equal ones never do."""
    indistinct_synset: bool = True

    def length_limit(self, language: Language) -> int:
        """``max_length``, or the language's own; 0 is none."""
        return language.bounds.longest_lemma if self.max_length is None else self.max_length
