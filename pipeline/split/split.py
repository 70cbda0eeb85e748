"""From selected contexts to the five parts; see ``heldout`` for what is unseen and why.

``validation`` is made like ``test_seen``: other contexts of senses that training has. Whatever
is held out from training is thereby held out from validation too.

What is decided of all rows together needs little of each: how many rows each sense has, and ranks.
Workers read the table in pieces, decide of the rows in parts by rank, and write in pieces again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from languages.language import Language
from pipeline.engine.arrays import Arrays
from pipeline.engine.pool import LocalPool, Pool
from pipeline.engine.progress import Progress
from pipeline.select.grams import I64
from pipeline.select.pieces import Piece, Sizes, pieces_of
from pipeline.select.records import SelectedContext
from pipeline.select.senses import NumberedSenses, read_senses
from pipeline.split.heldout import Place, places
from pipeline.split.pins import NO_PINS, SPLITS, Pins
from pipeline.split.placing import (
    APART,
    DECIDED,
    DECISIONS,
    OFF,
    STRADDLING,
    UNSEEN,
    UNSUPPORTED,
    Quotas,
    SensePlaces,
    decide_part,
    free_in_part,
    left_in_part,
    nearest_in_part,
    pinned_in_part,
)
from pipeline.split.records import Assignment
from pipeline.split.rows import Splitting, rows_by_rank
from pipeline.split.seen import TEST_SEEN, VALIDATION, Anchors, quotas
from pipeline.split.settings import SplitSettings
from pipeline.split.strata import N_STRATA, strata_of_senses
from schemas.arrow import arrow_schema
from schemas.files import explained
from schemas.records import Provenance, Reject
from schemas.tables import read_batches, write_batches

STAGE = "split"
STRADDLES = "near_duplicate_straddles"
"""The code of a row whose near-duplicate stands in a part that must not resemble its own."""
PART_OFF = "part_switched_off"
"""The code of a row that could only go into an unseen part whose share is set to 0."""

PINNED_APART = "pinned_apart"
"""The code of a row that would share a lemma or synset between parts of an earlier release."""
PIN_UNSUPPORTED = "pin_unsupported"
"""The code of a row whose part needs rows in training that are not there any more."""

_CODES = {STRADDLING: STRADDLES, OFF: PART_OFF, APART: PINNED_APART, UNSUPPORTED: PIN_UNSUPPORTED}
_DETAILS = {
    OFF: "it can only go into an unseen part, whose share is 0",
    APART: "its lemma and its synset stand in parts of the earlier release that share neither",
    UNSUPPORTED: "training has no row any more that its part in the earlier release rests on",
}


def split_contexts(
    *,
    selected: Path,
    senses: Path,
    settings: SplitSettings,
    language: Language,
    output: Path,
    on_reject: Callable[[Reject], None],
    progress: Progress,
    pins: Pins = NO_PINS,
    pool: Pool | None = None,
    sizes: Sizes | None = None,
) -> dict[str, int]:
    """Writes the part of every selected context (table of Assignment, in their order).

    Rows of ``pins`` keep their parts. Depends on the rows, not on their order, nor on the ``pool``
    that does the work (None: this process). Counts: ``rows``, one per split, ``excluded`` (rows
    that went to ``on_reject``), ``held_out_synsets``, ``held_out_lemmas`` and, where there are
    pins, ``pinned``.
    """
    pool, sizes = pool or LocalPool(), sizes or Sizes()
    lexicon = read_senses(senses, language)
    with (
        explained(output.parent),
        tempfile.TemporaryDirectory(prefix=".split-", dir=output.parent) as folder,
    ):
        pieces = tuple(pieces_of(selected, SelectedContext, sizes.rows_in_a_piece))
        n_rows = sum(piece.n_rows for piece in pieces)
        n_parts = max(1, -(-n_rows // sizes.rows_in_a_part))
        splitting = Splitting(selected, Arrays(Path(folder)), pieces, n_parts, settings.seed)
        splitting.save(lexicon.columns["sense_id"], pins)
        progress.begin(2 * n_rows, "reading the selected contexts")
        counted = _counted(splitting, lexicon, pool, progress)
        progress.note = "choosing what training never sees"
        place = _places(lexicon, pins, counted, settings)
        taught = _decide(splitting, place, counted, settings, pool)
        progress.note = "writing the parts"
        by_part, pinned = _write(
            splitting, _supported(lexicon, taught), output, on_reject, pool, progress
        )
    counts = _counts(by_part, counted.all, place, lexicon)
    return counts | ({"pinned": pinned} if len(pins.contexts) else {})


@dataclass(frozen=True, slots=True)
class _Rows:
    """How many rows of each sense there are, (n senses,) each."""

    all: I64
    free: I64
    resting: I64
    """Rows that an earlier release had as unseen senses."""


def _counted(
    splitting: Splitting, lexicon: NumberedSenses, pool: Pool, progress: Progress
) -> _Rows:
    total = np.zeros((3, len(lexicon)), dtype=np.int64)
    tasks = [(splitting, piece) for piece in splitting.pieces]
    for piece, found in zip(splitting.pieces, pool.each(rows_by_rank, tasks), strict=True):
        total += found
        progress.advance(piece.n_rows)
    return _Rows(*total)


def _places(
    lexicon: NumberedSenses, pins: Pins, counted: _Rows, settings: SplitSettings
) -> SensePlaces:
    """Where the rows of each sense may go."""
    apart = _apart(lexicon, pins)
    n_rows = counted.all - np.where(apart, counted.free, 0)
    held, open_ = _forced(lexicon, pins, np.flatnonzero(counted.resting))
    place = np.array(places(lexicon, n_rows.tolist(), settings, held, open_), dtype=np.int8)
    late = np.isin(lexicon.lemma, _numbers(lexicon.lemma_keys, pins.seen_lemmas))
    return SensePlaces(
        place=place,
        stratum=strata_of_senses(lexicon),
        left_out=apart | (late & (place == Place.UNSEEN_LEMMA)),
        off=(not settings.test_unseen_sense, not settings.test_unseen_lemma),
    )


def _decide(
    splitting: Splitting, place: SensePlaces, counted: _Rows, settings: SplitSettings, pool: Pool
) -> NDArray[np.bool_]:
    """Has every row's part decided; returns which senses training has."""
    tasks = [(splitting, place, part) for part in range(splitting.n_parts)]
    n_senses = len(place.place)
    none = np.zeros(N_STRATA, dtype=np.int64)
    taught, taken = np.zeros(n_senses, dtype=bool), {VALIDATION: none, TEST_SEEN: none}
    for senses, pinned in pool.each(pinned_in_part, tasks):
        taught[senses] = True
        taken = {code: taken[code] + rows for code, rows in pinned.items()}
    rows_of_stratum = np.bincount(place.stratum, weights=counted.all, minlength=N_STRATA)
    targets = {
        code: np.maximum(0.0, rows_of_stratum * settings.share(SPLITS[code]) - rows).tolist()
        for code, rows in taken.items()
    }
    anchors = Anchors(n_senses)
    for found in pool.each(nearest_in_part, [(*task, taught) for task in tasks]):
        anchors.add(*found)
    wanted = Quotas(taught, anchors.rank, none, none)
    free = list(pool.each(free_in_part, [(*task, wanted) for task in tasks]))
    of = quotas(np.sum(free, axis=0), targets)
    wanted = Quotas(taught, anchors.rank, of[VALIDATION], of[TEST_SEEN])
    before = np.cumsum([none, *free[:-1]], axis=0)
    some = [(*task, wanted, done) for task, done in zip(tasks, before, strict=True)]
    left = list(pool.each(left_in_part, some))
    behind = np.cumsum([none, *left[:0:-1]], axis=0)[::-1]
    decided = [(*task, rows) for task, rows in zip(some, behind, strict=True)]
    in_training = np.zeros(n_senses, dtype=bool)
    for senses in pool.each(decide_part, decided):
        in_training[senses] = True
    return in_training


def _supported(lexicon: NumberedSenses, taught: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(parts, senses): whether training has what rows of a sense in that part rest on."""
    of_known_lemma = np.isin(lexicon.lemma, lexicon.lemma[taught])
    supported = np.ones((len(SPLITS), len(lexicon)), dtype=bool)
    supported[[VALIDATION, TEST_SEEN]] = taught
    supported[UNSEEN[Place.UNSEEN_SENSE]] = of_known_lemma
    return supported


def _apart(lexicon: NumberedSenses, pins: Pins) -> NDArray[np.bool_]:
    """(senses,): whether training has the synset, and must not see the lemma."""
    synsets = _numbers(lexicon.synset_ids, pins.seen_synsets)
    lemmas = _numbers(lexicon.lemma_keys, pins.unseen_lemmas)
    return np.isin(lexicon.synset, synsets) & np.isin(lexicon.lemma, lemmas)


def _forced(lexicon: NumberedSenses, pins: Pins, resting: I64) -> tuple[list[int], list[int]]:
    """The synsets that are held out and those that are not, whatever the shares want.

    Held out are those of the unseen parts and of unseen lemmas; not held out, those that training
    has and those by which training knows the lemmas of ``resting``, the unseen senses with rows.
    """
    lemma, synset = lexicon.lemma, lexicon.synset
    seen = _numbers(lexicon.synset_ids, pins.seen_synsets)
    held = _numbers(lexicon.synset_ids, pins.held_synsets)
    unseen = np.isin(lemma, _numbers(lexicon.lemma_keys, pins.unseen_lemmas))
    held = sorted({*held, *synset[unseen].tolist()} - set(seen))
    of_resting = synset[np.isin(lemma, lemma[resting])].tolist()
    return held, sorted({*seen, *of_resting} - set(held))


def _numbers(names: list[str], some: Collection[str]) -> list[int]:
    return [number for number, name in enumerate(names) if name in some]


def _write(
    splitting: Splitting,
    supported: NDArray[np.bool_],
    output: Path,
    on_reject: Callable[[Reject], None],
    pool: Pool,
    progress: Progress,
) -> tuple[I64, int]:
    """Writes the parts; returns how many rows have each, and how many of those kept are pinned."""
    by_part, pinned = np.zeros(max(_CODES) + 1, dtype=np.int64), 0
    tasks = [(splitting, piece, supported) for piece in splitting.pieces]

    def kept_batches() -> Iterator[pa.RecordBatch]:
        nonlocal pinned
        for piece, found in zip(splitting.pieces, pool.each(_written, tasks), strict=True):
            by_part[:] += found.by_part
            pinned += found.pinned
            yield from found.kept
            for row in found.rejects:
                on_reject(row)
            progress.advance(piece.n_rows)

    write_batches(output, Assignment, kept_batches())
    return by_part, pinned


@dataclass(frozen=True, slots=True)
class _Written:
    """A piece of the table with its parts."""

    kept: list[pa.RecordBatch]
    rejects: list[Reject]
    by_part: I64
    pinned: int


def _written(task: tuple[Splitting, Piece, NDArray[np.bool_]]) -> _Written:
    splitting, piece, supported = task
    names = [f"{DECISIONS}-{part}" for part in range(splitting.n_parts)]
    decided = splitting.arrays.load_part(names, DECIDED, piece.number)
    parts = np.zeros(piece.n_rows, dtype=np.int8)
    inside = np.minimum(decided["part"], len(SPLITS) - 1)
    rests = (decided["part"] < STRADDLING) & ~supported[inside, decided["sense"]]
    decided["part"][rests] = UNSUPPORTED
    parts[decided["row"] - piece.start] = decided["part"]
    columns = None if (parts >= STRADDLING).any() else ["context_id"]
    schema, values = arrow_schema(Assignment), [split.value for split in SPLITS]
    batches, rejects, start = [], [], 0
    for batch in read_batches(splitting.selected, SelectedContext, columns, piece.groups):
        part = parts[start : start + batch.num_rows]
        kept = np.flatnonzero(part < STRADDLING)
        split = pa.array([values[number] for number in part[kept].tolist()], pa.string())
        ids = batch["context_id"].take(pa.array(kept))
        batches.append(pa.record_batch([ids, split], schema))
        for at in np.flatnonzero(part >= STRADDLING).tolist():
            rejects.append(_reject(batch.slice(at, 1).to_pylist()[0], int(part[at])))
        start += batch.num_rows
    return _Written(
        batches,
        rejects,
        np.bincount(parts, minlength=max(_CODES) + 1),
        int((decided["pinned"] & (decided["part"] < STRADDLING)).sum()),
    )


def _reject(row: dict[str, Any], part: int) -> Reject:
    straddles = f"its near-duplicates (cluster {row['cluster']}) are in another part"
    return Reject(
        stage=STAGE,
        item_id=row["context_id"],
        code=_CODES[part],
        detail=_DETAILS.get(part, straddles),
        text=row["sentence"],
        provenance=row["provenance"] and Provenance(**row["provenance"]),
    )


def _counts(
    by_part: I64, rows: I64, places: SensePlaces, lexicon: NumberedSenses
) -> dict[str, int]:
    held = np.flatnonzero((rows > 0) & (places.place != Place.SEEN))
    unseen = held[places.place[held] == Place.UNSEEN_LEMMA]
    return {
        "rows": int(by_part.sum()),
        **{split.value: int(by_part[number]) for number, split in enumerate(SPLITS)},
        "excluded": sum(int(by_part[left_out]) for left_out in _CODES),
        "held_out_synsets": len(np.unique(lexicon.synset[held])),
        "held_out_lemmas": len(np.unique(lexicon.lemma[unseen])),
    }
