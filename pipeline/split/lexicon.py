"""The senses as numbers: lemma, synset and stratum of each, without their names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from languages.language import Language
from pipeline.split.strata import stratum
from schemas.records import Pos, Sense, polysemy
from schemas.tables import read_batches

_COLUMNS = ["sense_id", "synset_id", "lemma", "pos", "n_siblings", "n_siblings_same_pos"]


@dataclass(frozen=True, slots=True)
class NumberedLexicon:
    """n senses; ``lemma[i]`` and ``synset[i]`` are indices into the lists of keys."""

    number: dict[str, int]
    """Sense id -> i."""
    lemma: list[int]
    synset: list[int]
    stratum: list[int]
    lemma_keys: list[str]
    """Match keys: two spellings of one lemma are one lemma."""
    synset_ids: list[str]


def read_lexicon(senses: Path, language: Language) -> NumberedLexicon:
    """The senses of the table, in its order."""
    number: dict[str, int] = {}
    lemmas: dict[str, int] = {}
    synsets: dict[str, int] = {}
    lemma: list[int] = []
    synset: list[int] = []
    strata: list[int] = []
    for batch in read_batches(senses, Sense, _COLUMNS):
        for row in batch.to_pylist():
            number[row["sense_id"]] = len(number)
            lemma.append(lemmas.setdefault(language.match_key(row["lemma"]), len(lemmas)))
            synset.append(synsets.setdefault(row["synset_id"], len(synsets)))
            kind = polysemy(row["n_siblings"], row["n_siblings_same_pos"])
            strata.append(stratum(Pos(row["pos"]), kind))
    return NumberedLexicon(number, lemma, synset, strata, list(lemmas), list(synsets))
