"""The second reading: selected contexts to their table, all others to the rejects."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.engine.pool import Pool
from pipeline.engine.progress import Progress
from pipeline.select.codes import CODES, KEPT, MEANINGS
from pipeline.select.decisions import Decisions
from pipeline.select.grams import I64
from pipeline.select.opinions import AUDITED, JUDGED, Verdicts
from pipeline.select.pieces import Piece
from pipeline.select.records import SelectedContext
from pipeline.select.sets import ROW, ROWS, in_pieces
from pipeline.select.task import Selection
from schemas.arrow import arrow_schema
from schemas.files import explained
from schemas.records import Context, Record, Reject
from schemas.tables import read_batches, write_batches

STAGE = "select"


@dataclass(frozen=True, slots=True)
class _Decided:
    """What was decided of the rows of a piece."""

    piece: Piece
    code: NDArray[np.int8]
    drops: NDArray[np.void]
    """As ``DROP``, ascending."""
    partners: pa.Array
    """The context ids of their partners."""
    cluster: dict[int, str]
    """Row -> what its group of near-duplicates is called."""


def write_selected(
    selection: Selection,
    decisions: Decisions,
    groups: dict[int, list[int]],
    output: Path,
    on_reject: Callable[[Reject], None],
    pool: Pool,
    progress: Progress,
) -> None:
    """Writes the rows that are kept, and reports the others in the order of the table.

    ``groups`` maps a row to the kept rows of its group of near-duplicates, itself included.
    """
    tasks = [(selection, decided) for decided in _decided(selection, decisions, groups, pool)]

    def kept_batches() -> Iterator[pa.RecordBatch]:
        for piece, _ in zip(selection.pieces, pool.each(_write_piece, tasks), strict=True):
            for batch in _handed_over(selection, "kept", piece):
                progress.accepted += batch.num_rows
                yield batch
            for batch in _handed_over(selection, "dropped", piece):
                for row in batch.to_pylist():
                    on_reject(Reject.model_validate(row))
            progress.advance(piece.n_rows)

    write_batches(output, SelectedContext, kept_batches())


def _decided(
    selection: Selection, decisions: Decisions, groups: dict[int, list[int]], pool: Pool
) -> Iterator[_Decided]:
    drops = decisions.drops()
    members = np.fromiter(groups, dtype=np.int64, count=len(groups))
    wanted = np.union1d(drops["partner"].astype(np.int64), members)
    tasks = [(selection, piece, own) for piece, own in in_pieces(selection.pieces, wanted)]
    names = pa.chunked_array([*pool.each(_ids, tasks)], pa.string())

    def named(rows: I64) -> pa.Array:
        return names.take(pa.array(np.searchsorted(wanted, rows))).combine_chunks()

    name_of = dict(zip(members.tolist(), named(members).to_pylist(), strict=True))
    called: defaultdict[int, dict[int, str]] = defaultdict(dict)
    starts = [piece.start for piece in selection.pieces]
    for row, group in groups.items():
        called[bisect_right(starts, row) - 1][row] = min(name_of[member] for member in group)
    for piece in selection.pieces:
        first, last = np.searchsorted(drops["row"], [piece.rows.start, piece.rows.stop])
        own = drops[first:last]
        yield _Decided(
            piece,
            decisions.code[piece.rows],
            own,
            named(own["partner"]),
            called[piece.number],
        )


def _ids(task: tuple[Selection, Piece, I64]) -> pa.Array:
    """The context ids of some rows of a piece."""
    selection, piece, rows = task
    batches = read_batches(selection.contexts, Context, ["context_id"], piece.groups)
    ids = pa.Table.from_batches(batches)["context_id"]
    return ids.take(pa.array(rows)).combine_chunks()


def _write_piece(task: tuple[Selection, _Decided]) -> None:
    """Leaves the selected contexts and the rejects of a piece."""
    selection, decided = task
    piece = decided.piece
    rows = selection.arrays.load(f"{ROWS}-{piece.number}", ROW)
    verdicts = Verdicts(selection.verdicts, selection.unjudged, piece.between)
    start = 0
    with (
        _hand_over(selection, "kept", piece, SelectedContext) as kept_rows,
        _hand_over(selection, "dropped", piece, Reject) as dropped_rows,
    ):
        for batch in read_batches(selection.contexts, Context, groups=piece.groups):
            part = slice(start, start + batch.num_rows)
            code = decided.code[part]
            kept, dropped = np.flatnonzero(code == KEPT), np.flatnonzero(code != KEPT)
            numbers = (kept + start + piece.start).tolist()
            kept_rows.write(
                _selected(
                    batch.take(pa.array(kept)), rows[part][kept], verdicts, numbers, decided.cluster
                )
            )
            dropped_rows.write(
                _rejects(batch.take(pa.array(dropped)), dropped + start + piece.start, decided)
            )
            start = part.stop


def _selected(
    batch: pa.RecordBatch,
    rows: NDArray[np.void],
    verdicts: Verdicts,
    numbers: list[int],
    cluster: dict[int, str],
) -> pa.RecordBatch:
    columns = {name: batch[name] for name in batch.schema.names}
    columns["judged"] = [JUDGED[code] for code in rows["judged"].tolist()]
    columns["audited"] = [AUDITED[code] for code in rows["audited"].tolist()]
    columns["votes"], columns["agreement"] = verdicts.votes(verdicts.at(batch["context_id"]))
    columns["cluster"] = batch["context_id"]
    if cluster:
        own = batch["context_id"].to_pylist()
        columns["cluster"] = [
            cluster.get(row, name) for row, name in zip(numbers, own, strict=True)
        ]
    schema = arrow_schema(SelectedContext)
    return pa.record_batch([columns[name] for name in schema.names], schema)


def _rejects(batch: pa.RecordBatch, rows: I64, decided: _Decided) -> pa.RecordBatch:
    codes = [CODES[code] for code in decided.code[rows - decided.piece.start].tolist()]
    details = [MEANINGS[code] for code in codes]
    first = np.searchsorted(decided.drops["row"], rows)
    for at, drop in enumerate(first.tolist()):
        if drop < len(decided.drops) and decided.drops["row"][drop] == rows[at]:
            similarity, partner = decided.drops["similarity"][drop], decided.partners[drop]
            details[at] = f"similarity {similarity:.2f} to {partner}"
    columns: dict[str, Any] = {
        "stage": [STAGE] * len(rows),
        "item_id": batch["context_id"],
        "code": [code.value for code in codes],
        "detail": details,
        "text": batch["sentence"],
        "provenance": batch["provenance"],
    }
    schema = arrow_schema(Reject)
    return pa.record_batch([columns[name] for name in schema.names], schema)


def _handing(selection: Selection, kind: str, piece: Piece) -> Path:
    return selection.arrays.folder / f"{kind}-{piece.number}"


def _hand_over(selection: Selection, kind: str, piece: Piece, record: type[Record]) -> Any:
    """A file of batches for the process that asked for them."""
    path = _handing(selection, kind, piece)
    with explained(path):
        return pa.ipc.new_stream(str(path), arrow_schema(record))


def _handed_over(selection: Selection, kind: str, piece: Piece) -> Iterator[pa.RecordBatch]:
    """The batches of a file, which is deleted behind them."""
    path = _handing(selection, kind, piece)
    with explained(path):
        with pa.OSFile(str(path)) as file:
            yield from pa.ipc.open_stream(file)
        path.unlink()
