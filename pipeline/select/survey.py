"""The one reading of all sentences: what each context is, and what alone decides against it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.select.codes import KEPT, SelectCode
from pipeline.select.exact import SAME, SENTENCES
from pipeline.select.grams import GramReader, digests64
from pipeline.select.opinions import (
    AGREES,
    AUDITED,
    DISAGREES,
    NONE_FITS,
    UNANSWERED,
    UNJUDGED,
    Codes,
    Verdicts,
)
from pipeline.select.pieces import Piece
from pipeline.select.rounds import buckets
from pipeline.select.sets import ROW, ROWS, SetWriter, n_postings
from pipeline.select.task import UNKNOWN, Selection, SenseRules
from schemas.records import Context
from schemas.tables import read_batches
from schemas.text import units

_RANK = np.array([1, 0, 2, 2, 1], dtype=np.uint64)
"""By UNJUDGED, AGREES, ...: who stays rather than another."""
_COLUMNS = ["context_id", "sense_id", "sentence", "target_start"]
_COUNTED = 1 << 20
"""From so many contexts on only a sample of them says which bigrams are rare."""


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What is known of a piece, or of all, once it is read; the rest lies in arrays."""

    code: Codes
    judged: int
    """Contexts of known senses on which a judge chose something."""
    agrees: int
    voted: int
    """Verdicts that are on contexts of the piece."""
    n_postings: int
    """How large the index of the join can become."""
    by_rank: NDArray[np.int64]
    """Rows that are kept so far, by the leading bits of their priority."""


def survey(task: tuple[Selection, Piece]) -> Surveyed:
    """Reads a piece: leaves its rows, its bigram sets, and the sentences it keeps by part."""
    selection, piece = task
    rows, lemma, code, voted = _looked_up(selection, piece)
    sentences = np.zeros(piece.n_rows, dtype=SAME)
    sets = SetWriter(selection.arrays, piece.number, selection.n_rows)
    reader = GramReader(selection.spelling)
    every = max(1, selection.n_rows // _COUNTED)
    start = 0
    columns = ["sentence", "target_start"]
    for number, batch in enumerate(
        read_batches(selection.contexts, Context, columns, piece.groups)
    ):
        part = slice(start, start + batch.num_rows)
        texts, starts = batch["sentence"].to_pylist(), batch["target_start"].to_pylist()
        grams = reader.read(texts)
        sets.add(grams, counted=number % every == 0)
        sentences["sentence"][part] = grams.sequences
        sentences["place"][part] = [
            len(units(text[:at])) for text, at in zip(texts, starts, strict=True)
        ]
        start = part.stop
    sizes = sets.close()
    for name in ("priority", "sense", "judged"):
        sentences[name] = rows[name]
    sentences["lemma"], sentences["row"] = lemma, np.arange(piece.rows.start, piece.rows.stop)
    kept = code == KEPT
    parts = (sentences["sentence"] % np.uint64(selection.n_same_parts)).astype(np.int64)
    selection.arrays.save_in_parts(
        f"{SENTENCES}-{piece.number}", sentences[kept], parts[kept], selection.n_same_parts
    )
    selection.arrays.save(f"{ROWS}-{piece.number}", rows)
    known = code != SelectCode.SENSE_UNKNOWN.number
    chosen = known & ~np.isin(rows["judged"], (UNJUDGED, UNANSWERED))
    return Surveyed(
        code=code,
        judged=int(chosen.sum()),
        agrees=int((known & (rows["judged"] == AGREES)).sum()),
        voted=voted,
        n_postings=n_postings(sizes[kept], selection.settings.near_duplicate_threshold),
        by_rank=buckets(rows["priority"][kept]),
    )


def _looked_up(
    selection: Selection, piece: Piece
) -> tuple[NDArray[np.void], NDArray[np.int32], Codes, int]:
    """The rows of a piece, their lemmas and codes; also how many of its verdicts have votes."""
    senses = SenseRules.load(selection.arrays.folder)
    table = pa.Table.from_batches(
        read_batches(selection.contexts, Context, ["context_id", "sense_id"], piece.groups)
    )
    rows = np.zeros(piece.n_rows, dtype=ROW)
    of = pc.index_in(table["sense_id"], value_set=senses.ids).fill_null(UNKNOWN)
    sense = rows["sense"] = of.to_numpy()
    verdicts = Verdicts(selection.verdicts, selection.unjudged, piece.between)
    at = verdicts.at(table["context_id"])
    judged = rows["judged"] = verdicts.codes(at)
    contexts = digests64(table["context_id"].to_pylist())
    audited = rows["audited"] = selection.audits.of(contexts)
    rows["priority"] = _RANK[judged] << np.uint64(62) | contexts >> np.uint64(2)
    code = _code(senses.code[sense], judged, audited, selection)
    return rows, senses.lemma[sense], code, verdicts.n_voted(at)


def _code(of_sense: Codes, judged: Codes, audited: Codes, selection: Selection) -> Codes:
    settings, no = selection.settings, np.zeros(len(judged), dtype=bool)
    drops_verdict = settings.judge_disagreements == "drop"
    bad, unsure = audited == AUDITED.index("bad"), audited == AUDITED.index("unsure")
    rules = {
        SelectCode.AUDITED_BAD: bad if settings.audited_bad == "drop" else no,
        SelectCode.AUDITED_UNSURE: unsure if settings.audited_unsure == "drop" else no,
        SelectCode.JUDGE_DISAGREES: (judged == DISAGREES) & drops_verdict,
        SelectCode.JUDGE_NONE: (judged == NONE_FITS) & drops_verdict,
        SelectCode.UNJUDGED: (judged == UNANSWERED) & (settings.unjudged == "drop"),
    }
    own = np.select(list(rules.values()), [code.number for code in rules], KEPT)
    return np.where(of_sense != KEPT, of_sense, own).astype(np.int8)
