"""The table of contexts in pieces, and how much of it is in memory at a time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from schemas.records import Context
from schemas.tables import row_groups


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is in memory at a time, and so how much a worker does at a time.

    Nothing of the outcome depends on it. Tests make it small.
    """

    rows_in_a_piece: int = 1 << 17
    sentences_in_a_part: int = 1 << 18
    rows_in_a_part: int = 1 << 19
    """Of a split, whose parts have so many rows of 17 bytes."""
    postings_in_a_part: int = 1 << 20
    first_round: int = 512


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive row groups of the table of contexts."""

    number: int
    start: int
    """The number of its first row in the table."""
    n_rows: int
    groups: tuple[int, ...]
    between: tuple[str, str] | None
    """The least and the greatest context id, where the file says."""

    @property
    def rows(self) -> slice:
        """Its rows in the table."""
        return slice(self.start, self.start + self.n_rows)


def pieces_of(contexts: Path, record: type[Context], rows_in_a_piece: int) -> list[Piece]:
    """The whole table; a piece has as many row groups as that many rows allow, or one."""
    pieces: list[Piece] = []
    for number, group in enumerate(row_groups(contexts, record, "context_id")):
        last = pieces[-1] if pieces else None
        if last is None or last.n_rows + group.n_rows > rows_in_a_piece:
            start = last.rows.stop if last else 0
            pieces.append(Piece(len(pieces), start, group.n_rows, (number,), group.between))
        else:
            between = None
            if last.between and group.between:
                (a, b), (c, d) = last.between, group.between
                between = min(a, c), max(b, d)
            n_rows, groups = last.n_rows + group.n_rows, (*last.groups, number)
            pieces[-1] = Piece(last.number, last.start, n_rows, groups, between)
    return pieces
