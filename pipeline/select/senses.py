"""The senses of the inventory as numbers: what select, split and release count and compare by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from languages.language import Language
from schemas.arrow import arrow_schema
from schemas.errors import InputError
from schemas.records import Sense
from schemas.tables import read_batches


@dataclass(frozen=True, slots=True)
class NumberedSenses:
    """n senses in the order of their ids."""

    columns: dict[str, pa.Array]
    """Those of :class:`schemas.records.Sense`."""
    number: dict[str, int]
    """Sense id -> i."""
    lemma: NDArray[np.int32]
    """(n,): indices into ``lemma_keys``, so ``synset`` into ``synset_ids``."""
    synset: NDArray[np.int32]
    lemma_keys: list[str]
    """Match keys: two spellings of one lemma are one lemma."""
    synset_ids: list[str]

    def __len__(self) -> int:
        return len(self.lemma)

    def of(self, ids: pa.Array, path: Path) -> NDArray[np.int64]:
        """The numbers of a column of sense ids; InputError about ``path`` for an unknown one."""
        distinct = ids.dictionary_encode()
        names = distinct.dictionary.to_pylist()
        unknown = [name for name in names if name not in self.number]
        if unknown:
            raise InputError(f"{path}: sense {unknown[0]} is not in the inventory")
        numbers = np.array([self.number[name] for name in names], dtype=np.int64)
        found: NDArray[np.int64] = numbers[distinct.indices.to_numpy()]
        return found


def read_senses(path: Path, language: Language) -> NumberedSenses:
    """All senses of a table; what is held in memory grows with the lexicon alone."""
    table = pa.Table.from_batches(read_batches(path, Sense), arrow_schema(Sense))
    columns = {
        name: column.combine_chunks()
        for name, column in zip(table.column_names, table.sort_by("sense_id").columns, strict=True)
    }
    keys = pa.array(map(language.match_key, columns["lemma"].to_pylist()), pa.string())
    lemma, synset = keys.dictionary_encode(), columns["synset_id"].dictionary_encode()
    return NumberedSenses(
        columns=columns,
        number={name: at for at, name in enumerate(columns["sense_id"].to_pylist())},
        lemma=lemma.indices.to_numpy(),
        synset=synset.indices.to_numpy(),
        lemma_keys=lemma.dictionary.to_pylist(),
        synset_ids=synset.dictionary.to_pylist(),
    )
