"""What the judges and the auditors said, looked up by context; 9 bytes a verdict in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.select.grams import U64, digest64, digests64
from pipeline.select.records import UnjudgedContext
from schemas.errors import InputError
from schemas.records import Audited, Judged, Verdict
from schemas.tables import read_batches

Codes = NDArray[np.int8]

UNJUDGED, AGREES, DISAGREES, NONE_FITS, UNANSWERED = range(5)
"""UNANSWERED: the judge was asked and gave no valid answer; UNJUDGED: it was not asked."""
JUDGED: tuple[Judged, ...] = ("unjudged", "agree", "disagree", "disagree", "unjudged")
AUDITED: tuple[Audited, ...] = ("unaudited", "good", "bad", "unsure")


class Verdicts:
    """What the judges' votes came to, by context."""

    def __init__(self, path: Path | None, unjudged: Path | None) -> None:
        contexts, said = [np.zeros(0, np.uint64)], [np.zeros(0, np.int8)]
        columns = ["context_id", "chosen_sense_id", "agrees"]
        for batch in read_batches(path, Verdict, columns) if path else ():
            contexts.append(digests64(batch["context_id"].to_pylist()))
            none_fits = batch["chosen_sense_id"].is_null().to_numpy(zero_copy_only=False)
            agrees = batch["agrees"].to_numpy(zero_copy_only=False)
            said.append(np.where(agrees, AGREES, np.where(none_fits, NONE_FITS, DISAGREES)))
        for batch in read_batches(unjudged, UnjudgedContext) if unjudged else ():
            contexts.append(digests64(batch["context_id"].to_pylist()))
            said.append(np.full(batch.num_rows, UNANSWERED))
        of, codes = np.concatenate(contexts), np.concatenate(said).astype(np.int8)
        order = np.argsort(of, kind="stable")
        self._contexts, self._codes = of[order], codes[order]

    def of(self, contexts: U64) -> Codes:
        """UNJUDGED, AGREES, ... for contexts, given by the digests of their ids."""
        at = np.searchsorted(self._contexts, contexts)
        codes = np.full(len(contexts), UNJUDGED, dtype=np.int8)
        found = at < len(self._contexts)
        found[found] = self._contexts[at[found]] == contexts[found]
        codes[found] = self._codes[at[found]]
        return codes


class VotesInOrder:
    """The votes on contexts that are asked for in the order of the table of verdicts."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._rows = (
            row
            for batch in (read_batches(path, Verdict) if path else ())
            for row in batch.select(["context_id", "votes", "agreement"]).to_pylist()
        )
        self._next = next(self._rows, None)

    def of(self, context: str) -> tuple[list[dict[str, Any]] | None, float | None]:
        """The votes on a context and their agreement; none where it has no verdict."""
        row = self._next
        if row is None or row["context_id"] != context:
            return None, None
        self._next = next(self._rows, None)
        return row["votes"], row["agreement"]

    def end(self) -> None:
        """Raises InputError where a verdict was not met: the contexts stand in another order."""
        if self._next is not None:
            raise InputError(
                f"{self._path}: {self._next['context_id']} is not where the contexts have it; "
                "judge them again"
            )


class Audits:
    """The auditors' outcomes by context."""

    def __init__(self, outcomes: Mapping[str, str] | None) -> None:
        codes = {name: code for code, name in enumerate(AUDITED)}
        self._codes: dict[int, int] = {}
        for context, outcome in (outcomes or {}).items():
            if outcome not in codes:
                raise InputError(
                    f"audit outcome {outcome!r} of {context}: it must be good, bad or unsure"
                )
            self._codes[digest64(context)] = codes[outcome]
        self._contexts = np.array(sorted(self._codes), dtype=np.uint64)

    def __len__(self) -> int:
        return len(self._codes)

    def of(self, contexts: U64) -> Codes:
        """The place in :data:`AUDITED` of each context, given by the digest of its id."""
        codes = np.zeros(len(contexts), dtype=np.int8)
        for at in np.flatnonzero(np.isin(contexts, self._contexts)):
            codes[at] = self._codes[int(contexts[at])]
        return codes
