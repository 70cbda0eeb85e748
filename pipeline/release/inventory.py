"""The senses with their synsets and glosses, as columns to be joined to the contexts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from languages.language import Language
from pipeline.split.strata import stratum
from schemas.arrow import arrow_schema
from schemas.errors import InputError
from schemas.records import Gloss, InventorySense, Pos, Sense, Synset, polysemy
from schemas.tables import read_batches, read_table

_BATCH = 4096


@dataclass(frozen=True, slots=True)
class ReleaseInventory:
    """n senses in the order of their ids."""

    columns: dict[str, pa.Array]
    """The columns of InventorySense without ``n_contexts``."""
    number: dict[str, int]
    """Sense id -> row."""
    synset: NDArray[np.int32]
    lemma: NDArray[np.int32]
    """(n,): equal where the match keys of the lemmas are."""
    lemma_key: list[str]
    """(n,): match keys."""
    stratum: NDArray[np.int8]
    """(n,): strata of :mod:`pipeline.split.strata`."""
    n_synsets: int
    n_glosses: int

    def __len__(self) -> int:
        return len(self.lemma)

    @property
    def n_lemmas(self) -> int:
        """Distinct lemmas by match key."""
        return int(self.lemma.max(initial=-1)) + 1

    def n_same_pos_lemmas(self) -> int:
        """Lemmas with two or more senses of one POS."""
        same = self.columns["n_siblings_same_pos"].to_numpy() > 0
        return len(np.unique(self.lemma[same]))

    def batches(self, n_contexts: NDArray[np.int64]) -> Iterator[pa.RecordBatch]:
        """The rows of the table ``senses``, given the number of examples of each sense."""
        schema = arrow_schema(InventorySense)
        columns = self.columns | {"n_contexts": pa.array(n_contexts, pa.int32())}
        table = pa.record_batch([columns[name] for name in schema.names], schema)
        for start in range(0, len(self), _BATCH):
            yield table.slice(start, _BATCH)


def read_inventory(
    synsets: Path, senses: Path, glosses: Path, language: Language
) -> ReleaseInventory:
    """All senses; what is held in memory grows with the lexicon, not with the contexts."""
    supersense = {
        row["synset_id"]: row["supersense"]
        for batch in read_batches(synsets, Synset, ["synset_id", "supersense"])
        for row in batch.to_pylist()
    }
    gloss = {row.synset_id: row for row in read_table(glosses, Gloss)}
    rows = [row for batch in read_batches(senses, Sense) for row in batch.to_pylist()]
    rows.sort(key=lambda row: str(row["sense_id"]))
    for row in rows:
        if row["synset_id"] not in supersense:
            raise InputError(
                f"{senses}: synset {row['synset_id']} of {row['sense_id']} is not in {synsets}"
            )
        row["supersense"] = supersense[row["synset_id"]]
        of_synset = gloss.get(row["synset_id"])
        row["gloss"] = of_synset.gloss if of_synset else None
        row["cluster"] = of_synset.cluster if of_synset else None
    schema = arrow_schema(InventorySense)
    keys = [language.match_key(row["lemma"]) for row in rows]
    kinds = [polysemy(row["n_siblings"], row["n_siblings_same_pos"]) for row in rows]
    return ReleaseInventory(
        columns={
            name: pa.array([row[name] for row in rows], schema.field(name).type)
            for name in schema.names
            if name != "n_contexts"
        },
        number={row["sense_id"]: at for at, row in enumerate(rows)},
        synset=_numbered([row["synset_id"] for row in rows]),
        lemma=_numbered(keys),
        lemma_key=keys,
        stratum=np.array(
            [stratum(Pos(row["pos"]), kind) for row, kind in zip(rows, kinds, strict=True)],
            dtype=np.int8,
        ),
        n_synsets=len(supersense),
        n_glosses=len(gloss),
    )


def _numbered(names: list[str]) -> NDArray[np.int32]:
    """A number per name, equal for equal names, from 0 in order of appearance."""
    numbers = {name: at for at, name in enumerate(dict.fromkeys(names))}
    return np.array([numbers[name] for name in names], dtype=np.int32)
