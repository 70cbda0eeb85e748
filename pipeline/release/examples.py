"""Selected contexts joined with their sense and their split: the rows of ``examples``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from languages.language import Language
from pipeline.select.records import SelectedContext
from pipeline.select.senses import NumberedSenses
from pipeline.split.pins import SPLITS
from pipeline.split.records import Assignment
from schemas.arrow import arrow_schema
from schemas.errors import InputError
from schemas.records import Example, Pos
from schemas.tables import read_batches
from schemas.text import normalise

_NUMBER = {split.value: number for number, split in enumerate(SPLITS)}
_OF_CONTEXT = (
    *("context_id", "sentence", "target_start", "target_end"),
    *("judged", "audited", "votes", "agreement", "slot"),
)
_OF_SENSE = ("sense_id", "synset_id", "lemma", "pos", "supersense", "gloss")
_COUNTED = (("n_candidates", "n_siblings"), ("n_candidates_same_pos", "n_siblings_same_pos"))
_MAX_CACHED = 100_000


@dataclass(frozen=True, slots=True)
class Joined:
    """Some examples, ascending by context id."""

    examples: pa.RecordBatch
    provenance: pa.Array
    sense: NDArray[np.int64]
    """(n,): rows of the inventory."""
    split: NDArray[np.int8]
    """(n,): indices into :data:`pipeline.split.pins.SPLITS`."""


def joined_examples(
    selected: Path, splits: Path, inventory: NumberedSenses, language: Language
) -> Iterator[Joined]:
    """All examples, ascending by context id; rows without a split are left out.

    Raises InputError for a row that breaks a promise of the release: an unknown sense, no gloss,
    a target that is no form of its lemma, an id out of order or twice.
    """
    targets = _Targets(language)
    last = ""
    for batch in _by_id(_assigned(selected, splits)):
        ids = batch["context_id"]
        if ids[0].as_py() <= last or pc.any(pc.equal(ids[1:], ids[:-1])).as_py():
            raise InputError(f"{selected}: context ids out of order or repeated near {ids[0]}")
        last = ids[-1].as_py()
        sense = inventory.of(batch["sense_id"], selected)
        targets.check(batch, sense, inventory, selected)
        yield Joined(
            examples=_examples(batch, sense, inventory, selected),
            provenance=batch["provenance"],
            sense=sense,
            split=batch["number"].to_numpy(),
        )


def _assigned(selected: Path, splits: Path) -> Iterator[pa.RecordBatch]:
    """The batches of selected contexts that have a split, with its index as column ``number``."""
    assignments = (
        (name, _NUMBER[split])
        for batch in read_batches(splits, Assignment)
        for name, split in zip(
            batch["context_id"].to_pylist(), batch["split"].to_pylist(), strict=True
        )
    )
    expected = next(assignments, None)
    for batch in read_batches(selected, SelectedContext):
        kept, numbers = [], []
        for at, name in enumerate(batch["context_id"].to_pylist()):
            if expected is not None and name == expected[0]:
                kept.append(at)
                numbers.append(expected[1])
                expected = next(assignments, None)
        if kept:
            chosen = batch.take(pa.array(kept))
            yield chosen.append_column("number", pa.array(numbers, pa.int8()))
    if expected is not None:
        raise InputError(f"{splits}: {expected[0]} is not where {selected} has it; split again")


def _by_id(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The rows by context id. They come by sense id, which is another order only in a synset.

    (``viwn-1#cái`` stands before ``viwn-1#cái-x`` but ``viwn-1#cái@...`` after ``...#cái-x@...``.)
    """
    held: pa.RecordBatch | None = None
    for batch in batches:
        rows = batch if held is None else pa.concat_batches([held, batch])
        synsets = pc.list_element(pc.split_pattern(rows["sense_id"], "#", max_splits=1), 0)
        of_last = pc.index(synsets, synsets[-1]).as_py()
        if of_last:
            yield _sorted(rows.slice(0, of_last))
        held = rows.slice(of_last)
    if held is not None:
        yield _sorted(held)


def _sorted(rows: pa.RecordBatch) -> pa.RecordBatch:
    return rows.take(pc.sort_indices(rows["context_id"]))


def _examples(
    batch: pa.RecordBatch, sense: NDArray[np.int64], inventory: NumberedSenses, path: Path
) -> pa.RecordBatch:
    at = pa.array(sense)
    columns = {name: batch[name] for name in _OF_CONTEXT}
    columns |= {name: inventory.columns[name].take(at) for name in _OF_SENSE}
    if columns["gloss"].null_count:
        missing = batch["context_id"].filter(pc.is_null(columns["gloss"]))[0]
        raise InputError(f"{path}: the synset of {missing} has no gloss")
    names = pa.array([split.value for split in SPLITS])
    columns["split"] = names.take(batch["number"])
    for name, siblings in _COUNTED:
        others = inventory.columns[siblings].take(at)
        columns[name] = pc.add(others, pa.scalar(1, pa.int32()))
    schema = arrow_schema(Example)
    return pa.record_batch([columns[name] for name in schema.names], schema)


class _Targets:
    """Checks that the span of every row is a form of the row's lemma."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._keys: dict[str, str] = {}

    def check(
        self,
        batch: pa.RecordBatch,
        sense: NDArray[np.int64],
        inventory: NumberedSenses,
        path: Path,
    ) -> None:
        """Raises InputError at the first row whose target is not its lemma."""
        if len(self._keys) > _MAX_CACHED:
            self._keys.clear()
        columns = (batch[name].to_pylist() for name in ("sentence", "target_start", "target_end"))
        parts = inventory.columns["pos"].take(pa.array(sense)).to_pylist()
        for at, (sentence, start, end, pos) in enumerate(zip(*columns, parts, strict=True)):
            target = sentence[start:end]
            key = self._keys.get(target)
            if key is None:
                trimmed = target == normalise(target)
                key = self._keys[target] = self._language.match_key(target) if trimmed else ""
            wanted = inventory.lemma_keys[inventory.lemma[sense[at]]]
            if key != wanted and not self._language.grammar.is_form(key, wanted, Pos(pos)):
                lemma = inventory.columns["lemma"][int(sense[at])]
                raise InputError(
                    f"{path}: the span of {batch['context_id'][at]} is {target!r}, not its lemma "
                    f"{str(lemma)!r}; the contexts were changed outside the pipeline: run again"
                )
