"""The WordNet of the language that comes as plain CSV files, where there is one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OwnWordNet:
    """What a source of kind ``csv`` is called, unless run.toml says otherwise."""

    prefix: str
    """Begins the id of every synset: ``viwn``."""
    name: str
    url: str = ""
    licence: str = "not stated"
