"""From selected contexts to the five parts; see ``heldout`` for what is unseen and why.

``validation`` is made like ``test_seen``: other contexts of senses that training has. Whatever
is held out from training is thereby held out from validation too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from languages.language import Language
from pipeline.engine.progress import Progress
from pipeline.select.grams import I64, U64, digest64, digests64, mixed
from pipeline.select.records import SelectedContext
from pipeline.select.senses import NumberedSenses, read_senses
from pipeline.split.heldout import Place, places
from pipeline.split.pins import FREE, NO_PINS, SPLITS, Parts, Pins
from pipeline.split.records import Assignment
from pipeline.split.seen import TEST_SEEN, TRAIN, VALIDATION, seen_parts
from pipeline.split.settings import SplitSettings
from pipeline.split.strata import N_STRATA, strata_of_senses
from schemas.arrow import arrow_schema
from schemas.records import Provenance, Reject
from schemas.tables import read_batches, write_batches

STAGE = "split"
STRADDLES = "near_duplicate_straddles"
"""The code of a row whose near-duplicate stands in a part that must not resemble its own."""
PART_OFF = "part_switched_off"
"""The code of a row that could only go into an unseen part whose share is set to 0."""

APART = "pinned_apart"
"""The code of a row that would share a lemma or synset between parts of an earlier release."""
UNSUPPORTED = "pin_unsupported"
"""The code of a row whose part needs rows in training that are not there any more."""

_UNSEEN = {Place.UNSEEN_SENSE: 3, Place.UNSEEN_LEMMA: 4}
_PLACE_OF = np.array([Place.SEEN, Place.SEEN, Place.SEEN, Place.UNSEEN_SENSE, Place.UNSEEN_LEMMA])
"""By part."""
_STRADDLING, _OFF, _APART, _UNSUPPORTED = 5, 6, 7, 8
"""What stands in the place of a part of rows that are left out."""
_CODES = {_STRADDLING: STRADDLES, _OFF: PART_OFF, _APART: APART, _UNSUPPORTED: UNSUPPORTED}
_DETAILS = {
    _OFF: "it can only go into an unseen part, whose share is 0",
    _APART: "its lemma and its synset stand in parts of the earlier release that share neither",
    _UNSUPPORTED: "training has no row any more that its part in the earlier release rests on",
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
) -> dict[str, int]:
    """Writes the part of every selected context (table of Assignment, in their order).

    Rows of ``pins`` keep their parts. Depends on the rows, not on their order. Counts: ``rows``,
    one per split, ``excluded`` (rows that went to ``on_reject``), ``held_out_synsets``,
    ``held_out_lemmas`` and, where there are pins, ``pinned``.
    """
    lexicon = read_senses(senses, language)
    progress.begin(0, "reading the selected contexts")
    sense, unit_key, contexts = _read(selected, lexicon)
    pin = pins.of(contexts)
    apart = _apart(lexicon, pins)[sense] & (pin == FREE)
    n_rows = np.bincount(sense[~apart], minlength=len(lexicon)).tolist()
    progress.begin(2 * len(sense), "choosing what training never sees")
    held, open_ = _forced(lexicon, pins, sense, pin)
    place = places(lexicon, n_rows, settings, held, open_)
    progress.advance(len(sense))
    row_place = np.array(place, dtype=np.int8)[sense]
    late = np.isin(lexicon.lemma[sense], _numbers(lexicon.lemma_keys, pins.seen_lemmas))
    late &= (row_place == Place.UNSEEN_LEMMA) & (pin == FREE)
    parts = _parts(sense, unit_key, row_place, pin, apart | late, lexicon, settings)
    progress.note = "writing the parts"
    _write(selected, output, parts, on_reject, progress)
    counts = _counts(parts, sense, place, lexicon)
    n_pinned = int(((pin != FREE) & (parts < _STRADDLING)).sum())
    return counts | ({"pinned": n_pinned} if len(pins.contexts) else {})


def _apart(lexicon: NumberedSenses, pins: Pins) -> NDArray[np.bool_]:
    """(senses,): whether training has the synset, and must not see the lemma."""
    synsets = _numbers(lexicon.synset_ids, pins.seen_synsets)
    lemmas = _numbers(lexicon.lemma_keys, pins.unseen_lemmas)
    return np.isin(lexicon.synset, synsets) & np.isin(lexicon.lemma, lemmas)


def _forced(
    lexicon: NumberedSenses, pins: Pins, sense: I64, pin: Parts
) -> tuple[list[int], list[int]]:
    """The synsets that are held out and those that are not, whatever the shares want.

    Held out are those of the unseen parts and of unseen lemmas; not held out, those that training
    has and those that an unseen sense's lemma is known to training by.
    """
    lemma, synset = lexicon.lemma, lexicon.synset
    seen = _numbers(lexicon.synset_ids, pins.seen_synsets)
    held = _numbers(lexicon.synset_ids, pins.held_synsets)
    unseen = np.isin(lemma, _numbers(lexicon.lemma_keys, pins.unseen_lemmas))
    held = sorted({*held, *synset[unseen].tolist()} - set(seen))
    resting = lemma[sense[pin == _UNSEEN[Place.UNSEEN_SENSE]]]
    of_resting = synset[np.isin(lemma, resting)].tolist()
    return held, sorted({*seen, *of_resting} - set(held))


def _numbers(names: list[str], some: Collection[str]) -> list[int]:
    return [number for number, name in enumerate(names) if name in some]


def _read(selected: Path, lexicon: NumberedSenses) -> tuple[I64, U64, U64]:
    """Per row the number of its sense, and digests of its cluster and of its id."""
    senses, contexts = [np.zeros(0, np.int64)], [np.zeros(0, np.uint64)]
    clusters = [np.zeros(0, np.uint64)]
    columns = ["context_id", "sense_id", "cluster"]
    for batch in read_batches(selected, SelectedContext, columns):
        senses.append(lexicon.of(batch["sense_id"], selected))
        clusters.append(digests64(batch["cluster"].to_pylist()))
        contexts.append(digests64(batch["context_id"].to_pylist()))
    return np.concatenate(senses), np.concatenate(clusters), np.concatenate(contexts)


def _parts(
    sense: I64,
    unit_key: U64,
    row_place: Parts,
    pin: Parts,
    apart: NDArray[np.bool_],
    lexicon: NumberedSenses,
    settings: SplitSettings,
) -> Parts:
    keys, unit = np.unique(unit_key, return_inverse=True)
    rank = mixed(mixed(keys ^ np.uint64(digest64(f"{settings.seed}/unit"))))
    pinned = pin != FREE
    parts = np.zeros(len(sense), dtype=np.int8)
    for unseen, number in _UNSEEN.items():
        parts[row_place == unseen] = number if settings.share(SPLITS[number]) else _OFF
    parts[pinned] = pin[pinned]
    parts[pinned & (_PLACE_OF[pin] != row_place)] = _UNSUPPORTED
    parts[apart] = _APART
    taking_part = np.flatnonzero((parts != _UNSUPPORTED) & (parts != _APART))
    some = unit[taking_part], row_place[taking_part], pinned[taking_part]
    parts[taking_part[_straddling(*some, len(keys))]] = _STRADDLING
    seen = np.flatnonzero((row_place == Place.SEEN) & (parts < _STRADDLING))
    strata = strata_of_senses(lexicon)[sense]
    rows_of_stratum = np.bincount(strata, minlength=N_STRATA)
    targets = {
        code: (rows_of_stratum * settings.share(SPLITS[code])).tolist()
        for code in (VALIDATION, TEST_SEEN)
    }
    of_seen = seen_parts(unit[seen], sense[seen], rank, strata[seen], targets, pin[seen])
    parts[seen] = np.where(of_seen == FREE, _STRADDLING, of_seen)
    _drop_unsupported(parts, lexicon.lemma[sense], sense)
    return parts


def _drop_unsupported(parts: Parts, lemma: NDArray[np.int32], sense: I64) -> None:
    """Leaves out rows whose sense, or lemma, their part needs in training, where it is not."""
    taught = parts == TRAIN
    repeats = np.isin(parts, (VALIDATION, TEST_SEEN))
    parts[repeats & ~np.isin(sense, sense[taught])] = _UNSUPPORTED
    of_known_lemma = np.isin(lemma, lemma[taught])
    parts[(parts == _UNSEEN[Place.UNSEEN_SENSE]) & ~of_known_lemma] = _UNSUPPORTED


def _straddling(
    unit: I64, row_place: Parts, pinned: NDArray[np.bool_], n_units: int
) -> NDArray[np.bool_]:
    """The rows to leave out so that no unit stands in two places.

    Pinned rows stay, then seen ones, then unseen lemmas: leaving out only unseen rows changes
    nobody's definition. Beside pinned rows in two places nothing else of their unit stays.
    """
    preference = np.where(pinned, -1, np.array([0, 2, 1])[row_place])
    best = np.full(n_units, 2)
    np.minimum.at(best, unit, preference)
    straddling: NDArray[np.bool_] = preference > best[unit]
    least, most = np.full(n_units, len(Place)), np.full(n_units, -1)
    np.minimum.at(least, unit[pinned], row_place[pinned])
    np.maximum.at(most, unit[pinned], row_place[pinned])
    follows = ~pinned & (least[unit] == most[unit]) & (row_place == most[unit])
    straddling &= ~follows
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
    parts: Parts, sense: I64, place: list[Place], lexicon: NumberedSenses
) -> dict[str, int]:
    by_part = Counter(parts.tolist())
    with_rows = np.unique(sense).tolist()
    held = [number for number in with_rows if place[number] is not Place.SEEN]
    unseen = [number for number in held if place[number] is Place.UNSEEN_LEMMA]
    return {
        "rows": len(parts),
        **{split.value: by_part[number] for number, split in enumerate(SPLITS)},
        "excluded": sum(by_part[left_out] for left_out in _CODES),
        "held_out_synsets": len({lexicon.synset[number] for number in held}),
        "held_out_lemmas": len({lexicon.lemma[number] for number in unseen}),
    }
