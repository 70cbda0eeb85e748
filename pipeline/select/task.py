"""What every worker of a selection is told, and where it leaves what it has made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from languages.spelling import Spelling
from pipeline.engine.arrays import Arrays
from pipeline.select.codes import KEPT, SelectCode
from pipeline.select.opinions import Audits
from pipeline.select.pieces import Piece, Sizes
from pipeline.select.senses import NumberedSenses
from pipeline.select.settings import SelectSettings
from schemas.records import Gloss
from schemas.tables import read_batches

UNKNOWN = -1
"""The sense of a context whose sense the inventory does not have."""
_STAYING = "staying"


@dataclass(frozen=True, slots=True)
class Selection:
    """The inputs, the settings and the pieces of one selection."""

    contexts: Path
    verdicts: Path | None
    unjudged: Path | None
    audits: Audits
    settings: SelectSettings
    spelling: Spelling
    arrays: Arrays
    pieces: tuple[Piece, ...]
    sizes: Sizes

    @property
    def n_rows(self) -> int:
        """Rows of the table of contexts."""
        return self.pieces[-1].rows.stop if self.pieces else 0

    @property
    def n_same_parts(self) -> int:
        """How many parts the sentences are in when equal ones are looked for."""
        return max(1, -(-self.n_rows // self.sizes.sentences_in_a_part))

    def names(self, kind: str) -> list[str]:
        """The arrays of a kind, one for each piece."""
        return [f"{kind}-{piece.number}" for piece in self.pieces]

    def save_staying(self, staying: NDArray[np.bool_]) -> None:
        """Tells all workers which rows are not dropped; a bit each."""
        self.arrays.save(_STAYING, np.packbits(staying))

    def staying(self) -> NDArray[np.bool_]:
        """(n,): what was last saved."""
        bits = self.arrays.load(_STAYING, np.uint8)
        return np.unpackbits(bits, count=self.n_rows).astype(bool)


@dataclass(frozen=True, slots=True)
class SenseRules:
    """What deciding needs of the inventory: n senses and, as the last, that of unknown senses."""

    ids: pa.Array
    lemma: NDArray[np.int32]
    """(n + 1,)"""
    code: NDArray[np.int8]
    """(n + 1,): why contexts of the sense are dropped whatever they are, or KEPT."""

    @classmethod
    def of(
        cls, senses: NumberedSenses, glosses: Path | None, settings: SelectSettings
    ) -> SenseRules:
        """Of the inventory; without a table of glosses every synset has one."""
        cluster_of = {
            row["synset_id"]: row["cluster"]
            for batch in (read_batches(glosses, Gloss, ["synset_id", "cluster"]) if glosses else ())
            for row in batch.to_pylist()
        }
        met: set[tuple[int, str]] = set()
        code = np.full(len(senses) + 1, KEPT, dtype=np.int8)
        code[UNKNOWN] = SelectCode.SENSE_UNKNOWN.number
        lemmas, synsets = senses.lemma.tolist(), senses.synset.tolist()
        for sense, (lemma, synset) in enumerate(zip(lemmas, synsets, strict=True)):
            name = senses.synset_ids[synset]
            coarse = lemma, cluster_of.get(name) or name
            if glosses is not None and name not in cluster_of:
                code[sense] = SelectCode.GLOSS_MISSING.number
            elif coarse in met and settings.clusters == "drop":
                code[sense] = SelectCode.CLUSTERED.number
            met.add(coarse)
        lemma_of = np.append(senses.lemma, UNKNOWN).astype(np.int32)
        return cls(senses.columns["sense_id"], lemma_of, code)

    def save(self, folder: Path) -> None:
        """Leaves the table to the workers."""
        columns = [pa.array([*self.ids.to_pylist(), None]), self.lemma, self.code]
        table = pa.table(columns, ["sense_id", "lemma", "code"])
        with (
            pa.OSFile(str(folder / "senses"), "wb") as file,
            pa.ipc.new_file(file, table.schema) as out,
        ):
            out.write_table(table)

    @classmethod
    def load(cls, folder: Path) -> SenseRules:
        """What :meth:`save` left."""
        with pa.OSFile(str(folder / "senses")) as file:
            table = pa.ipc.open_file(file).read_all().combine_chunks()
        ids = table["sense_id"].combine_chunks()
        return cls(ids[:-1], table["lemma"].to_numpy(), table["code"].to_numpy())
