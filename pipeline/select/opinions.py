"""What the judge and the auditors said, looked up by context; 17 bytes a verdict in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

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
    """The judge's verdicts; where a context has several, the least favourable one counts."""

    def __init__(self, path: Path | None, unjudged: Path | None) -> None:
        contexts, chosen = [np.zeros(0, np.uint64)], [np.zeros(0, np.uint64)]
        none_fits = [np.zeros(0, dtype=bool)]
        columns = ["context_id", "chosen_sense_id"]
        for batch in read_batches(path, Verdict, columns) if path else ():
            ids = batch["chosen_sense_id"].to_pylist()
            contexts.append(digests64(batch["context_id"].to_pylist()))
            chosen.append(digests64([sense or "" for sense in ids]))
            none_fits.append(np.array([sense is None for sense in ids], dtype=bool))
        self._contexts, self._chosen = np.concatenate(contexts), np.concatenate(chosen)
        self._none_fits = np.concatenate(none_fits)
        order = np.argsort(self._contexts, kind="stable")
        self._contexts, self._chosen = self._contexts[order], self._chosen[order]
        self._none_fits = self._none_fits[order]
        unanswered = [np.zeros(0, np.uint64)]
        for batch in read_batches(unjudged, UnjudgedContext) if unjudged else ():
            unanswered.append(digests64(batch["context_id"].to_pylist()))
        self._unanswered = np.concatenate(unanswered)

    def of(self, contexts: U64, senses: U64) -> Codes:
        """UNJUDGED, AGREES, ... for contexts of the given senses, both as digests of their ids."""
        first = np.searchsorted(self._contexts, contexts, side="left")
        last = np.searchsorted(self._contexts, contexts, side="right")
        codes = np.full(len(contexts), UNJUDGED, dtype=np.int8)
        for turn in range(int((last - first).max(initial=0))):
            found = first + turn < last
            at = (first + turn)[found]
            verdicts = np.where(
                self._none_fits[at],
                NONE_FITS,
                np.where(self._chosen[at] == senses[found], AGREES, DISAGREES),
            )
            codes[found] = np.maximum(codes[found], verdicts)
        codes[(codes == UNJUDGED) & np.isin(contexts, self._unanswered)] = UNANSWERED
        return codes


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
