"""What a split is made of, counted while it is written."""

from __future__ import annotations

from collections import Counter
from typing import get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.release.manifest import Lengths, SplitStatistics
from pipeline.select.senses import NumberedSenses
from pipeline.split.strata import N_STRATA, POLYSEMY, POS, strata_of_senses
from schemas.records import Audited, Judged, Split
from schemas.text import units


class SplitCounter:
    """Counts the rows of one split; memory grows with the senses."""

    def __init__(self, split: Split, inventory: NumberedSenses) -> None:
        self.split = split
        self._inventory = inventory
        self.of_sense: NDArray[np.int64] = np.zeros(len(inventory), dtype=np.int64)
        """(n senses,): rows of each sense."""
        self._judged: Counter[str] = Counter()
        self._audited: Counter[str] = Counter()
        self._units = 0
        self._least, self._most = 0, 0

    def add(self, examples: pa.RecordBatch, sense: NDArray[np.int64]) -> None:
        """Counts examples of the given senses."""
        if not len(sense):
            return
        np.add.at(self.of_sense, sense, 1)
        for column, counter in (("judged", self._judged), ("audited", self._audited)):
            for entry in pc.value_counts(examples[column]):
                counter[entry["values"].as_py()] += entry["counts"].as_py()
        lengths = [len(units(text)) for text in examples["sentence"].to_pylist()]
        self._least = min(lengths) if not self._most else min(self._least, *lengths)
        self._most = max(self._most, *lengths)
        self._units += sum(lengths)

    def statistics(self, content_hash: str) -> SplitStatistics:
        """The statistics of all rows counted."""
        here = np.flatnonzero(self.of_sense)
        strata = strata_of_senses(self._inventory)
        rows = np.bincount(strata, weights=self.of_sense, minlength=N_STRATA).astype(int)
        table = rows.reshape(len(POS), len(POLYSEMY))
        n_rows = int(self.of_sense.sum())
        return SplitStatistics(
            split=self.split,
            rows=n_rows,
            senses=len(here),
            synsets=len(np.unique(self._inventory.synset[here])),
            lemmas=len(np.unique(self._inventory.lemma[here])),
            by_pos=dict(zip(POS, table.sum(axis=1).tolist(), strict=True)),
            by_polysemy=dict(zip(POLYSEMY, table.sum(axis=0).tolist(), strict=True)),
            by_pos_and_polysemy={
                f"{pos.value}/{kind.value}": int(table[i, j])
                for i, pos in enumerate(POS)
                for j, kind in enumerate(POLYSEMY)
            },
            by_judged={name: self._judged[name] for name in get_args(Judged)},
            by_audited={name: self._audited[name] for name in get_args(Audited)},
            lengths=Lengths(
                least=self._least,
                mean=round(self._units / n_rows, 3) if n_rows else 0.0,
                most=self._most,
            ),
            content_hash=content_hash,
        )
