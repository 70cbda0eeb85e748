"""What a model doubts: its probability of each row's own sense, from a file."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

from schemas.errors import InputError
from schemas.files import explained
from schemas.ids import content_digest
from schemas.predictions import PREDICTIONS


@dataclass(frozen=True, slots=True)
class Doubts:
    """Probabilities by context id; ``digest`` changes when any of them does."""

    of: dict[str, float] = field(default_factory=dict)
    digest: str = ""


@dataclass(slots=True)
class DoubtsFile:
    """A file that is read again only when it is another one than before."""

    _mark: tuple[object, ...] = ()
    _kept: Doubts = field(default_factory=Doubts)

    def read(self, path: Path | None) -> Doubts:
        """What the file says; nothing without one."""
        if path is None:
            return Doubts()
        with explained(path):
            known = path.stat()
        mark = (path, known.st_mtime_ns, known.st_size)
        if mark != self._mark:
            self._kept, self._mark = _doubts(path), mark
        return self._kept


def newest_predictions(run: Path) -> Path | None:
    """The newest predictions of an evaluation in a run folder."""
    found = [path for path in run.glob(f"*/{PREDICTIONS}") if path.is_file()]
    return max(found, key=lambda path: (path.stat().st_mtime_ns, path), default=None)


def _doubts(path: Path) -> Doubts:
    with explained(path), open(path, encoding="utf-8-sig", newline="") as file:
        try:
            rows = {row["context_id"]: float(row["probability"]) for row in csv.DictReader(file)}
        except (KeyError, TypeError, ValueError, csv.Error) as error:
            raise InputError(
                f"{path}: the first line names the columns context_id and probability, and a "
                "probability is a number from 0 to 1"
            ) from error
    return Doubts(rows, content_digest(*(f"{k}{v}" for k, v in sorted(rows.items()))))
