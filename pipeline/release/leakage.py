"""The leakage report of a release folder, from its Parquet files alone.

Nothing of the split is trusted: what a row belongs to is the file that ``load_dataset`` finds it
in; lemmas are compared by match key, sentences by their syllables. In memory are the distinct
lemmas, synsets and senses, and about 40 bytes a row.
"""

from __future__ import annotations

import itertools
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.release.manifest import MANIFEST, read_manifest
from pipeline.release.overlaps import LeakageReport, Overlap, Shared
from pipeline.select.gram_store import GramStore
from pipeline.select.grams import U64, GramReader, digests64
from pipeline.select.rows import runs
from pipeline.select.settings import DEFAULT_THRESHOLD
from pipeline.select.similar import similar_pairs
from schemas.errors import InputError, RunError
from schemas.records import Example, Split
from schemas.tables import read_batches
from schemas.text import match_key

_COLUMNS = ["context_id", "sense_id", "synset_id", "lemma", "sentence", "split"]
_SPLITS = tuple(Split)
_NAMED = 20
_SEEN = (Split.TRAIN, Split.VALIDATION, Split.TEST_SEEN)


def leakage_report(release_folder: Path, *, threshold: float | None = None) -> LeakageReport:
    """Every overlap of every two splits; ``report.clean`` is True if none breaks a definition.

    ``threshold`` is that of near-duplicates; None takes the manifest's, if there is one.
    """
    if threshold is None:
        known = (release_folder / MANIFEST).exists()
        leakage = read_manifest(release_folder).leakage if known else None
        threshold = leakage.near_duplicate_threshold if leakage else DEFAULT_THRESHOLD
    with tempfile.TemporaryDirectory(prefix="viconwsd-leakage-") as scratch:
        found = _Found(GramStore(Path(scratch) / "grams"))
        found.read(release_folder)
        overlaps = [
            *found.of_names(),
            *found.not_in_train(),
            *found.of_rows(Shared.CONTEXT_ID, found.context),
            *found.of_rows(Shared.EXACT, found.sentence),
            *found.near(threshold, Path(scratch) / "index"),
        ]
    return LeakageReport(
        near_duplicate_threshold=threshold,
        rows={split: int((found.split == n).sum()) for n, split in enumerate(_SPLITS)},
        overlaps=tuple(overlaps),
    )


def require_no_leaks(report: LeakageReport) -> None:
    """Raises RunError naming the first overlap that must not be."""
    for leak in report.leaks:
        remedy = "run the stages select and split again"
        if leak.shared is Shared.NEAR:
            remedy = (
                f"near_duplicate_threshold of [select] must be at most that of [release], "
                f"{report.near_duplicate_threshold:g}"
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
        return pair <= set(_SEEN) or not pair & set(_SEEN)
    return False


class _Found:
    """What stands in which split."""

    def __init__(self, store: GramStore) -> None:
        self._store = store
        self._lemmas: defaultdict[str, int] = defaultdict(int)
        self._synsets: defaultdict[str, int] = defaultdict(int)
        self._senses: defaultdict[str, int] = defaultdict(int)
        self._files: list[tuple[Path, int]] = []
        self.split: NDArray[np.int8] = np.zeros(0, np.int8)
        self.context: U64 = np.zeros(0, np.uint64)
        self.sentence: U64 = np.zeros(0, np.uint64)

    def read(self, folder: Path) -> None:
        """Reads all examples once."""
        reader = GramReader()
        splits, contexts, sentences = [self.split], [self.context], [self.sentence]
        for path, number in _example_files(folder):
            self._files.append((path, number))
            for batch in read_batches(path, Example, _COLUMNS):
                self._note_names(batch, number, path)
                grams = reader.read(batch["sentence"].to_pylist())
                self._store.add(grams)
                splits.append(np.full(batch.num_rows, number, dtype=np.int8))
                contexts.append(digests64(batch["context_id"].to_pylist()))
                sentences.append(grams.sequences)
        self.split, self.context = np.concatenate(splits), np.concatenate(contexts)
        self.sentence = np.concatenate(sentences)

    def _note_names(self, batch: pa.RecordBatch, number: int, path: Path) -> None:
        bit = 1 << number
        for name in batch["lemma"].unique().to_pylist():
            self._lemmas[match_key(name)] |= bit
        for column, masks in (("synset_id", self._synsets), ("sense_id", self._senses)):
            for name in batch[column].unique().to_pylist():
                masks[name] |= bit
        if batch["split"].unique().to_pylist() != [_SPLITS[number].value]:
            raise InputError(f"{path}: its column split does not say {_SPLITS[number].value}")

    def of_names(self) -> Iterator[Overlap]:
        """Lemmas and synsets that two splits share."""
        for shared, masks in ((Shared.LEMMA, self._lemmas), (Shared.SYNSET, self._synsets)):
            for left, right in itertools.combinations(range(len(_SPLITS)), 2):
                both = 1 << left | 1 << right
                names = [name for name, mask in masks.items() if mask & both == both]
                yield _overlap(shared, left, right, names)

    def not_in_train(self) -> Iterator[Overlap]:
        """Senses of the seen parts, and lemmas of test_unseen_sense, that training lacks."""
        for shared, masks, part in (
            (Shared.SENSE_NOT_IN_TRAIN, self._senses, Split.VALIDATION),
            (Shared.SENSE_NOT_IN_TRAIN, self._senses, Split.TEST_SEEN),
            (Shared.LEMMA_NOT_IN_TRAIN, self._lemmas, Split.TEST_UNSEEN_SENSE),
        ):
            train, other = 1 << _SPLITS.index(Split.TRAIN), 1 << _SPLITS.index(part)
            names = [name for name, mask in masks.items() if mask & other and not mask & train]
            yield _overlap(shared, _SPLITS.index(Split.TRAIN), _SPLITS.index(part), names)

    def of_rows(self, shared: Shared, values: U64) -> Iterator[Overlap]:
        """Distinct values that stand in two splits; each named by its rows' context ids."""
        order = np.argsort(values, kind="stable")
        same = values[order][1:] == values[order][:-1]
        order = order[np.append(same, False) | np.append(False, same)]
        pairs: defaultdict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        for start, end in runs(values[order]) if len(order) else ():
            first = {int(self.split[row]): int(row) for row in order[start:end][::-1]}
            for left, right in itertools.combinations(sorted(first), 2):
                pairs[left, right].append((first[left], first[right]))
        yield from self._of_pairs(shared, pairs)

    def near(self, threshold: float, folder: Path) -> Iterator[Overlap]:
        """Pairs of rows of two splits that are nearly equal."""
        self._store.finish()
        split = self.split
        found = similar_pairs(self._store, threshold, folder, sides=split)
        self._store.close()
        pairs: defaultdict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        for a, b in zip(found.left.tolist(), found.right.tolist(), strict=True):
            a, b = sorted((a, b), key=lambda row: int(split[row]))
            pairs[int(split[a]), int(split[b])].append((a, b))
        yield from self._of_pairs(Shared.NEAR, pairs)

    def _of_pairs(
        self, shared: Shared, pairs: dict[tuple[int, int], list[tuple[int, int]]]
    ) -> Iterator[Overlap]:
        named = {key: sorted(rows)[:_NAMED] for key, rows in pairs.items()}
        ids = self._ids({row for rows in named.values() for pair in rows for row in pair})
        for key in itertools.combinations(range(len(_SPLITS)), 2):
            names = [f"{ids[a]} = {ids[b]}" for a, b in named.get(key, ())]
            yield _overlap(shared, *key, names, count=len(pairs.get(key, ())))

    def _ids(self, rows: set[int]) -> dict[int, str]:
        ids: dict[int, str] = {}
        start = 0
        for path, _ in self._files if rows else ():
            for batch in read_batches(path, Example, ["context_id"]):
                for row in rows.intersection(range(start, start + batch.num_rows)):
                    ids[row] = batch["context_id"][row - start].as_py()
                start += batch.num_rows
        return ids


def _overlap(
    shared: Shared, left: int, right: int, names: list[str], count: int | None = None
) -> Overlap:
    allowed = may_share(shared, _SPLITS[left], _SPLITS[right])
    return Overlap(
        shared=shared,
        left=_SPLITS[left],
        right=_SPLITS[right],
        count=len(names) if count is None else count,
        allowed=allowed,
        ids=() if allowed else tuple(sorted(names)[:_NAMED]),
    )


def _example_files(folder: Path) -> Iterator[tuple[Path, int]]:
    """The shards of ``examples`` with the number of the split in their names."""
    files = sorted((folder / "data" / "examples").glob("*.parquet"))
    if not files:
        raise InputError(f"{folder}: no data/examples/*.parquet; it is not a release folder")
    numbers = {split.value: number for number, split in enumerate(_SPLITS)}
    for path in files:
        name = path.name.partition("-")[0].removesuffix(".parquet")
        if name not in numbers:
            raise InputError(f"{path}: its name does not begin with the name of a split")
        yield path, numbers[name]
