"""The rows that are split, in parts by rank: what workers read, and leave for each other.

The rank of a row is a digest of its unit, its near-duplicates and itself: so a unit is in one part,
and all ranks of a part are lower than those of the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.engine.arrays import Arrays
from pipeline.select.grams import I64, U64, digest64, digests64, mixed
from pipeline.select.pieces import Piece
from pipeline.select.records import SelectedContext
from pipeline.split.pins import FREE, SPLITS, Pins, parts_of
from schemas.errors import InputError
from schemas.records import Split
from schemas.tables import read_batches

ROW = np.dtype([("rank", "<u8"), ("row", "<u4"), ("sense", "<i4"), ("pin", "i1")])
ROWS = "rows"
_COLUMNS = ["context_id", "sense_id", "cluster"]


@dataclass(frozen=True, slots=True)
class Splitting:
    """The table, its pieces, and where workers leave what they have made."""

    selected: Path
    arrays: Arrays
    pieces: tuple[Piece, ...]
    n_parts: int
    seed: int

    def save(self, sense_ids: pa.Array, pins: Pins) -> None:
        """Leaves to the workers what the rows are looked up in."""
        table = pa.table({"sense_id": sense_ids})
        path = str(self.arrays.folder / "senses")
        with pa.OSFile(path, "wb") as file, pa.ipc.new_file(file, table.schema) as out:
            out.write_table(table)
        self.arrays.save("pinned", pins.contexts)
        self.arrays.save("pins", pins.parts)

    def rows(self, part: int) -> NDArray[np.void]:
        """The rows of a part, as ``ROW``, ascending by number."""
        return self.arrays.load_part([f"{ROWS}-{p.number}" for p in self.pieces], ROW, part)


def rows_by_rank(task: tuple[Splitting, Piece]) -> I64:
    """Leaves the rows of a piece by part; InputError for one of an unknown sense.

    Returns (3, senses) how many rows each sense has, how many of them no earlier release had, and
    how many it had in test_unseen_sense.
    """
    splitting, piece = task
    arrays = splitting.arrays
    with pa.OSFile(str(arrays.folder / "senses")) as file:
        known = pa.ipc.open_file(file).read_all()["sense_id"].combine_chunks()
    table = pa.Table.from_batches(
        read_batches(splitting.selected, SelectedContext, _COLUMNS, piece.groups)
    )
    sense = pc.index_in(table["sense_id"], value_set=known)
    if sense.null_count:
        unknown = table["sense_id"].filter(pc.is_null(sense))[0]
        raise InputError(f"{splitting.selected}: sense {unknown} is not in the inventory")
    rows = np.zeros(piece.n_rows, dtype=ROW)
    rows["rank"] = ranks(digests64(table["cluster"].to_pylist()), splitting.seed)
    rows["row"] = np.arange(piece.rows.start, piece.rows.stop)
    rows["sense"] = sense.to_numpy()
    contexts = digests64(table["context_id"].to_pylist())
    pinned = arrays.mapped("pinned", np.uint64)
    rows["pin"] = parts_of(contexts, pinned, arrays.mapped("pins", np.int8))
    part = _part_of(rows["rank"], splitting.n_parts)
    arrays.save_in_parts(f"{ROWS}-{piece.number}", rows, part, splitting.n_parts)

    every = np.ones(len(rows), dtype=bool)
    kinds = every, rows["pin"] == FREE, rows["pin"] == SPLITS.index(Split.TEST_UNSEEN_SENSE)
    return np.array([np.bincount(rows["sense"][some], minlength=len(known)) for some in kinds])


def ranks(units: U64, seed: int) -> U64:
    """(n,): a number for each unit that no other unit has, scattered over all numbers."""
    return mixed(mixed(units ^ np.uint64(digest64(f"{seed}/unit"))))


def _part_of(rank: U64, n_parts: int) -> I64:
    part: I64 = ((rank >> np.uint64(32)) * np.uint64(n_parts) >> np.uint64(32)).astype(np.int64)
    return part
