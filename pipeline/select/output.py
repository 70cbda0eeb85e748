"""The second reading: selected contexts to their table, all others to the rejects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.engine.progress import Progress
from pipeline.select.codes import CODES, KEPT, MEANINGS
from pipeline.select.opinions import AUDITED, JUDGED, VotesInOrder
from pipeline.select.records import SelectedContext
from pipeline.select.rows import Rows
from schemas.arrow import arrow_schema
from schemas.records import Context, Provenance, Reject
from schemas.tables import read_batches, write_batches

STAGE = "select"


def write_selected(
    contexts: Path,
    output: Path,
    rows: Rows,
    votes: VotesInOrder,
    groups: dict[int, list[int]],
    on_reject: Callable[[Reject], None],
    progress: Progress,
) -> None:
    """Writes the rows that are kept, and reports the others in the order of the table.

    ``groups`` maps a row to the kept rows of its group of near-duplicates, itself included.
    """
    partners = rows.partner[(rows.code != KEPT) & (rows.partner >= 0)]
    members = np.fromiter(groups, dtype=np.int64, count=len(groups))
    ids = _ids(contexts, np.union1d(partners, members))
    cluster = {row: min(ids[member] for member in group) for row, group in groups.items()}

    def kept_batches() -> Iterator[pa.RecordBatch]:
        start = 0
        for batch in read_batches(contexts, Context):
            said = [votes.of(context) for context in batch["context_id"].to_pylist()]
            code = rows.code[start : start + batch.num_rows]
            kept = np.flatnonzero(code == KEPT)
            own = [said[at] for at in kept]
            yield _selected(batch.take(pa.array(kept)), kept + start, own, rows, cluster)
            dropped = np.flatnonzero(code != KEPT)
            for row, values in zip(
                (dropped + start).tolist(), batch.take(pa.array(dropped)).to_pylist(), strict=True
            ):
                on_reject(_reject(values, row, rows, ids))
            start += batch.num_rows
            progress.advance(batch.num_rows)
            progress.accepted += len(kept)
        votes.end()

    write_batches(output, SelectedContext, kept_batches())


def _selected(
    batch: pa.RecordBatch,
    at: np.ndarray,
    said: Sequence[tuple[list[dict[str, Any]] | None, float | None]],
    rows: Rows,
    cluster: dict[int, str],
) -> pa.RecordBatch:
    columns = {name: batch[name] for name in batch.schema.names}
    columns["judged"] = [JUDGED[code] for code in rows.judged[at].tolist()]
    columns["audited"] = [AUDITED[code] for code in rows.audited[at].tolist()]
    columns["votes"], columns["agreement"] = [v for v, _ in said], [share for _, share in said]
    columns["cluster"] = batch["context_id"]
    if cluster:
        own = batch["context_id"].to_pylist()
        columns["cluster"] = [
            cluster.get(row, name) for row, name in zip(at.tolist(), own, strict=True)
        ]
    schema = arrow_schema(SelectedContext)
    return pa.record_batch([columns[name] for name in schema.names], schema)


def _reject(values: dict[str, Any], row: int, rows: Rows, ids: dict[int, str]) -> Reject:
    code = CODES[rows.code[row]]
    partner = int(rows.partner[row])
    detail = MEANINGS[code]
    if partner >= 0:
        detail = f"similarity {rows.similarity[row]:.2f} to {ids[partner]}"
    return Reject(
        stage=STAGE,
        item_id=values["context_id"],
        code=code.value,
        detail=detail,
        text=values["sentence"],
        provenance=values["provenance"] and Provenance(**values["provenance"]),
    )


def _ids(contexts: Path, wanted: np.ndarray) -> dict[int, str]:
    """The context ids of some rows (ascending)."""
    ids: dict[int, str] = {}
    start = 0
    for batch in read_batches(contexts, Context, ["context_id"]) if len(wanted) else ():
        first, last = np.searchsorted(wanted, [start, start + batch.num_rows])
        some = wanted[first:last]
        names = batch["context_id"].take(pa.array(some - start)).to_pylist()
        ids.update(zip(some.tolist(), names, strict=True))
        start += batch.num_rows
    return ids
