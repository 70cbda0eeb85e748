"""The examples of a release in pieces: what workers read of them, and leave for each other.

What is compared is numbers that workers leave on disk: of each row a digest of its id and of its
sentence, and the numbers of its units, by which bigrams are told apart exactly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from languages.language import Language
from pipeline.engine.arrays import Arrays
from pipeline.release.near_duplicates import Bigrams, TokenRows
from schemas.errors import InputError
from schemas.files import explained
from schemas.records import Example, Split
from schemas.tables import read_batches, row_groups
from schemas.text import units

SPLITS = tuple(Split)
DIGEST = np.dtype([("digest", "<u8"), ("row", "<u4"), ("split", "i1")])
IDS, SENTENCES = "ids", "sentences"
"""What there are digests of."""
_COLUMNS = ["context_id", "sense_id", "synset_id", "lemma", "sentence", "split"]
_ROWS_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class PieceSizes:
    """How much is in memory at a time. Nothing of the report depends on it."""

    rows_in_a_piece: int = 1 << 16
    digests_in_a_part: int = 1 << 20
    held_at_once: int = 1 << 16
    """Rows outside the first split that all rows pass by at a time."""


@dataclass(frozen=True, slots=True)
class FilePiece:
    """Consecutive row groups of one file of examples."""

    number: int
    path: Path
    split: int
    """Its place in ``SPLITS``."""
    start: int
    """The number of its first row among all examples."""
    n_rows: int
    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Released:
    """The examples of a release, numbered in the order of its files."""

    language: Language
    arrays: Arrays
    pieces: tuple[FilePiece, ...]
    limits: PieceSizes

    @property
    def n_parts(self) -> int:
        """How many parts the digests are in."""
        return max(1, -(-sum(p.n_rows for p in self.pieces) // self.limits.digests_in_a_part))


@dataclass(frozen=True, slots=True)
class Named:
    """The distinct match keys of lemmas, ids of synsets and senses, and units of a piece."""

    lemmas: frozenset[str]
    synsets: frozenset[str]
    senses: frozenset[str]
    units: tuple[str, ...]
    """In the order of the numbers, from 1 on, that its sentences were left with."""


def pieces_of_release(folder: Path, rows_in_a_piece: int) -> tuple[FilePiece, ...]:
    """The shards of ``examples``; InputError where there are none, or of no split."""
    pieces: list[FilePiece] = []
    start = 0
    for path, split in _example_files(folder):
        groups: list[int] = []
        n_rows = 0
        found = row_groups(path, Example, "context_id")
        for number, group in enumerate(found):
            groups.append(number)
            n_rows += group.n_rows
            if n_rows >= rows_in_a_piece or number == len(found) - 1:
                pieces.append(FilePiece(len(pieces), path, split, start, n_rows, tuple(groups)))
                start, n_rows, groups = start + n_rows, 0, []
    return tuple(pieces)


def read_piece(task: tuple[Released, FilePiece]) -> Named:
    """Reads a piece: leaves its digests and the numbers of the units of its sentences."""
    released, piece = task
    language = released.language
    names: tuple[set[str], set[str], set[str]] = set(), set(), set()
    known: dict[str, int] = {}
    ids, sentences, tokens, lengths = [], [], [np.zeros(0, np.int32)], []
    for batch in read_batches(piece.path, Example, _COLUMNS, piece.groups):
        _note_names(batch, piece, language, names)
        ids += [_digest(key) for key in batch["context_id"].to_pylist()]
        for text in batch["sentence"].to_pylist():
            found = units(language.match_key(text))
            sentences.append(_digest(" ".join(found)))
            own = [known.setdefault(unit, len(known) + 1) for unit in found]
            tokens.append(np.array(own, dtype=np.int32))
            lengths.append(len(own))
    for kind, digests in ((IDS, ids), (SENTENCES, sentences)):
        rows = np.zeros(piece.n_rows, dtype=DIGEST)
        rows["digest"] = np.frombuffer(b"".join(digests), dtype="<u8")
        rows["row"] = np.arange(piece.start, piece.start + piece.n_rows)
        rows["split"] = piece.split
        part = (rows["digest"] % np.uint64(released.n_parts)).astype(np.int64)
        released.arrays.save_in_parts(f"{kind}-{piece.number}", rows, part, released.n_parts)
    released.arrays.save(f"tokens-{piece.number}", np.concatenate(tokens))
    released.arrays.save(f"lengths-{piece.number}", np.array(lengths, dtype=np.int32))
    lemmas, synsets, senses = (frozenset(some) for some in names)
    return Named(lemmas, synsets, senses, tuple(known))


def number_bigrams(task: tuple[Released, FilePiece, NDArray[np.int32], int]) -> int:
    """Leaves the bigrams of the sentences of a piece; returns how many sentences it has.

    ``numbers`` are those of its units, from its own first on, among all ``n_units``.
    """
    released, piece, numbers, n_units = task
    arrays = released.arrays
    lengths = arrays.load(f"lengths-{piece.number}", np.int32)
    start = np.append(0, np.cumsum(lengths, dtype=np.int64))
    tokens = numbers[arrays.load(f"tokens-{piece.number}", np.int32) - 1]
    sentences = TokenRows(tokens, start, n_units)
    sizes, codes = [np.zeros(0, np.int32)], [np.zeros(0, np.int64)]
    for first in range(0, len(lengths), _ROWS_AT_ONCE):
        rows = np.arange(first, min(first + _ROWS_AT_ONCE, len(lengths)))
        owner, found = sentences.bigrams(rows)
        sizes.append(np.bincount(owner, minlength=len(rows)).astype(np.int32))
        codes.append(found)
    arrays.save(f"sizes-{piece.number}", np.concatenate(sizes))
    arrays.save(f"codes-{piece.number}", np.concatenate(codes))
    return len(lengths)


def bigrams_of(
    released: Released, piece: FilePiece, at_once: int, rows: range | None = None
) -> Iterator[Bigrams]:
    """The bigrams of the sentences of a piece, or of some of its rows, so many at a time."""
    sizes = released.arrays.load(f"sizes-{piece.number}", np.int32)
    starts = np.append(0, np.cumsum(sizes, dtype=np.int64))
    wanted = range(len(sizes)) if rows is None else rows
    for first in range(wanted.start, wanted.stop, at_once):
        last = min(first + at_once, wanted.stop)
        begin, end = int(starts[first]), int(starts[last])
        yield Bigrams(
            number=np.arange(piece.start + first, piece.start + last),
            split=np.full(last - first, piece.split, dtype=np.int8),
            sizes=sizes[first:last].astype(np.int64),
            codes=released.arrays.load(f"codes-{piece.number}", np.int64, begin, end - begin),
        )


def _note_names(
    batch: pa.RecordBatch,
    piece: FilePiece,
    language: Language,
    names: tuple[set[str], set[str], set[str]],
) -> None:
    if batch["split"].unique().to_pylist() != [SPLITS[piece.split].value]:
        wanted = SPLITS[piece.split].value
        raise InputError(f"{piece.path}: its column split does not say {wanted}")
    lemmas, synsets, senses = names
    lemmas.update(language.match_key(lemma) for lemma in batch["lemma"].unique().to_pylist())
    synsets.update(batch["synset_id"].unique().to_pylist())
    senses.update(batch["sense_id"].unique().to_pylist())


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=8).digest()


def _example_files(folder: Path) -> Iterator[tuple[Path, int]]:
    """The shards of ``examples`` with the number of the split in their names."""
    examples = folder / "data" / "examples"
    with explained(examples):
        found = sorted(examples.iterdir()) if examples.is_dir() else []
    files = [path for path in found if path.suffix == ".parquet"]
    if not files:
        raise InputError(f"{folder}: no data/examples/*.parquet; it is not a release folder")
    numbers = {split.value: number for number, split in enumerate(SPLITS)}
    for path in files:
        name = path.name.partition("-")[0].removesuffix(".parquet")
        if name not in numbers:
            raise InputError(f"{path}: its name does not begin with the name of a split")
        yield path, numbers[name]
