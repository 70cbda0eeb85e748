"""What became of the rows of one data set in another: two indexes, side by side."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pipeline.view.index.shelf import opened

KINDS = ("added", "dropped", "moved", "kept")
"""Of rows."""
SENSES = ("senses_added", "senses_dropped", "glosses")
"""Of senses: in one alone, or in both with another definition."""
LISTED = 5_000
"""Rows and senses of each kind that are listed."""
_OF = "{a}.rows r JOIN {a}.senses s ON s.id = r.sense JOIN {a}.facets f ON f.id = r.facet"
_SHOWN = "s.sense_id, s.spelling, s.pos, r.sentence, r.start, r.stop"
_WITH = (
    " JOIN {b}.rows q ON q.tail = r.tail JOIN {b}.senses t ON t.id = q.sense"
    " AND t.sense_id = s.sense_id JOIN {b}.facets g ON g.id = q.facet"
)
_NOT_IN = (
    " WHERE NOT EXISTS (SELECT 1 FROM {b}.rows q JOIN {b}.senses t ON t.id = q.sense"
    " WHERE q.tail = r.tail AND t.sense_id = s.sense_id)"
)
_NOW, _BEFORE = {"a": "main", "b": "other"}, {"a": "other", "b": "main"}


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row that only one of two data sets has, or that has another part in each."""

    sense_id: str
    lemma: str
    pos: str
    sentence: str
    start: int
    stop: int
    before: str
    now: str

    @property
    def parts(self) -> tuple[str, str, str]:
        """What stands before the target, the target, and what stands after it."""
        text = self.sentence
        return text[: self.start], text[self.start : self.stop], text[self.stop :]


@dataclass(frozen=True, slots=True)
class ChangedSense:
    """A sense that only one of two data sets has, or that is defined otherwise in each."""

    sense_id: str
    lemma: str
    pos: str
    before: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Counts by kind, and the first rows and senses of each."""

    counts: dict[str, int]
    rows: dict[str, tuple[ChangedRow, ...]]
    senses: dict[str, tuple[ChangedSense, ...]]
    moves: tuple[tuple[str, str, int], ...]


def compare(now: Path, before: Path) -> Comparison:
    """Compares the index of a data set with that of an earlier one."""
    with opened(now) as file:
        file.execute("ATTACH ? AS other", (f"file:{quote(str(before))}?mode=ro&immutable=1",))
        added, dropped = (_only(file, sides) for sides in (_NOW, _BEFORE))
        joined = f"FROM {_OF}{_WITH}".format(**_NOW)
        shown = f"SELECT {_SHOWN}, g.split, f.split {joined} WHERE f.split {{}} g.split"
        moves = file.execute(
            f"SELECT g.split, f.split, count(*) {joined} WHERE f.split != g.split GROUP BY 1, 2"
        ).fetchall()
        moved = [  # of each move the first ones, so that none is crowded out
            row
            for one, other, _ in moves
            for row in file.execute(
                f"{shown.format('!=')} AND g.split = ? AND f.split = ? LIMIT {LISTED}", (one, other)
            )
        ]
        kept = file.execute(f"{shown.format('=')} LIMIT {LISTED}").fetchall()
        total = file.execute("SELECT count(*) FROM main.rows").fetchone()[0]
        senses = {kind: _senses(file, kind) for kind in SENSES}
    n_moved = sum(row[2] for row in moves)
    counts = {
        "added": added[0],
        "dropped": dropped[0],
        "moved": n_moved,
        "kept": total - added[0] - n_moved,
    }
    return Comparison(
        counts=counts | {kind: n for kind, (n, _) in senses.items()},
        rows={
            "added": tuple(ChangedRow(*(*row[:-1], "", row[-1])) for row in added[1]),
            "dropped": tuple(ChangedRow(*(*row, "")) for row in dropped[1]),
            "moved": tuple(ChangedRow(*row) for row in moved),
            "kept": tuple(ChangedRow(*row) for row in kept),
        },
        senses={kind: rows for kind, (_, rows) in senses.items()},
        moves=tuple((row[0], row[1], row[2]) for row in moves),
    )


_OTHERWISE = (
    "main.senses s JOIN other.senses t ON t.sense_id = s.sense_id WHERE s.gloss IS NOT t.gloss"
)
_ALONE = "{a}.senses s WHERE NOT EXISTS (SELECT 1 FROM {b}.senses t WHERE t.sense_id = s.sense_id)"
_SENSES = {
    "senses_added": ("NULL, s.gloss", _ALONE.format(**_NOW)),
    "senses_dropped": ("s.gloss, NULL", _ALONE.format(**_BEFORE)),
    "glosses": ("t.gloss, s.gloss", _OTHERWISE),
}
"""By kind: the definitions before and now, and where the senses are."""


def _senses(file: sqlite3.Connection, kind: str) -> tuple[int, tuple[ChangedSense, ...]]:
    """How many senses are of a kind, and the first of them."""
    glosses, where = _SENSES[kind]
    count = file.execute(f"SELECT count(*) FROM {where}").fetchone()[0]
    rows = file.execute(
        f"SELECT s.sense_id, s.spelling, s.pos, {glosses} FROM {where} ORDER BY s.id LIMIT {LISTED}"
    ).fetchall()
    return count, tuple(ChangedSense(*row) for row in rows)


def _only(file: sqlite3.Connection, sides: dict[str, str]) -> tuple[int, list[sqlite3.Row]]:
    """How many rows only one side has, and the first of them."""
    where = f"FROM {_OF}{_NOT_IN}".format(**sides)
    count = file.execute(f"SELECT count(*) {where}").fetchone()[0]
    rows = file.execute(f"SELECT {_SHOWN}, f.split {where} LIMIT {LISTED}").fetchall()
    return count, rows
