"""Makes an index from tables: one pass, batch by batch, under a temporary name."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.view.index.folding import bare_letters
from pipeline.view.index.schema import INDEXES, NONE, OWN, TABLES, UNKNOWN
from pipeline.view.index.tables import Tables
from schemas.errors import StorageError
from schemas.files import replacing
from schemas.ids import sense_of, synset_of

SUSPICIOUS = 0.5
"""A row to whose sense a model gives less than this is doubted."""
_JUDGED, _AUDITED = "unjudged", "unaudited"
Facet = tuple[str, str, str, str, str, bool, bool]


def build_index(
    path: Path,
    tables: Tables,
    doubts: Mapping[str, float],
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Writes the index of the tables to ``path``; ``progress`` is told the rows done so far.

    ``doubts`` is a model's probability of a row's sense, by context id.
    """
    with replacing(path) as temporary:
        try:
            with closing(sqlite3.connect(temporary, isolation_level=None)) as file:
                for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -32000"):
                    file.execute(f"PRAGMA {pragma}")
                file.executescript(TABLES)
                file.execute("BEGIN")
                _Builder(file, tables, doubts, progress).build()
                file.execute("COMMIT")
                file.executescript(INDEXES)
                file.execute("ANALYZE")
        except sqlite3.Error as error:
            raise StorageError(f"{path}: the index cannot be written ({error})") from error


class _Builder:
    """The numbers that names have got so far, and the counts of what was seen."""

    def __init__(
        self,
        file: sqlite3.Connection,
        tables: Tables,
        doubts: Mapping[str, float],
        progress: Callable[[int], None],
    ) -> None:
        self._file, self._tables, self._doubts, self._progress = file, tables, doubts, progress
        self._key = tables.language.match_key
        self._sense: dict[str, int] = {}
        self._synset: dict[str, int] = {}
        self._lemma_of: list[int] = [0]
        self._kind: list[tuple[str, str]] = [("", "")]
        self._names: dict[str, int] = {}
        self._facets: dict[Facet, int] = {}
        self._facet_rows: Counter[int] = Counter()
        self._rows_of: Counter[int] = Counter()
        self._contested: Counter[int] = Counter()
        self._bad: Counter[int] = Counter()
        self._doubted: Counter[int] = Counter()
        self._rejects_of: Counter[int] = Counter()
        self._n_rows = 0

    def build(self) -> None:
        """Fills all tables."""
        lemmas = self._senses()
        for batch in self._tables.batches():
            self._rows(batch)
            self._progress(self._n_rows)
        self._rejects()
        self._finish(lemmas)

    def _senses(self) -> dict[str, tuple[int, str]]:
        """Writes the senses, and returns each lemma's number and spelling by its key, in order."""
        spelling: dict[str, str] = {}
        for lemma in self._tables.lemmas():
            spelling.setdefault(self._key(lemma), lemma)
        ordered = {key: (at, spelling[key]) for at, key in enumerate(sorted(spelling), start=1)}

        def rows() -> Iterator[tuple[Any, ...]]:
            for at, s in enumerate(self._tables.inventory(), start=1):
                lemma = ordered[self._key(s.lemma)][0]
                self._sense[s.sense_id] = at
                self._synset.setdefault(s.synset_id, at)
                self._lemma_of.append(lemma)
                self._kind.append((s.pos.value, sys.intern(s.supersense)))
                told = s.synset_id, lemma, s.lemma, s.pos.value, s.supersense, s.gloss, s.cluster
                yield (at, s.sense_id, *told, s.ili, s.princeton, s.link_confidence, 0, 0)

        self._insert("senses", 14, rows())
        return ordered

    def _rows(self, batch: pa.RecordBatch) -> None:
        columns = {name: batch[name].to_pylist() for name in batch.schema.names}
        n = batch.num_rows
        ids, senses = columns["context_id"], columns["sense_id"]
        sentences = columns["sentence"]
        votes = columns.get("votes") or [None] * n
        judged, audited = columns.get("judged") or [_JUDGED] * n, columns.get("audited")
        splits, audited = columns.get("split") or [""] * n, audited or [_AUDITED] * n
        first = self._n_rows + 1
        rows, words = [], []
        for at in range(n):
            sense = self._sense.get(senses[at], 0)
            told, contested = self._votes(votes[at], senses[at])
            doubted = self._doubts.get(ids[at], 1.0) < SUSPICIOUS if self._doubts else False
            kind = (splits[at], *self._kind[sense], judged[at], audited[at], contested, doubted)
            facet = self._facets.setdefault(kind, len(self._facets) + 1)
            self._count(sense, facet, contested, audited[at] == "bad", doubted)
            prefix = f"{senses[at]}@"
            tail = ids[at][len(prefix) - 1 :] if ids[at].startswith(prefix) else ids[at]
            rows.append(
                (
                    *(first + at, sense, tail, sentences[at]),
                    *(columns["target_start"][at], columns["target_end"][at], facet, told),
                )
            )
            key = self._key(sentences[at])
            words.append((first + at, key, bare_letters(key)))
        self._insert("rows", 8, rows)
        self._file.executemany("INSERT INTO words (rowid, exact, bare) VALUES (?, ?, ?)", words)
        self._n_rows += n

    def _count(self, sense: int, facet: int, contested: bool, bad: bool, doubted: bool) -> None:
        lemma = self._lemma_of[sense]
        self._facet_rows[facet] += 1
        self._rows_of[sense] += 1
        self._contested[lemma] += contested
        self._bad[lemma] += bad
        self._doubted[lemma] += doubted

    def _votes(self, votes: list[dict[str, Any]] | None, own: str) -> tuple[str, bool]:
        """A row's votes as text, and whether one of them is against its sense."""
        if not votes:
            return "", False
        told, contested = [], False
        for vote in votes:
            judge = self._names.setdefault(vote["judge"], len(self._names) + 1)
            chosen = vote["sense_id"]
            choice = OWN if chosen == own else NONE
            if chosen is not None and chosen != own:
                choice = str(self._sense.get(chosen, UNKNOWN))
            contested |= choice != OWN
            told.append(f"{judge}={choice}")
        return ",".join(told), contested

    def _rejects(self) -> None:
        rows = []
        for stage, reject in self._tables.rejected():
            of = reject.item_id
            sense = self._sense.get(of) or self._sense.get(sense_of(of))
            synset = synset_of(of)
            if sense:
                self._rejects_of[sense] += 1
            request = reject.provenance.request_key if reject.provenance else None
            told = reject.code, reject.detail, reject.text
            known = synset if synset in self._synset else None
            rows.append((stage, of, *told, request, sense, known))
        self._file.executemany(
            "INSERT INTO rejects (stage, item, code, detail, text, request, sense, synset)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )

    def _finish(self, lemmas: dict[str, tuple[int, str]]) -> None:
        counted = [(self._rows_of[at], self._rejects_of[at], at) for at in self._sense.values()]
        self._file.executemany("UPDATE senses SET rows = ?, rejects = ? WHERE id = ?", counted)
        senses: Counter[int] = Counter()
        rows: Counter[int] = Counter()
        short: Counter[int] = Counter()
        rejects: Counter[int] = Counter()
        for n_rows, n_rejects, at in counted:
            lemma = self._lemma_of[at]
            senses[lemma] += 1
            rows[lemma] += n_rows
            rejects[lemma] += n_rejects
            short[lemma] += n_rows < self._tables.wanted
        self._insert(
            "lemmas",
            11,
            (
                (
                    *(n, key, bare_letters(key), spelling, senses[n], rows[n], short[n]),
                    *(self._contested[n], self._bad[n], self._doubted[n], rejects[n]),
                )
                for key, (n, spelling) in lemmas.items()
            ),
        )
        kinds = {
            (lemma, *kind) for lemma, kind in zip(self._lemma_of[1:], self._kind[1:], strict=True)
        }
        self._insert("kinds", 3, sorted(kinds))
        facets = ((at, *kind, self._facet_rows[at]) for kind, at in self._facets.items())
        self._insert("facets", 9, facets)
        self._insert("names", 2, ((at, name) for name, at in self._names.items()))
        facts = {
            "rows": self._n_rows,
            "lemmas": len(lemmas),
            "doubts": len(self._doubts),
            "wanted": self._tables.wanted,
            "pos": sorted({pos for _, pos, _ in kinds}),
            "supersense": sorted({supersense for _, _, supersense in kinds}),
        }
        self._insert("facts", 2, ((name, json.dumps(value)) for name, value in facts.items()))

    def _insert(self, table: str, width: int, rows: Iterable[tuple[Any, ...]]) -> None:
        marks = ", ".join("?" * width)
        self._file.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
