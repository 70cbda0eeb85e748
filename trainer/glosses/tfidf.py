"""Gloss vectors without any weights: TF-IDF over units and character n-grams, then SVD."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Self

import numpy as np
import orjson
from numpy.typing import NDArray

from languages.language import Language
from schemas.files import explained, replacing
from schemas.ids import content_digest
from schemas.text import units

_VERSION = "1"
_NGRAMS = (3, 4)
_BATCH = 4096
_VOCABULARY = "gloss_terms.json"
_ARRAYS = "gloss_tfidf.safetensors"


def terms(text: str, language: Language) -> Iterator[str]:
    """The terms of a text: units, pairs of units, character n-grams inside units."""
    found = units(language.match_key(text))
    yield from found
    yield from (f"{left} {right}" for left, right in pairwise(found))
    for unit in found:
        marked = f"<{unit}>"
        for n in _NGRAMS:
            yield from (f"#{marked[i : i + n]}" for i in range(len(marked) - n + 1))


class TfidfEncoder:
    """(1 + log tf) * idf, rows of length 1, projected on the first right singular vectors."""

    def __init__(
        self,
        columns: dict[str, int],
        idf: NDArray[np.float32],
        axes: NDArray[np.float32],
        language: Language,
    ) -> None:
        self._columns = columns
        self._idf = idf
        self._axes = axes
        self._language = language

    @classmethod
    def fit(cls, texts: Sequence[str], width: int, language: Language) -> Self:
        """Fitted on the distinct texts; vectors are padded with zeros where text is scarce."""
        from scipy.sparse.linalg import svds

        distinct = sorted(set(texts))
        frequency = Counter(term for text in distinct for term in set(terms(text, language)))
        kept = sorted(term for term, n in frequency.items() if n > 1 or len(distinct) < 50)
        columns = {term: at for at, term in enumerate(kept)}
        counts = np.array([frequency[term] for term in kept], dtype=np.float64)
        idf = np.log((1 + len(distinct)) / (1 + counts)) + 1.0
        nothing = np.zeros((width, 0), dtype=np.float32)
        encoder = cls(columns, idf.astype(np.float32), nothing, language)
        matrix = encoder._matrix(distinct)
        rank = min(width, min(matrix.shape) - 1)
        axes = np.zeros((width, len(kept)), dtype=np.float32)
        if rank > 0:
            start = np.random.default_rng(0).standard_normal(min(matrix.shape))
            _, _, right = svds(matrix.astype(np.float64), k=rank, v0=start)
            right = right[::-1]
            signs = np.sign(right[np.arange(rank), np.abs(right).argmax(axis=1)])
            axes[:rank] = right * signs[:, None]
        encoder._axes = axes
        return encoder

    @property
    def width(self) -> int:
        """The length of a vector."""
        return int(self._axes.shape[0])

    @property
    def fingerprint(self) -> str:
        """A digest over vocabulary, weights and axes."""
        return content_digest(
            "tfidf",
            _VERSION,
            "\n".join(self._columns),
            self._idf.tobytes().hex(),
            self._axes.tobytes().hex(),
        )

    def _matrix(self, texts: Sequence[str]):  # type: ignore[no-untyped-def]
        from scipy.sparse import csr_matrix

        data: list[float] = []
        indices: list[int] = []
        ends = [0]
        for text in texts:
            counts = Counter(t for t in terms(text, self._language) if t in self._columns)
            at = [self._columns[term] for term in counts]
            values = (1.0 + np.log(list(counts.values()))) * self._idf[at] if at else np.zeros(0)
            norm = float(np.linalg.norm(values)) or 1.0
            data.extend(values / norm)
            indices.extend(at)
            ends.append(len(indices))
        shape = (len(texts), len(self._columns))
        return csr_matrix((data, indices, ends), shape=shape, dtype=np.float32)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, width) vectors; a text without known terms is the zero vector."""
        out = np.zeros((len(texts), self.width), dtype=np.float32)
        for at in range(0, len(texts), _BATCH):
            batch = texts[at : at + _BATCH]
            out[at : at + len(batch)] = self._matrix(batch) @ self._axes.T
        return out

    def save(self, folder: Path) -> dict[str, object]:
        """Writes vocabulary and arrays; no pickles."""
        from safetensors.numpy import save_file

        with replacing(folder / _VOCABULARY) as temporary:
            temporary.write_bytes(orjson.dumps(list(self._columns)))
        with replacing(folder / _ARRAYS) as temporary:
            save_file({"idf": self._idf, "axes": np.ascontiguousarray(self._axes)}, temporary)
        return {"kind": "tfidf", "width": self.width}

    @classmethod
    def load(cls, folder: Path, language: Language) -> Self:
        """The encoder written by :meth:`save`."""
        from safetensors.numpy import load_file

        with explained(folder):
            kept = orjson.loads((folder / _VOCABULARY).read_bytes())
            arrays = load_file(folder / _ARRAYS)
        columns = {term: at for at, term in enumerate(kept)}
        return cls(columns, arrays["idf"], arrays["axes"], language)
