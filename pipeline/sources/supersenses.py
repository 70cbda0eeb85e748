"""Supersenses: the names of WordNet's lexicographer files, and of what CSV folders have beside."""

from __future__ import annotations

import difflib

from schemas.errors import InputError
from schemas.records import Pos

LEXICOGRAPHER_FILES = (
    *("adj.all", "adj.pert", "adv.all", "noun.Tops", "noun.act", "noun.animal", "noun.artifact"),
    *("noun.attribute", "noun.body", "noun.cognition", "noun.communication", "noun.event"),
    *("noun.feeling", "noun.food", "noun.group", "noun.location", "noun.motive", "noun.object"),
    *("noun.person", "noun.phenomenon", "noun.plant", "noun.possession", "noun.process"),
    *("noun.quantity", "noun.relation", "noun.shape", "noun.state", "noun.substance", "noun.time"),
    *("verb.body", "verb.change", "verb.cognition", "verb.communication", "verb.competition"),
    *("verb.consumption", "verb.contact", "verb.creation", "verb.emotion", "verb.motion"),
    *("verb.perception", "verb.possession", "verb.social", "verb.stative", "verb.weather"),
    "adj.ppl",
)
"""The files of Princeton WordNet 3.0 in the order of their numbers (manual page lexnames(5WN))."""

SUPERSENSES = frozenset(
    [name.lower() for name in LEXICOGRAPHER_FILES]
    + ["adj", "adv", "conj", "interj", "prep", "pron"]
)

_POS = {"noun": Pos.NOUN, "verb": Pos.VERB, "adj": Pos.ADJ, "adv": Pos.ADV}


def category(supersense: str) -> str:
    """The part of a supersense before the dot: noun, verb, adj, adv, conj, interj, ...

    >>> category("noun.animal"), category("pron")
    ('noun', 'pron')
    """
    return supersense.partition(".")[0]


def pos_of(supersense: str) -> Pos:
    """The part of speech of a supersense; conjunctions and the like are "other"."""
    return _POS.get(category(supersense), Pos.OTHER)


def supersense_of_file(stem: str, where: str) -> str:
    """The supersense a file is named after; InputError about ``where`` for any other name."""
    supersense = stem.lower()
    if supersense in SUPERSENSES:
        return supersense
    near = difflib.get_close_matches(supersense, sorted(SUPERSENSES), n=1)
    advice = f"did you mean {near[0]}.csv?" if near else "such as noun.animal.csv or adj.csv"
    raise InputError(f"{where}: files are named after supersenses; {advice}")
