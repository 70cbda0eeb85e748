"""The one reading of all sentences: what each context is, and what alone decides against it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from languages.language import Language
from pipeline.engine.progress import Progress
from pipeline.select.codes import KEPT, SelectCode
from pipeline.select.gram_store import GramStore
from pipeline.select.grams import GramReader, digests64
from pipeline.select.opinions import (
    AUDITED,
    DISAGREES,
    NONE_FITS,
    UNANSWERED,
    Audits,
    Codes,
    Verdicts,
)
from pipeline.select.rows import UNKNOWN, Rows
from pipeline.select.senses import NumberedSenses
from pipeline.select.settings import SelectSettings
from schemas.records import Context, Gloss
from schemas.tables import read_batches
from schemas.text import units

_RANK = np.array([1, 0, 2, 2, 1], dtype=np.uint64)
"""By UNJUDGED, AGREES, ...: who stays rather than another."""
_COLUMNS = ["context_id", "sense_id", "sentence", "target_start"]


class Survey:
    """Fills the arrays and the bigram store from the contexts."""

    def __init__(
        self,
        senses: NumberedSenses,
        glosses: Path | None,
        verdicts: Verdicts,
        audit_outcomes: Mapping[str, str] | None,
        settings: SelectSettings,
        language: Language,
    ) -> None:
        self._spelling = language.spelling
        self._senses = senses
        # One more for unknown senses, which UNKNOWN indexes: no lemma's, and without a gloss.
        self._lemma = np.append(senses.lemma, np.int32(UNKNOWN))
        has_gloss, is_later = _glossed(senses, glosses)
        self._has_gloss = np.append(has_gloss, False)
        self._is_later = np.append(is_later, False)
        self._verdicts = verdicts
        self._audits = Audits(audit_outcomes)
        self._settings = settings

    def read(
        self,
        contexts: Path,
        rows: Rows,
        store: GramStore,
        progress: Progress,
    ) -> None:
        """Reads the table once."""
        reader = GramReader(self._spelling)
        start = 0
        for batch in read_batches(contexts, Context, _COLUMNS):
            part = slice(start, start + batch.num_rows)
            self._judge(batch, rows, part)
            texts = batch["sentence"].to_pylist()
            grams = reader.read(texts)
            store.add(grams)
            starts = batch["target_start"].to_pylist()
            rows.sentence[part] = grams.sequences
            rows.place[part] = [
                len(units(text[:at])) for text, at in zip(texts, starts, strict=True)
            ]
            start = part.stop
            progress.advance(batch.num_rows)

    def _judge(self, batch: pa.RecordBatch, rows: Rows, part: slice) -> None:
        """Fills ``rows[part]``; drops what is dropped whatever the other contexts are."""
        distinct = batch["sense_id"].dictionary_encode()
        names = distinct.dictionary.to_pylist()
        which = distinct.indices.to_numpy()
        sense = np.array(
            [self._senses.number.get(name, UNKNOWN) for name in names], dtype=np.int32
        )[which]
        contexts = digests64(batch["context_id"].to_pylist())
        judged = self._verdicts.of(contexts)
        audited = self._audits.of(contexts)
        rows.sense[part] = sense
        rows.lemma[part] = self._lemma[sense]
        rows.judged[part], rows.audited[part] = judged, audited
        rank = _RANK[judged] << np.uint64(62)
        rows.priority[part] = rank | (contexts >> np.uint64(2))
        rows.code[part] = self._code(sense, judged, audited)

    def _code(self, sense: np.ndarray, judged: Codes, audited: Codes) -> Codes:
        settings, no = self._settings, np.zeros(len(sense), dtype=bool)
        drops_verdict = settings.judge_disagreements == "drop"
        bad, unsure = audited == AUDITED.index("bad"), audited == AUDITED.index("unsure")
        rules = {
            SelectCode.SENSE_UNKNOWN: sense == UNKNOWN,
            SelectCode.GLOSS_MISSING: ~self._has_gloss[sense],
            SelectCode.CLUSTERED: self._is_later[sense] & (settings.clusters == "drop"),
            SelectCode.AUDITED_BAD: bad if settings.audited_bad == "drop" else no,
            SelectCode.AUDITED_UNSURE: unsure if settings.audited_unsure == "drop" else no,
            SelectCode.JUDGE_DISAGREES: (judged == DISAGREES) & drops_verdict,
            SelectCode.JUDGE_NONE: (judged == NONE_FITS) & drops_verdict,
            SelectCode.UNJUDGED: (judged == UNANSWERED) & (settings.unjudged == "drop"),
        }
        return np.select(list(rules.values()), [code.number for code in rules], KEPT).astype(
            np.int8
        )


def _glossed(
    senses: NumberedSenses, glosses: Path | None
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(n,) each: senses whose synset has a gloss; those that nothing tells from an earlier one.

    Without a table of glosses every synset has one.
    """
    cluster_of = {
        row["synset_id"]: row["cluster"]
        for batch in (read_batches(glosses, Gloss, ["synset_id", "cluster"]) if glosses else ())
        for row in batch.to_pylist()
    }
    met: set[tuple[int, str]] = set()
    is_later = []
    for lemma, synset in zip(senses.lemma.tolist(), senses.synset.tolist(), strict=True):
        name = senses.synset_ids[synset]
        coarse = lemma, cluster_of.get(name) or name
        is_later.append(coarse in met)
        met.add(coarse)
    with_gloss = np.array([glosses is None or s in cluster_of for s in senses.synset_ids], bool)
    return with_gloss[senses.synset], np.array(is_later, dtype=bool)
