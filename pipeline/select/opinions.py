"""What the judges and the auditors said, looked up by context."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.select.grams import U64, digest64
from pipeline.select.records import UnjudgedContext
from schemas.arrow import arrow_schema
from schemas.errors import InputError
from schemas.records import Audited, Judged, Record, Verdict
from schemas.tables import read_batches, row_groups

R = TypeVar("R", bound=Record)
Codes = NDArray[np.int8]

UNJUDGED, AGREES, DISAGREES, NONE_FITS, UNANSWERED = range(5)
"""UNANSWERED: the judge was asked and gave no valid answer; UNJUDGED: it was not asked."""
JUDGED: tuple[Judged, ...] = ("unjudged", "agree", "disagree", "disagree", "unjudged")
AUDITED: tuple[Audited, ...] = ("unaudited", "good", "bad", "unsure")


class Verdicts:
    """What the judges' votes came to on some contexts, which only few row groups are read for."""

    def __init__(
        self, path: Path | None, unjudged: Path | None, between: tuple[str, str] | None
    ) -> None:
        """Those of contexts whose ids lie ``between`` two; None: of all contexts."""
        columns = ["context_id", "chosen_sense_id", "agrees", "votes", "agreement"]
        batches = [*_near(path, Verdict, columns, between)] if path else []
        schema = pa.schema([arrow_schema(Verdict).field(name) for name in columns])
        self._said = pa.Table.from_batches(batches, schema)
        asked = [*_near(unjudged, UnjudgedContext, ["context_id"], between)] if unjudged else []
        ids = pa.Table.from_batches(asked, arrow_schema(UnjudgedContext))["context_id"]
        agrees = self._said["agrees"].to_numpy()
        none_fits = self._said["chosen_sense_id"].is_null().to_numpy()
        said = np.where(agrees, AGREES, np.where(none_fits, NONE_FITS, DISAGREES))
        codes = np.append(said, np.full(len(ids), UNANSWERED))
        self._codes = np.append(codes, UNJUDGED).astype(np.int8)  # the last for those without
        self._of = pa.chunked_array([*self._said["context_id"].chunks, *ids.chunks], pa.string())

    def at(self, contexts: pa.Array | pa.ChunkedArray) -> pa.Array:
        """The place of the first verdict on each context; null where there is none."""
        found = pc.index_in(contexts, value_set=self._of)
        return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found

    def codes(self, at: pa.Array) -> Codes:
        """UNJUDGED, AGREES, ... of contexts, by their places."""
        found: Codes = self._codes[at.fill_null(len(self._codes) - 1).to_numpy()]
        return found

    def votes(self, at: pa.Array) -> tuple[pa.Array, pa.Array]:
        """The votes on contexts and their agreement; null where there is no verdict."""
        inside = pc.if_else(pc.less(at, len(self._said)), at, None)
        votes, agreement = (self._said[name].take(inside) for name in ("votes", "agreement"))
        return votes.combine_chunks(), agreement.combine_chunks()

    def n_voted(self, at: pa.Array) -> int:
        """How many verdicts with votes are on these contexts."""
        return int(pc.sum(pc.less(at, len(self._said))).as_py() or 0)


def _near(
    path: Path, record: type[R], columns: list[str], between: tuple[str, str] | None
) -> Iterator[pa.RecordBatch]:
    groups = row_groups(path, record, "context_id")
    some = [n for n, group in enumerate(groups) if between is None or group.may_have(*between)]
    return read_batches(path, record, columns, some)


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
