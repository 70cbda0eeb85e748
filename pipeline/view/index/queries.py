"""Questions to an index: lemmas, senses, rows and rejects, a page of a list at a time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from languages.language import Language
from pipeline.view.index.folding import bare_letters
from pipeline.view.index.schema import NONE, OWN, UNKNOWN
from pipeline.view.index.values import CastBallot, Found, LemmaEntry, RejectEntry, RowEntry
from pipeline.view.index.values import SenseEntry as Sense
from schemas.text import units

PAGE_ROWS = 50
COUNTED_AT_MOST = 10_000
"""Hits of a search that are counted; those of a common word are more than anybody reads."""

STATES = ("short", "contested", "bad", "doubted", "rejects")
"""Of a lemma: each is a column that counts what is there to look at."""
SENSE_STATES = ("", "short", "without", "with", "synset", "defined")
"""Of a sense: fewer rows than wanted, none, some; the first of each synset, of each that has a
definition."""
ORDERS = {"senses": "senses DESC, id", "rows": "rows DESC, id", "lemma": "id"}

_ROW = (
    "SELECT r.id, s.sense_id, s.spelling, s.pos, s.supersense, r.tail, r.sentence, r.start,"
    " r.stop, r.votes, f.split, f.judged, f.audited, f.contested, f.doubted"
    " FROM {source} JOIN senses s ON s.id = r.sense JOIN facets f ON f.id = r.facet"
)
_SENSE = (
    "SELECT id AS number, sense_id, synset_id, spelling AS lemma, pos, supersense, gloss, cluster,"
    " ili, princeton, confidence, rows, rejects FROM senses"
)
_WITH_ROWS = (
    "SELECT sense FROM rows WHERE facet IN"
    " (SELECT id FROM facets WHERE instr(',' || ? || ',', ',' || split || ','))"
)
"""The senses that have rows of a part, or of one of several with commas between."""
_REJECT = (
    "SELECT j.stage, j.item, j.code, j.detail, j.text, j.request, s.spelling AS lemma"
    " FROM rejects j LEFT JOIN senses s ON s.id = j.sense"
)


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Which rows are wanted; an empty text means any."""

    split: str = ""
    pos: str = ""
    supersense: str = ""
    judged: str = ""
    audited: str = ""
    contested: str = ""
    doubted: str = ""

    @property
    def given(self) -> dict[str, str]:
        """The conditions by the names of their columns."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in named.items() if value}


class Index:
    """An open index, and the language of its words."""

    def __init__(self, file: sqlite3.Connection, language: Language) -> None:
        self._file, self._language = file, language

    def fact(self, name: str) -> int:
        """A number about the whole."""
        found = self._one("SELECT value FROM facts WHERE name = ?", name)
        return int(json.loads(found["value"])) if found else 0

    # -- lemmas and senses -------------------------------------------------------------------

    def lemma(self, text: str) -> LemmaEntry | None:
        """The lemma of which the text is a spelling."""
        found = self._one("SELECT * FROM lemmas WHERE key = ?", self._language.match_key(text))
        return _lemma(found) if found else None

    def lemmas(
        self,
        order: str,
        state: str,
        pos: str,
        supersense: str,
        page: int,
        parts: Sequence[str] = (),
    ) -> Found[LemmaEntry]:
        """Lemmas in an order, of a state, with a sense of a kind, with rows of parts, if given."""
        conditions, values = _kinds(pos, supersense)
        for part in parts:
            conditions.append(f"id IN (SELECT lemma FROM senses WHERE id IN ({_WITH_ROWS}))")
            values.append(part)
        if state in STATES:
            conditions.append(f"{state} > 0")
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        most = COUNTED_AT_MOST if pos or supersense else -1
        counted = f"SELECT count(*) AS n FROM (SELECT 1 FROM lemmas{where} LIMIT {most})"
        total = self._one(counted, *values)
        n = total["n"] if total else 0
        rows = self._all(
            f"SELECT * FROM lemmas{where} ORDER BY {ORDERS.get(order, 'id')} LIMIT ? OFFSET ?",
            *(*values, PAGE_ROWS, PAGE_ROWS * (page - 1)),
        )
        return Found(tuple(map(_lemma, rows)), n, n == most)

    def lemma_rows(self) -> Iterator[tuple[str, int]]:
        """The key of every lemma, with its number of rows."""
        for row in self._file.execute("SELECT key, rows FROM lemmas ORDER BY id"):
            yield row["key"], row["rows"]

    def beside(self, key: str) -> tuple[str | None, str | None]:
        """The lemmas before and after one, in the order of their spelling."""
        before = "SELECT lemma FROM lemmas WHERE key < ? ORDER BY key DESC LIMIT 1"
        after = "SELECT lemma FROM lemmas WHERE key > ? ORDER BY key LIMIT 1"
        found = [self._one(query, key) for query in (before, after)]
        first, last = (row["lemma"] if row else None for row in found)
        return first, last

    def lemmas_like(self, text: str, bare: bool) -> tuple[LemmaEntry, ...]:
        """Lemmas that begin with a text, the shortest first."""
        key = self._language.match_key(text)
        column, key = ("bare", bare_letters(key)) if bare else ("key", key)
        rows = self._all(
            f"SELECT * FROM lemmas WHERE {column} >= ? AND {column} < ?"
            f" ORDER BY length({column}), senses DESC, id LIMIT 12",
            *(key, f"{key}\U0010ffff"),
        )
        return tuple(map(_lemma, rows))

    def senses(self, key: str) -> tuple[Sense, ...]:
        """The senses of a lemma, those with most rows first."""
        rows = self._all(
            f"{_SENSE} WHERE lemma = (SELECT id FROM lemmas WHERE key = ?)"
            " ORDER BY rows DESC, sense_id",
            key,
        )
        return tuple(Sense(**dict(row)) for row in rows)

    def sense(self, sense_id: str) -> Sense | None:
        """A sense by its id."""
        found = self._one(f"{_SENSE} WHERE sense_id = ?", sense_id)
        return Sense(**dict(found)) if found else None

    def senses_of_kind(
        self, state: str, lemma: str, parts: Sequence[str], page: int
    ) -> Found[Sense]:
        """Senses of a state, of a lemma, of synsets with rows of parts, if these are given."""
        conditions, values = _of_senses("id", self._key(lemma), "")
        told = {
            "short": f"rows < {self.fact('wanted')}",
            "without": "rows = 0",
            "with": "rows > 0",
            "defined": "gloss IS NOT NULL",
        }
        conditions += [told[state]] if state in told else []
        for part in parts:
            such = f"SELECT synset_id FROM senses WHERE id IN ({_WITH_ROWS})"
            conditions.append(f"synset_id IN ({such})")
            values.append(part)
        if state in ("synset", "defined"):
            such = f" WHERE {' AND '.join(conditions)}" if conditions else ""
            conditions = [f"id IN (SELECT min(id) FROM senses{such} GROUP BY synset_id)"]
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        total = self._one(f"SELECT count(*) AS n FROM senses{where}", *values)
        rows = self._all(
            f"{_SENSE}{where} ORDER BY id LIMIT ? OFFSET ?",
            *(*values, PAGE_ROWS, PAGE_ROWS * (page - 1)),
        )
        return Found(tuple(Sense(**dict(row)) for row in rows), total["n"] if total else 0)

    def kinds(self, column: str) -> tuple[str, ...]:
        """The parts of speech, or supersenses, that there are."""
        found = self._one("SELECT value FROM facts WHERE name = ?", column)
        return tuple(json.loads(found["value"])) if found else ()

    # -- rows --------------------------------------------------------------------------------

    def row(self, context_id: str) -> RowEntry | None:
        """The row of an id, whatever characters it has."""
        tail = f"@{context_id.rpartition('@')[2]}"
        found = self._all(f"{_from('rows r')} WHERE r.tail IN (?, ?)", tail, context_id)
        rows = (self._row(row) for row in found)
        return next((row for row in rows if row.context_id == context_id), None)

    def rows_of(self, sense: Sense, page: int, size: int) -> tuple[RowEntry, ...]:
        """Rows of a sense."""
        found = self._all(
            f"{_from('rows r')} WHERE r.sense = ? ORDER BY r.id LIMIT ? OFFSET ?",
            *(sense.number, size, size * (page - 1)),
        )
        return tuple(map(self._row, found))

    def rows(
        self, wanted: RowFilter, page: int, lemma: str = "", sense: str = ""
    ) -> Found[RowEntry]:
        """Rows that meet conditions, those of one kind together; of a lemma or sense, if given."""
        facets = self._facets(wanted)
        marks = ", ".join("?" * len(facets))
        if lemma or sense:
            conditions, values = _of_senses("r.sense", self._key(lemma), sense)
            where = f"WHERE {' AND '.join(conditions)} AND r.facet IN ({marks})"
            total = self._one(f"SELECT count(*) AS n FROM rows r {where}", *values, *facets)
            found = self._all(
                f"{_from('rows r')} {where} ORDER BY r.sense, r.id LIMIT ? OFFSET ?",
                *(*values, *facets, PAGE_ROWS, PAGE_ROWS * (page - 1)),
            )
            return Found(tuple(map(self._row, found)), total["n"] if total else 0)
        found = self._all(
            f"{_from('rows r')} WHERE r.id IN (SELECT id FROM rows WHERE facet IN ({marks})"
            " ORDER BY facet, id LIMIT ? OFFSET ?) ORDER BY r.facet, r.id",
            *(*facets, PAGE_ROWS, PAGE_ROWS * (page - 1)),
        )
        return Found(tuple(map(self._row, found)), sum(facets.values()))

    def count(self, wanted: RowFilter) -> int:
        """How many rows meet conditions."""
        return sum(self._facets(wanted).values())

    def counted_by(self, column: str, wanted: RowFilter) -> dict[str, int]:
        """How many rows that meet conditions have each value of a column."""
        assert column in RowFilter.__dataclass_fields__
        where, values = _conditions(wanted)
        query = f"SELECT {column}, sum(rows) FROM facets{where} GROUP BY 1 ORDER BY 2 DESC, 1"
        return {str(row[0]): row[1] for row in self._all(query, *values)}

    def search(self, text: str, bare: bool, wanted: RowFilter, page: int) -> Found[RowEntry]:
        """Rows whose sentence holds the words of a text in this order; ``bare``: marks or none."""
        phrase = _phrase(self._language.match_key(text), bare)
        if phrase is None:
            return Found((), 0)
        hits = f"(SELECT rowid FROM words WHERE words MATCH ? LIMIT {COUNTED_AT_MOST + 1})"
        facets = self._facets(wanted) if wanted.given else {}
        inner, values = f"SELECT rowid AS id FROM {hits}", [phrase]
        if wanted.given:
            marks = ", ".join("?" * len(facets))
            inner = f"SELECT id FROM rows WHERE id IN {hits} AND facet IN ({marks})"
            values += [str(each) for each in facets]
        total = self._one(f"SELECT count(*) AS n FROM {hits}", phrase)
        n_hits = total["n"] if total else 0
        if wanted.given:
            total = self._one(f"SELECT count(*) AS n FROM ({inner})", *values)
        found = self._all(
            f"{_from('rows r')} WHERE r.id IN ({inner} ORDER BY id LIMIT ? OFFSET ?) ORDER BY r.id",
            *(*values, PAGE_ROWS, PAGE_ROWS * (page - 1)),
        )
        n = min(total["n"] if total else 0, COUNTED_AT_MOST)
        return Found(tuple(map(self._row, found)), n, n_hits > COUNTED_AT_MOST)

    def _facets(self, wanted: RowFilter) -> dict[int, int]:
        where, values = _conditions(wanted)
        return {row[0]: row[1] for row in self._all(f"SELECT id, rows FROM facets{where}", *values)}

    def _row(self, row: sqlite3.Row) -> RowEntry:
        tail = row["tail"]
        return RowEntry(
            context_id=f"{row['sense_id']}{tail}" if tail.startswith("@") else tail,
            sense_id=row["sense_id"],
            lemma=row["spelling"],
            pos=row["pos"],
            supersense=row["supersense"],
            sentence=row["sentence"],
            start=row["start"],
            stop=row["stop"],
            split=row["split"],
            judged=row["judged"],
            audited=row["audited"],
            contested=bool(row["contested"]),
            doubted=bool(row["doubted"]),
            votes=tuple(self._ballot(v, row["sense_id"]) for v in row["votes"].split(",") if v),
        )

    def _ballot(self, vote: str, own: str) -> CastBallot:
        judge, _, choice = vote.partition("=")
        name = self._one("SELECT text FROM names WHERE id = ?", int(judge))
        if choice in (OWN, NONE, UNKNOWN):
            chosen = {OWN: own, NONE: None}.get(choice, UNKNOWN)
        else:
            found = self._one("SELECT sense_id FROM senses WHERE id = ?", int(choice))
            chosen = found["sense_id"] if found else None
        return CastBallot(name["text"] if name else "?", choice == OWN, chosen)

    # -- rejects -----------------------------------------------------------------------------

    def reject_codes(self, stage: str = "") -> dict[tuple[str, str], int]:
        """How often each code was given, by stage and code; the most frequent first."""
        where, values = (" WHERE stage = ?", (stage,)) if stage else ("", ())
        query = f"SELECT stage, code, count(*) FROM rejects{where} GROUP BY 1, 2 ORDER BY 3 DESC"
        return {(row[0], row[1]): row[2] for row in self._all(query, *values)}

    def rejects(
        self,
        stage: str,
        code: str,
        page: int,
        size: int = PAGE_ROWS,
        lemma: str = "",
        sense: str = "",
    ) -> Found[RejectEntry]:
        """What was dropped by a stage, with a code, of a lemma's senses or one, if given."""
        given = {"j.stage": stage, "j.code": code}
        conditions, values = _of_senses("j.sense", self._key(lemma), sense)
        conditions += [f"{name} = ?" for name, value in given.items() if value]
        values += [value for value in given.values() if value]
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        total = self._one(f"SELECT count(*) AS n FROM rejects j{where}", *values)
        found = self._all(
            f"{_REJECT}{where} ORDER BY j.id LIMIT ? OFFSET ?",
            *(*values, size, size * (page - 1)),
        )
        return Found(tuple(_reject(row) for row in found), total["n"] if total else 0)

    def rejects_of(self, senses: Sequence[Sense], most: int) -> tuple[RejectEntry, ...]:
        """What was dropped of some senses and of their synsets."""
        own, synsets = [s.number for s in senses], sorted({s.synset_id for s in senses})
        marks = (", ".join("?" * len(own)), ", ".join("?" * len(synsets)))
        found = self._all(
            f"{_REJECT} WHERE j.sense IN ({marks[0]})"
            f" OR (j.sense IS NULL AND j.synset IN ({marks[1]})) ORDER BY j.id LIMIT ?",
            *(*own, *synsets, most),
        )
        return tuple(map(_reject, found))

    def _key(self, lemma: str) -> str:
        return self._language.match_key(lemma) if lemma else ""

    def _all(self, query: str, *values: Any) -> list[sqlite3.Row]:
        return self._file.execute(query, values).fetchall()

    def _one(self, query: str, *values: Any) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self._file.execute(query, values).fetchone()
        return found


def _from(source: str) -> str:
    return _ROW.format(source=source)


def _lemma(row: sqlite3.Row) -> LemmaEntry:
    return LemmaEntry(*(row[field.name] for field in fields(LemmaEntry)))


def _reject(row: sqlite3.Row) -> RejectEntry:
    return RejectEntry(**dict(row))


def _of_senses(column: str, key: str, sense: str) -> tuple[list[str], list[Any]]:
    """That a column is the number of a sense of a lemma, or of one sense, if these are given."""
    lemma = "(SELECT id FROM lemmas WHERE key = ?)"
    given = {
        f"{column} IN (SELECT id FROM senses WHERE lemma = {lemma})": key,
        f"{column} = (SELECT id FROM senses WHERE sense_id = ?)": sense,
    }
    return [c for c, value in given.items() if value], [v for v in given.values() if v]


def _kinds(pos: str, supersense: str) -> tuple[list[str], list[str]]:
    given = {"pos": pos, "supersense": supersense}
    wanted = [f"{name} = ?" for name, value in given.items() if value]
    if not wanted:
        return [], []
    inner = f"EXISTS (SELECT 1 FROM kinds WHERE lemma = lemmas.id AND {' AND '.join(wanted)})"
    return [inner], [value for value in given.values() if value]


def _conditions(wanted: RowFilter) -> tuple[str, list[str]]:
    given = wanted.given
    where = f" WHERE {' AND '.join(f'{name} = ?' for name in given)}" if given else ""
    return where, list(given.values())


def _phrase(key: str, bare: bool) -> str | None:
    """A text as FTS5 takes a phrase of one column; None without a word in it."""
    words = units(bare_letters(key) if bare else key)
    if not words:
        return None
    return f'{"bare" if bare else "exact"} : "{" ".join(words)}"'
