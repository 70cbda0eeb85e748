"""The leakage report of a release folder, from its Parquet files alone.

Nothing of the stages before is trusted: what a row belongs to is the file that ``load_dataset``
finds it in; lemmas are compared by match key, sentences by the letters and digits of their match
keys; near-duplicates are looked for anew (:mod:`pipeline.release.near_duplicates`). In memory are
the distinct lemmas, synsets, senses and units; the rest lies in a folder that is gone at the end,
and is read in pieces and parts by a pool of workers.
"""

from __future__ import annotations

import itertools
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from languages.language import Language
from pipeline.engine.arrays import Arrays
from pipeline.engine.pool import LocalPool, Pool
from pipeline.release.near_duplicates import Bigrams, near_duplicates
from pipeline.release.overlaps import LeakageReport, Overlap, Shared
from pipeline.release.released_rows import (
    DIGEST,
    IDS,
    SENTENCES,
    SPLITS,
    FilePiece,
    Named,
    PieceSizes,
    Released,
    bigrams_of,
    number_bigrams,
    pieces_of_release,
    read_piece,
)
from schemas.errors import RunError
from schemas.files import explained
from schemas.records import Example, Split
from schemas.tables import read_batches

Pairs = dict[tuple[int, int], list[tuple[int, int]]]
"""Two splits -> pairs of rows that have something in common, the row of the first split first."""

_PAIRS = tuple(itertools.combinations(range(len(SPLITS)), 2))
_TRAIN = SPLITS.index(Split.TRAIN)
_SEEN = frozenset({Split.TRAIN, Split.VALIDATION, Split.TEST_SEEN})
_NAMED = 20
"""So many of what leaks are named."""
_ROWS_AT_ONCE = 4096


def leakage_report(
    folder: Path,
    language: Language,
    threshold: float,
    *,
    pool: Pool | None = None,
    scratch: Path | None = None,
    limits: PieceSizes | None = None,
) -> LeakageReport:
    """Every overlap of every two splits; ``report.clean`` is True if none breaks a definition.

    Sentences whose unit bigrams have a Jaccard similarity of ``threshold`` are near-duplicates.
    ``pool`` does the work (None: this process); some 250 bytes a row lie in a folder in
    ``scratch`` meanwhile (None: where the system has temporary files).
    """
    pool, limits = pool or LocalPool(), limits or PieceSizes()
    with explained(folder):
        pieces = pieces_of_release(folder, limits.rows_in_a_piece)
    with (
        explained(scratch or tempfile.gettempdir()),
        tempfile.TemporaryDirectory(prefix=".leakage-", dir=scratch) as place,
    ):
        released = Released(language, Arrays(Path(place)), pieces, limits)
        names = _read(released, pool)
        return LeakageReport(
            near_duplicate_threshold=threshold,
            rows={
                split: sum(piece.n_rows for piece in pieces if piece.split == number)
                for number, split in enumerate(SPLITS)
            },
            overlaps=(
                *_of_names(Shared.LEMMA, names.lemmas),
                *_of_names(Shared.SYNSET, names.synsets),
                _not_in_train(Shared.SENSE_NOT_IN_TRAIN, names.senses, Split.VALIDATION),
                _not_in_train(Shared.SENSE_NOT_IN_TRAIN, names.senses, Split.TEST_SEEN),
                _not_in_train(Shared.LEMMA_NOT_IN_TRAIN, names.lemmas, Split.TEST_UNSEEN_SENSE),
                *_of_pairs(Shared.CONTEXT_ID, released, _equal(released, IDS, pool)),
                *_of_pairs(Shared.EXACT, released, _equal(released, SENTENCES, pool)),
                *_of_pairs(Shared.NEAR, released, _similar(released, threshold, pool)),
            ),
        )


def require_no_leaks(report: LeakageReport) -> None:
    """Raises RunError naming the first overlap that must not be."""
    for leak in report.leaks:
        remedy = "select and split the contexts again"
        if leak.shared is Shared.NEAR:
            remedy = (
                "near-duplicates must be dropped or kept together from a similarity of "
                f"{report.near_duplicate_threshold:g} on before the rows are split"
            )
        raise RunError(
            f"the release leaks: {leak.count} x {leak.shared.value} in {leak.left.value} and "
            f"{leak.right.value}, such as {leak.ids[0]}; {remedy}"
        )


def may_share(shared: Shared, left: Split, right: Split) -> bool:
    """True if the definitions allow two splits to have such a thing in common.

    The seen parts share lemmas, synsets and senses by intent. test_unseen_sense shares lemmas
    with training, that is its definition, and may share synsets with test_unseen_lemma.
    """
    pair = {left, right}
    if shared is Shared.LEMMA:
        return Split.TEST_UNSEEN_LEMMA not in pair
    if shared is Shared.SYNSET:
        return pair <= _SEEN or not pair & _SEEN
    return False


class _Names:
    """Every lemma by match key, every synset and every sense: a bit for each split that has it."""

    def __init__(self) -> None:
        self.lemmas: defaultdict[str, int] = defaultdict(int)
        self.synsets: defaultdict[str, int] = defaultdict(int)
        self.senses: defaultdict[str, int] = defaultdict(int)

    def add(self, found: Named, split: int) -> None:
        """What there is in a piece of a split."""
        for masks, names in (
            (self.lemmas, found.lemmas),
            (self.synsets, found.synsets),
            (self.senses, found.senses),
        ):
            for name in names:
                masks[name] |= 1 << split


def _read(released: Released, pool: Pool) -> _Names:
    """Reads all pieces, and gives every sentence its bigrams in numbers that hold for all."""
    names, known, pieces = _Names(), dict[str, int](), released.pieces
    numbers = []
    for piece, found in zip(
        pieces, pool.each(read_piece, [(released, piece) for piece in pieces]), strict=True
    ):
        names.add(found, piece.split)
        own = [known.setdefault(unit, len(known) + 1) for unit in found.units]
        numbers.append(np.array(own, dtype=np.int32))
    tasks = [(released, piece, own, len(known)) for piece, own in zip(pieces, numbers, strict=True)]
    for _ in pool.each(number_bigrams, tasks):
        pass
    return names


def _equal(released: Released, kind: str, pool: Pool) -> Pairs:
    """Each digest that stands in two splits, with its first row in either."""
    tasks = [(released, kind, part) for part in range(released.n_parts)]
    return _together(pool.each(_equal_in_part, tasks))


def _equal_in_part(task: tuple[Released, str, int]) -> Pairs:
    released, kind, part = task
    arrays = [f"{kind}-{piece.number}" for piece in released.pieces]
    rows = released.arrays.load_part(arrays, DIGEST, part)
    first = {}
    for number in range(len(SPLITS)):
        own = rows[rows["split"] == number]
        distinct, at = np.unique(own["digest"], return_index=True)
        first[number] = distinct, own["row"][at]
    pairs: Pairs = {}
    for left, right in _PAIRS:
        (a, rows_a), (b, rows_b) = first[left], first[right]
        _, in_a, in_b = np.intersect1d(a, b, assume_unique=True, return_indices=True)
        pairs[left, right] = list(zip(rows_a[in_a].tolist(), rows_b[in_b].tolist(), strict=True))
    return pairs


def _similar(released: Released, threshold: float, pool: Pool) -> Pairs:
    """Pairs of rows of two splits that are nearly equal."""
    tasks = [(released, held, threshold) for held in _blocks_of_held(released)]
    return _together(pool.each(_similar_to_held, tasks))


Block = tuple[tuple[FilePiece, range], ...]
"""Some rows outside the first split: pieces, and which of their rows."""


def _blocks_of_held(released: Released) -> Iterator[Block]:
    block: list[tuple[FilePiece, range]] = []
    left = most = released.limits.held_at_once
    for piece in released.pieces:
        first = 0 if piece.split else piece.n_rows
        while first < piece.n_rows:
            last = min(piece.n_rows, first + left)
            block.append((piece, range(first, last)))
            left -= last - first
            first = last
            if not left:
                yield tuple(block)
                block, left = [], most
    if block:
        yield tuple(block)


def _similar_to_held(task: tuple[Released, Block, float]) -> Pairs:
    released, block, threshold = task
    held = Bigrams.joined(
        [own for piece, rows in block for own in bigrams_of(released, piece, len(rows), rows)]
    )
    passing = (
        some for piece in released.pieces for some in bigrams_of(released, piece, _ROWS_AT_ONCE)
    )
    starts = np.array([piece.start for piece in released.pieces])
    splits = np.array([piece.split for piece in released.pieces])
    pairs: Pairs = defaultdict(list)
    for left, right in near_duplicates(held, passing, threshold):
        of = [splits[np.searchsorted(starts, rows, side="right") - 1] for rows in (left, right)]
        ends = (rows.tolist() for rows in (left, right, *of))
        for a, b, split_a, split_b in zip(*ends, strict=True):
            pairs[split_a, split_b].append((a, b))
    return pairs


def _together(found: Iterator[Pairs]) -> Pairs:
    pairs: Pairs = defaultdict(list)
    for some in found:
        for key, rows in some.items():
            pairs[key] += rows
    return pairs


def _of_pairs(shared: Shared, released: Released, pairs: Pairs) -> Iterator[Overlap]:
    """An overlap for every two splits; pairs are named by their context ids."""
    named = {key: sorted(rows)[:_NAMED] for key, rows in pairs.items()}
    ids = _ids(released, {row for rows in named.values() for pair in rows for row in pair})
    for key in _PAIRS:
        names = [f"{ids[a]} = {ids[b]}" for a, b in named.get(key, ())]
        yield _overlap(shared, *key, names, count=len(pairs.get(key, ())))


def _ids(released: Released, rows: set[int]) -> dict[int, str]:
    ids: dict[int, str] = {}
    for piece in released.pieces if rows else ():
        start = piece.start
        for batch in read_batches(piece.path, Example, ["context_id"], piece.groups):
            for row in rows.intersection(range(start, start + batch.num_rows)):
                ids[row] = batch["context_id"][row - start].as_py()
            start += batch.num_rows
    return ids


def _of_names(shared: Shared, masks: dict[str, int]) -> Iterator[Overlap]:
    """What has the bits of both splits, for every two."""
    for left, right in _PAIRS:
        both = 1 << left | 1 << right
        names = [name for name, mask in masks.items() if mask & both == both]
        yield _overlap(shared, left, right, names)


def _not_in_train(shared: Shared, masks: dict[str, int], part: Split) -> Overlap:
    """What a split has and training lacks."""
    other = SPLITS.index(part)
    names = [name for name, mask in masks.items() if mask >> other & 1 and not mask >> _TRAIN & 1]
    return _overlap(shared, _TRAIN, other, names)


def _overlap(
    shared: Shared, left: int, right: int, names: list[str], count: int | None = None
) -> Overlap:
    allowed = may_share(shared, SPLITS[left], SPLITS[right])
    return Overlap(
        shared=shared,
        left=SPLITS[left],
        right=SPLITS[right],
        count=len(names) if count is None else count,
        allowed=allowed,
        ids=() if allowed else tuple(sorted(names)[:_NAMED]),
    )
