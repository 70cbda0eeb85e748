"""The parts that rows had in an earlier release, and what training and tests there had seen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from languages.language import Language
from pipeline.select.grams import U64, digests64
from schemas.errors import InputError, StorageError
from schemas.files import explained, replacing
from schemas.records import Split
from schemas.tables import opened_parquet, parquet_writer

SPLITS = (
    Split.TRAIN,
    Split.VALIDATION,
    Split.TEST_SEEN,
    Split.TEST_UNSEEN_SENSE,
    Split.TEST_UNSEEN_LEMMA,
)
Parts = NDArray[np.int8]
"""Indices into SPLITS, or FREE."""
FREE = -1
"""The part of a row that the earlier release did not have."""
_UNSEEN = (3, 4)
_WANTED = "[split] previous is the folder of a release, or USER/NAME on the Hub"
_COLUMNS = ["context_id", "synset_id", "lemma", "split"]


@dataclass(frozen=True, slots=True)
class Pins:
    """The rows of an earlier release; parts are indices into SPLITS."""

    contexts: U64
    """(n,): digests of the ids, ascending."""
    parts: Parts
    seen_synsets: frozenset[str]
    """Synsets of train, validation or test_seen."""
    held_synsets: frozenset[str]
    """Synsets of the unseen parts."""
    seen_lemmas: frozenset[str]
    """Match keys of lemmas in any part but test_unseen_lemma."""
    unseen_lemmas: frozenset[str]
    digest: str
    """Of all that a split depends on."""

    def of(self, contexts: U64) -> Parts:
        """The part of each context, by the digest of its id, or FREE."""
        return parts_of(contexts, self.contexts, self.parts)


def parts_of(contexts: U64, known: U64, parts: Parts) -> Parts:
    """The part of each context among ``known`` ones (ascending), or FREE."""
    at = np.searchsorted(known, contexts)
    found = at < len(known)
    found[found] = known[at[found]] == contexts[found]
    of = np.full(len(contexts), FREE, dtype=np.int8)
    of[found] = parts[at[found]]
    return of


NO_PINS = Pins(
    np.zeros(0, np.uint64),
    np.zeros(0, np.int8),
    *(frozenset[str](), frozenset[str](), frozenset[str](), frozenset[str]()),
    digest="",
)


def read_pins(path: Path, language: Language) -> Pins:
    """The rows of a release folder, of whatever version, or of what :func:`keep_pins` wrote."""
    numbers = {split.value: number for number, split in enumerate(SPLITS)}
    contexts, parts = [np.zeros(0, np.uint64)], [np.zeros(0, np.int8)]
    by_synset, by_lemma = dict[str, int](), dict[str, int]()
    for batch in _batches(path):
        columns = {name: batch[name].to_pylist() for name in _COLUMNS}
        unknown = set(columns["split"]) - numbers.keys()
        if unknown:
            raise InputError(f"{path}: {min(unknown)!r} is no split of this version")
        part = [numbers[name] for name in columns["split"]]
        contexts.append(digests64(columns["context_id"]))
        parts.append(np.array(part, dtype=np.int8))
        for number, synset, lemma in zip(part, columns["synset_id"], columns["lemma"], strict=True):
            by_synset[synset] = by_synset.get(synset, 0) | 1 << number
            by_lemma[lemma] = by_lemma.get(lemma, 0) | 1 << number
    ids, of = np.concatenate(contexts), np.concatenate(parts)
    order = np.argsort(ids, kind="stable")
    unseen = sum(1 << number for number in _UNSEEN)
    last = 1 << _UNSEEN[1]
    keys = {language.match_key(lemma): 0 for lemma in by_lemma}
    for lemma, mask in by_lemma.items():
        keys[language.match_key(lemma)] |= mask
    return Pins(
        ids[order],
        of[order],
        seen_synsets=frozenset(name for name, mask in by_synset.items() if mask & ~unseen),
        held_synsets=frozenset(name for name, mask in by_synset.items() if mask & unseen),
        seen_lemmas=frozenset(name for name, mask in keys.items() if mask & ~last),
        unseen_lemmas=frozenset(name for name, mask in keys.items() if mask & last),
        digest=_digest(ids[order], of[order], by_synset, by_lemma),
    )


def keep_pins(release: Path, path: Path) -> None:
    """Writes what :func:`read_pins` needs of a release to one file."""
    schema = pa.schema([pa.field(name, pa.string(), nullable=False) for name in _COLUMNS])
    with (
        explained(path),
        replacing(path) as temporary,
        parquet_writer(temporary, schema) as writer,
    ):
        for batch in _batches(release):
            writer.write_batch(batch.select(_COLUMNS).cast(schema))


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    for file in _files(path):
        try:
            with opened_parquet(file) as opened:
                absent = [name for name in _COLUMNS if name not in opened.schema_arrow.names]
                if absent:
                    raise InputError(f"{file}: no column {absent[0]}; it is not of a release")
                yield from opened.iter_batches(columns=_COLUMNS, use_threads=False)
        except StorageError as error:  # its remedy is that of a stage's own table
            raise InputError(f"{str(error).partition('; ')[0]}; {_WANTED}") from error


def _files(path: Path) -> list[Path]:
    with explained(path):
        if path.is_file():
            return [path]
        examples = path / "data" / "examples"
        found = sorted(examples.glob("*.parquet")) if examples.is_dir() else []
    if not found:
        raise InputError(f"{path}: no data/examples/*.parquet; {_WANTED}")
    return found


def _digest(
    contexts: U64, parts: Parts, by_synset: dict[str, int], by_lemma: dict[str, int]
) -> str:
    digest = hashlib.sha256(contexts.tobytes())
    digest.update(parts.tobytes())
    for masks in (by_synset, by_lemma):
        digest.update("\n".join(f"{name}\0{masks[name]}" for name in sorted(masks)).encode())
    return digest.hexdigest()
