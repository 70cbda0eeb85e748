"""From accepted contexts to the contexts that are released."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from languages.language import Language
from pipeline.engine.progress import Progress
from pipeline.select.codes import SelectCode
from pipeline.select.exact import same_sentences, settle
from pipeline.select.gram_store import GramStore
from pipeline.select.near import clusters, expanded, thin, thin_in_rounds
from pipeline.select.opinions import AGREES, UNANSWERED, UNJUDGED, Verdicts, VotesInOrder
from pipeline.select.output import write_selected
from pipeline.select.rows import Rows, runs
from pipeline.select.senses import read_senses
from pipeline.select.settings import SelectSettings
from pipeline.select.similar import similar_pairs
from pipeline.select.survey import Survey
from schemas.records import Context, Reject
from schemas.tables import count_rows


def select_contexts(
    *,
    contexts: Path,
    senses: Path,
    glosses: Path | None,
    verdicts: Path | None,
    unjudged: Path | None,
    audit_outcomes: Mapping[str, str] | None,
    settings: SelectSettings,
    language: Language,
    output: Path,
    on_reject: Callable[[Reject], None],
    progress: Progress,
) -> dict[str, int]:
    """Writes the contexts that stay (table of SelectedContext, in their order) and counts them.

    Which ones stay depends on ids, sentences and verdicts only, not on the order of the table.
    Every other context goes to ``on_reject`` with a code of :class:`SelectCode`. The counts are
    ``contexts``, ``selected``, ``judged``, ``judge_agrees``, ``flagged`` (selected contexts with
    a near-duplicate that is selected too) and one per code.
    """
    n_rows = count_rows(contexts, Context)
    progress.begin(2 * n_rows, "reading the contexts")
    rows = Rows.empty(n_rows)
    store = GramStore()
    Survey(
        read_senses(senses, language),
        glosses,
        Verdicts(verdicts, unjudged),
        audit_outcomes,
        settings,
        language,
    ).read(contexts, rows, store, progress)
    progress.note = "comparing the contexts"
    groups = _without_near_duplicates(rows, store, settings)
    _cap(rows, settings.max_contexts_per_sense)
    groups = {
        row: [member for member in members if rows.is_kept(member)]
        for row, members in groups.items()
        if rows.is_kept(row)
    }
    progress.note = "writing the selected contexts"
    write_selected(contexts, output, rows, VotesInOrder(verdicts), groups, on_reject, progress)
    return _counts(rows, groups)


def _without_near_duplicates(
    rows: Rows, store: GramStore, settings: SelectSettings
) -> dict[int, list[int]]:
    """Drops duplicates and near-duplicates from ``rows``; returns the flagged groups."""
    copies: dict[int, list[int]] = {}
    for group in same_sentences(rows):
        staying = settle(group, rows, settings.duplicates_across_senses)
        if len(staying) > 1:
            copies[min(staying)] = staying
    doubled = [row for first, group in copies.items() for row in group if row != first]
    store.finish()
    joined = np.setdiff1d(rows.kept, np.array(doubled, dtype=np.int64))
    if settings.duplicates_across_senses == "drop":
        pairs = thin_in_rounds(store, joined, rows, settings)
    else:
        pairs = similar_pairs(store, settings.near_duplicate_threshold, rows=joined)
        pairs = expanded(pairs, copies)
        thin(pairs, rows, settings)
    return clusters(pairs, rows)


def _cap(rows: Rows, most: int | None) -> None:
    """Drops, of every sense, all but the ``most`` contexts of the lowest priority numbers."""
    kept = rows.kept
    if most is None or not len(kept):
        return
    kept = kept[np.lexsort((rows.priority[kept], rows.sense[kept]))]
    for start, end in runs(rows.sense[kept]):
        rows.code[kept[start + most : end]] = SelectCode.OVER_CAP.number


def _counts(rows: Rows, groups: dict[int, list[int]]) -> dict[str, int]:
    known = rows.code != SelectCode.SENSE_UNKNOWN.number
    counts = {
        "contexts": len(rows),
        "selected": len(rows.kept),
        "judged": int((known & ~np.isin(rows.judged, (UNJUDGED, UNANSWERED))).sum()),
        "judge_agrees": int((known & (rows.judged == AGREES)).sum()),
        "flagged": sum(len(members) > 1 for members in groups.values()),
    }
    by_code = Counter(rows.code.tolist())
    return counts | {code.value: by_code[code.number] for code in SelectCode}
