"""From selected contexts to the five parts; see ``heldout`` for what is unseen and why.

``validation`` is made like ``test_seen``: other contexts of senses that training has. Whatever
is held out from training is thereby held out from validation too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from languages.language import Language
from pipeline.engine.progress import Progress
from pipeline.select.grams import I64, digest64, digests64, mixed
from pipeline.select.records import SelectedContext
from pipeline.select.senses import NumberedSenses, read_senses
from pipeline.split.heldout import Place, places
from pipeline.split.records import Assignment
from pipeline.split.seen import TEST_SEEN, VALIDATION, seen_parts
from pipeline.split.settings import SplitSettings
from pipeline.split.strata import N_STRATA, strata_of_senses
from schemas.arrow import arrow_schema
from schemas.records import Provenance, Reject, Split
from schemas.tables import read_batches, write_batches

STAGE = "split"
STRADDLES = "near_duplicate_straddles"
"""The code of a row whose near-duplicate stands in a part that must not resemble its own."""
PART_OFF = "part_switched_off"
"""The code of a row that could only go into an unseen part whose share is set to 0."""

SPLITS = (
    Split.TRAIN,
    Split.VALIDATION,
    Split.TEST_SEEN,
    Split.TEST_UNSEEN_SENSE,
    Split.TEST_UNSEEN_LEMMA,
)
_UNSEEN = {Place.UNSEEN_SENSE: 3, Place.UNSEEN_LEMMA: 4}
_STRADDLING, _OFF = 5, 6
Parts = NDArray[np.int8]
"""Indices into SPLITS, or _STRADDLING or _OFF."""


def split_contexts(
    *,
    selected: Path,
    senses: Path,
    settings: SplitSettings,
    language: Language,
    output: Path,
    on_reject: Callable[[Reject], None],
    progress: Progress,
) -> dict[str, int]:
    """Writes the part of every selected context (table of Assignment, in their order).

    Depends on the rows, not on their order. Counts: ``rows``, one per split, ``excluded`` (rows
    that went to ``on_reject``), ``held_out_synsets`` and ``held_out_lemmas``.
    """
    lexicon = read_senses(senses, language)
    progress.begin(0, "reading the selected contexts")
    sense, unit_key = _read(selected, lexicon)
    n_rows = np.bincount(sense, minlength=len(lexicon)).tolist()
    progress.begin(2 * len(sense), "choosing what training never sees")
    place = places(lexicon, n_rows, settings)
    progress.advance(len(sense))
    parts = _parts(sense, unit_key, np.array(place, dtype=np.int8), lexicon, settings)
    progress.note = "writing the parts"
    _write(selected, output, parts, on_reject, progress)
    return _counts(parts, sense, place, lexicon)


def _read(selected: Path, lexicon: NumberedSenses) -> tuple[I64, NDArray[np.uint64]]:
    """Per row the number of its sense and a digest of its cluster."""
    senses, clusters = [np.zeros(0, np.int64)], [np.zeros(0, np.uint64)]
    for batch in read_batches(selected, SelectedContext, ["sense_id", "cluster"]):
        senses.append(lexicon.of(batch["sense_id"], selected))
        clusters.append(digests64(batch["cluster"].to_pylist()))
    return np.concatenate(senses), np.concatenate(clusters)


def _parts(
    sense: I64,
    unit_key: NDArray[np.uint64],
    place: NDArray[np.int8],
    lexicon: NumberedSenses,
    settings: SplitSettings,
) -> Parts:
    keys, unit = np.unique(unit_key, return_inverse=True)
    rank = mixed(mixed(keys ^ np.uint64(digest64(f"{settings.seed}/unit"))))
    row_place = place[sense]
    parts = np.zeros(len(sense), dtype=np.int8)
    for unseen, number in _UNSEEN.items():
        parts[row_place == unseen] = number if settings.share(SPLITS[number]) else _OFF
    parts[_straddling(unit, row_place, len(keys))] = _STRADDLING
    seen = np.flatnonzero(row_place == Place.SEEN)
    strata = strata_of_senses(lexicon)[sense]
    rows_of_stratum = np.bincount(strata, minlength=N_STRATA)
    targets = {
        code: (rows_of_stratum * settings.share(SPLITS[code])).tolist()
        for code in (VALIDATION, TEST_SEEN)
    }
    parts[seen] = seen_parts(unit[seen], sense[seen], rank, strata[seen], targets)
    return parts


def _straddling(unit: I64, row_place: NDArray[np.int8], n_units: int) -> NDArray[np.bool_]:
    """The rows to leave out so that no unit stands in two places.

    Seen rows stay, then unseen lemmas: leaving out only unseen rows changes nobody's definition.
    """
    preference = np.array([0, 2, 1])[row_place]
    best = np.full(n_units, 2)
    np.minimum.at(best, unit, preference)
    straddling: NDArray[np.bool_] = preference > best[unit]
    return straddling


def _write(
    selected: Path,
    output: Path,
    parts: Parts,
    on_reject: Callable[[Reject], None],
    progress: Progress,
) -> None:
    excluded = bool((parts >= _STRADDLING).any())
    columns = None if excluded else ["context_id"]
    names = [split.value for split in SPLITS]

    def kept_batches() -> Iterator[pa.RecordBatch]:
        start = 0
        for batch in read_batches(selected, SelectedContext, columns):
            part = parts[start : start + batch.num_rows]
            kept = np.flatnonzero(part < _STRADDLING)
            split = pa.array([names[number] for number in part[kept].tolist()], pa.string())
            ids = batch["context_id"].take(pa.array(kept))
            yield pa.record_batch([ids, split], arrow_schema(Assignment))
            for at in np.flatnonzero(part >= _STRADDLING).tolist():
                on_reject(_reject(batch.slice(at, 1).to_pylist()[0], int(part[at])))
            start += batch.num_rows
            progress.advance(batch.num_rows)

    write_batches(output, Assignment, kept_batches())


def _reject(row: dict[str, Any], part: int) -> Reject:
    straddles = part == _STRADDLING
    return Reject(
        stage=STAGE,
        item_id=row["context_id"],
        code=STRADDLES if straddles else PART_OFF,
        detail=(
            f"its near-duplicates (cluster {row['cluster']}) are in another part"
            if straddles
            else "it can only go into an unseen part, whose share is 0"
        ),
        text=row["sentence"],
        provenance=row["provenance"] and Provenance(**row["provenance"]),
    )


def _counts(
    parts: Parts, sense: I64, place: list[Place], lexicon: NumberedSenses
) -> dict[str, int]:
    by_part = Counter(parts.tolist())
    with_rows = np.unique(sense).tolist()
    held = [number for number in with_rows if place[number] is not Place.SEEN]
    unseen = [number for number in held if place[number] is Place.UNSEEN_LEMMA]
    return {
        "rows": len(parts),
        **{split.value: by_part[number] for number, split in enumerate(SPLITS)},
        "excluded": by_part[_STRADDLING] + by_part[_OFF],
        "held_out_synsets": len({lexicon.synset[number] for number in held}),
        "held_out_lemmas": len({lexicon.lemma[number] for number in unseen}),
    }
