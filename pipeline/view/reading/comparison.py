"""What became of the rows of one data set in another: two indexes, side by side."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pipeline.view.index.shelf import opened

KINDS = ("added", "dropped", "moved")
LISTED = 5_000
"""Rows of each kind that are listed."""
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
class Comparison:
    """Counts, and the first rows of each kind."""

    kept: int
    counts: dict[str, int]
    rows: dict[str, tuple[ChangedRow, ...]]
    moves: tuple[tuple[str, str, int], ...]
    glosses: int
    """Senses of both whose definition is another one."""
    senses: dict[str, int]
    """Senses that only the one or the other has, under ``added`` and ``dropped``."""


def compare(now: Path, before: Path) -> Comparison:
    """Compares the index of a data set with that of an earlier one."""
    with opened(now) as file:
        file.execute("ATTACH ? AS other", (f"file:{quote(str(before))}?mode=ro&immutable=1",))
        added, dropped = (_only(file, sides) for sides in (_NOW, _BEFORE))
        joined = f"FROM {_OF}{_WITH}".format(**_NOW)
        moves = file.execute(
            f"SELECT g.split, f.split, count(*) {joined} WHERE f.split != g.split GROUP BY 1, 2"
        ).fetchall()
        moved = file.execute(
            f"SELECT {_SHOWN}, g.split, f.split {joined} WHERE f.split != g.split LIMIT {LISTED}"
        ).fetchall()
        total = file.execute("SELECT count(*) FROM main.rows").fetchone()[0]
        glosses = file.execute(
            "SELECT count(*) FROM main.senses s JOIN other.senses t ON t.sense_id = s.sense_id"
            " WHERE s.gloss IS NOT t.gloss"
        ).fetchone()[0]
        senses = {
            kind: file.execute(
                "SELECT count(*) FROM {a}.senses s WHERE NOT EXISTS (SELECT 1 FROM {b}.senses t"
                " WHERE t.sense_id = s.sense_id)".format(**sides)
            ).fetchone()[0]
            for kind, sides in (("added", _NOW), ("dropped", _BEFORE))
        }
    n_moved = sum(row[2] for row in moves)
    return Comparison(
        kept=total - added[0] - n_moved,
        counts={"added": added[0], "dropped": dropped[0], "moved": n_moved},
        rows={
            "added": tuple(ChangedRow(*(*row[:-1], "", row[-1])) for row in added[1]),
            "dropped": tuple(ChangedRow(*(*row, "")) for row in dropped[1]),
            "moved": tuple(ChangedRow(*row) for row in moved),
        },
        moves=tuple((row[0], row[1], row[2]) for row in moves),
        glosses=glosses,
        senses=senses,
    )


def _only(file: sqlite3.Connection, sides: dict[str, str]) -> tuple[int, list[sqlite3.Row]]:
    """How many rows only one side has, and the first of them."""
    where = f"FROM {_OF}{_NOT_IN}".format(**sides)
    count = file.execute(f"SELECT count(*) {where}").fetchone()[0]
    rows = file.execute(f"SELECT {_SHOWN}, f.split {where} LIMIT {LISTED}").fetchall()
    return count, rows
