"""The leakage report of a release folder, from its Parquet files alone.

Nothing of the stages before is trusted: what a row belongs to is the file that ``load_dataset``
finds it in; lemmas are compared by match key, sentences by the letters and digits of their match
keys; near-duplicates are looked for anew (:mod:`pipeline.release.near_duplicates`). In memory are
the distinct lemmas, synsets, senses and units, four bytes for every unit of every sentence, and
the bigrams of the sentences outside training.
"""

from __future__ import annotations

import hashlib
import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from languages.language import Language
from pipeline.release.near_duplicates import TokenRows, near_duplicates
from pipeline.release.overlaps import LeakageReport, Overlap, Shared
from schemas.errors import InputError, RunError
from schemas.files import explained
from schemas.records import Example, Split
from schemas.tables import read_batches
from schemas.text import units

U64 = NDArray[np.uint64]
Pairs = dict[tuple[int, int], list[tuple[int, int]]]
"""Two splits -> pairs of rows that have something in common, the row of the first split first."""

_COLUMNS = ["context_id", "sense_id", "synset_id", "lemma", "sentence", "split"]
_SPLITS = tuple(Split)
_PAIRS = tuple(itertools.combinations(range(len(_SPLITS)), 2))
_TRAIN = _SPLITS.index(Split.TRAIN)
_SEEN = frozenset({Split.TRAIN, Split.VALIDATION, Split.TEST_SEEN})
_NAMED = 20
"""So many of what leaks are named."""


def leakage_report(folder: Path, language: Language, threshold: float) -> LeakageReport:
    """Every overlap of every two splits; ``report.clean`` is True if none breaks a definition.

    Sentences whose unit bigrams have a Jaccard similarity of ``threshold`` are near-duplicates.
    """
    found = _Rows(folder, language)
    return LeakageReport(
        near_duplicate_threshold=threshold,
        rows={split: int((found.split == n).sum()) for n, split in enumerate(_SPLITS)},
        overlaps=(
            *_of_names(Shared.LEMMA, found.lemmas),
            *_of_names(Shared.SYNSET, found.synsets),
            _not_in_train(Shared.SENSE_NOT_IN_TRAIN, found.senses, Split.VALIDATION),
            _not_in_train(Shared.SENSE_NOT_IN_TRAIN, found.senses, Split.TEST_SEEN),
            _not_in_train(Shared.LEMMA_NOT_IN_TRAIN, found.lemmas, Split.TEST_UNSEEN_SENSE),
            *found.of_pairs(Shared.CONTEXT_ID, _equal(found.context_id, found.split)),
            *found.of_pairs(Shared.EXACT, _equal(found.sentence, found.split)),
            *found.of_pairs(Shared.NEAR, found.similar(threshold)),
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


class _Rows:
    """All examples of a release, numbered in the order of its files."""

    def __init__(self, folder: Path, language: Language) -> None:
        self._files = tuple(_example_files(folder))
        self._language = language
        self.lemmas: defaultdict[str, int] = defaultdict(int)
        """Match key -> a bit for each split that has it; so with synsets and senses."""
        self.synsets: defaultdict[str, int] = defaultdict(int)
        self.senses: defaultdict[str, int] = defaultdict(int)
        self._units: dict[str, int] = {}
        splits, contexts = [np.zeros(0, np.int8)], [_digests([])]
        tokens, lengths = [np.zeros(0, np.int32)], [np.zeros(0, np.int64)]
        for path, number in self._files:
            for batch in read_batches(path, Example, _COLUMNS):
                self._note_names(batch, number, path)
                splits.append(np.full(batch.num_rows, number, dtype=np.int8))
                contexts.append(_digests([key.encode() for key in batch["context_id"].to_pylist()]))
                of_batch = [self._tokens(text) for text in batch["sentence"].to_pylist()]
                tokens += of_batch
                lengths.append(np.array([len(numbers) for numbers in of_batch], dtype=np.int64))
        self.context_id, self.split = np.concatenate(contexts), np.concatenate(splits)
        self.sentences = TokenRows(
            np.concatenate(tokens),
            np.concatenate([[0], np.cumsum(np.concatenate(lengths))]),
            self.split,
        )

    def _note_names(self, batch: pa.RecordBatch, number: int, path: Path) -> None:
        if batch["split"].unique().to_pylist() != [_SPLITS[number].value]:
            raise InputError(f"{path}: its column split does not say {_SPLITS[number].value}")
        for lemma in batch["lemma"].unique().to_pylist():
            self.lemmas[self._language.match_key(lemma)] |= 1 << number
        for masks, column in ((self.synsets, "synset_id"), (self.senses, "sense_id")):
            for name in batch[column].unique().to_pylist():
                masks[name] |= 1 << number

    def _tokens(self, sentence: str) -> NDArray[np.int32]:
        known = self._units
        found = units(self._language.match_key(sentence))
        return np.array([known.setdefault(u, len(known) + 1) for u in found], dtype=np.int32)

    @property
    def sentence(self) -> U64:
        """(n,): equal where the units of the sentences are."""
        start, tokens = self.sentences.start, self.sentences.tokens
        return _digests([tokens[a:b].tobytes() for a, b in itertools.pairwise(start)])

    def similar(self, threshold: float) -> Pairs:
        """Pairs of rows of two splits that are nearly equal."""
        pairs: Pairs = defaultdict(list)
        for left, right in near_duplicates(self.sentences, threshold):
            for a, b in zip(left.tolist(), right.tolist(), strict=True):
                pairs[int(self.split[a]), int(self.split[b])].append((a, b))
        return pairs

    def of_pairs(self, shared: Shared, pairs: Pairs) -> Iterator[Overlap]:
        """An overlap for every two splits; pairs are named by their context ids."""
        named = {key: sorted(rows)[:_NAMED] for key, rows in pairs.items()}
        ids = self._ids({row for rows in named.values() for pair in rows for row in pair})
        for key in _PAIRS:
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


def _digests(keys: Sequence[bytes]) -> U64:
    data = (hashlib.blake2b(key, digest_size=8).digest() for key in keys)
    return np.frombuffer(b"".join(data), dtype="<u8")


def _equal(values: U64, split: NDArray[np.int8]) -> Pairs:
    """Each value that stands in two splits, with its first row in either."""
    first = {}
    for number in range(len(_SPLITS)):
        rows = np.flatnonzero(split == number)
        distinct, at = np.unique(values[rows], return_index=True)
        first[number] = distinct, rows[at]
    pairs: Pairs = {}
    for left, right in _PAIRS:
        (a, rows_a), (b, rows_b) = first[left], first[right]
        _, in_a, in_b = np.intersect1d(a, b, assume_unique=True, return_indices=True)
        pairs[left, right] = list(zip(rows_a[in_a].tolist(), rows_b[in_b].tolist(), strict=True))
    return pairs


def _of_names(shared: Shared, masks: dict[str, int]) -> Iterator[Overlap]:
    """What has the bits of both splits, for every two."""
    for left, right in _PAIRS:
        both = 1 << left | 1 << right
        names = [name for name, mask in masks.items() if mask & both == both]
        yield _overlap(shared, left, right, names)


def _not_in_train(shared: Shared, masks: dict[str, int], part: Split) -> Overlap:
    """What a split has and training lacks."""
    other = _SPLITS.index(part)
    names = [name for name, mask in masks.items() if mask >> other & 1 and not mask >> _TRAIN & 1]
    return _overlap(shared, _TRAIN, other, names)


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
    examples = folder / "data" / "examples"
    with explained(examples):
        found = sorted(examples.iterdir()) if examples.is_dir() else []
    files = [path for path in found if path.suffix == ".parquet"]
    if not files:
        raise InputError(f"{folder}: no data/examples/*.parquet; it is not a release folder")
    numbers = {split.value: number for number, split in enumerate(_SPLITS)}
    for path in files:
        name = path.name.partition("-")[0].removesuffix(".parquet")
        if name not in numbers:
            raise InputError(f"{path}: its name does not begin with the name of a split")
        yield path, numbers[name]
