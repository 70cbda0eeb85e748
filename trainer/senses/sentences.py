"""A corpus as sentences whose words are known, on disk: cut once, read from anywhere."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from languages.boundaries import sentences_of
from languages.language import Language
from languages.segmentation import Segmenter
from schemas.errors import InputError
from schemas.files import explained, replacing
from trainer.progress import progress_of
from trainer.senses.corpus import Document
from trainer.text.words import Word, words_of

SHARD = 200_000
"""A shard of sentences is made of so many characters of whole documents, or a few more."""


@dataclass(frozen=True, slots=True)
class WordedSentence:
    """A sentence of a document, and where each of its words stands."""

    document: str
    text: str
    spans: tuple[tuple[int, int], ...]

    def word(self, at: int) -> Word:
        """A word as it stands in the text."""
        start, end = self.spans[at]
        spaced = start > 0 and self.text[start - 1].isspace()
        return Word(self.text[start:end], spaced, start > 0 and not spaced)

    @property
    def words(self) -> tuple[Word, ...]:
        """All words, in order."""
        return tuple(self.word(at) for at in range(len(self.spans)))


def worded(
    document: Document, language: Language, segment: Segmenter, most_words: int
) -> Iterator[WordedSentence]:
    """The document's sentences; a longer one than ``most_words`` is cut into several."""
    for line in document.lines:
        for text in sentences_of(line, language.sentences):
            spans = _spans(text, segment)
            for at in range(0, len(spans), most_words):
                part = spans[at : at + most_words]
                first, last = part[0][0], part[-1][1]
                moved = tuple((start - first, end - first) for start, end in part)
                yield WordedSentence(document.name, text[first:last], moved)


def _spans(text: str, segment: Segmenter) -> list[tuple[int, int]]:
    """Where the words of a text stand: nothing but white space lies between them."""
    spans, at = [], 0
    for word in words_of(text, segment):
        start = text.index(word.text, at)
        at = start + len(word.text)
        spans.append((start, at))
    return spans


class SentenceStore:
    """The sentences of a corpus by their number, in files that are mapped into memory."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)

    @cached_property
    def _shards(self) -> list[tuple[mmap.mmap, NDArray[np.int64]]]:
        found = []
        for path in self.paths:
            with explained(path), open(path, "rb") as file:
                content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            ends = np.flatnonzero(np.frombuffer(content, dtype=np.uint8) == ord("\n")) + 1
            found.append((content, np.concatenate([[0], ends]).astype(np.int64)))
        return found

    @cached_property
    def _firsts(self) -> list[int]:
        return [0, *accumulate(len(ends) - 1 for _, ends in self._shards)]

    def __len__(self) -> int:
        return self._firsts[-1]

    def sizes(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """About how long those sentences are."""
        lengths = np.concatenate([np.diff(ends) for _, ends in self._shards])
        return np.asarray(lengths[numbers])

    def __getitem__(self, number: int) -> WordedSentence:
        shard = int(np.searchsorted(self._firsts, number, side="right")) - 1
        content, starts = self._shards[shard]
        at = number - self._firsts[shard]
        try:
            document, text, spans = orjson.loads(content[int(starts[at]) : int(starts[at + 1])])
        except (orjson.JSONDecodeError, ValueError) as error:
            raise InputError(
                f"{self.paths[shard]}: damaged ({error}): delete it and start again"
            ) from error
        return WordedSentence(document, text, tuple((a, b) for a, b in spans))


def sentence_store(
    corpus: Iterable[Document],
    folder: Path,
    language: Language,
    segment: Segmenter,
    most_words: int,
    n_characters: int,
) -> SentenceStore:
    """The corpus's sentences, from ``folder`` or cut into it.

    A killed run goes on at its last file. ``n_characters`` is the length of the task. Raises
    InputError for a corpus without words.
    """
    paths: list[Path] = []
    with progress_of("cutting the corpus into words", n_characters) as advance:
        for number, part in enumerate(_parts(corpus)):
            path = folder / f"{number:05d}.jsonl"
            if not path.exists():
                with replacing(path) as temporary, open(temporary, "wb") as file:
                    for document in part:
                        for sentence in worded(document, language, segment, most_words):
                            row = [sentence.document, sentence.text, sentence.spans]
                            file.write(orjson.dumps(row) + b"\n")
            paths.append(path)
            advance(sum(document.size for document in part))
    store = SentenceStore([path for path in paths if path.stat().st_size])
    if not store.paths:
        raise InputError(
            "the corpus has no words: name text files in [senses] corpus, or fill the release"
        )
    return store


def _parts(corpus: Iterable[Document]) -> Iterator[list[Document]]:
    part: list[Document] = []
    size = 0
    for document in corpus:
        part.append(document)
        size += document.size
        if size >= SHARD:
            yield part
            part, size = [], 0
    if part:
        yield part
