"""From accepted contexts to the contexts that are released.

The table is cut into pieces, sentences and bigrams into parts; workers read and search them, and
leave arrays for each other in a folder beside the output, which is gone when the selection is done.
The process that hands the work out keeps a byte for each context.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from languages.language import Language
from pipeline.engine.arrays import Arrays
from pipeline.engine.pool import LocalPool, Pool
from pipeline.engine.progress import Progress
from pipeline.select.cap import cap
from pipeline.select.decisions import Decisions
from pipeline.select.exact import COPY, settle_part
from pipeline.select.index import Plan, index_piece
from pipeline.select.near import clusters, thin_in_rounds
from pipeline.select.opinions import Audits
from pipeline.select.output import write_selected
from pipeline.select.pieces import Sizes, pieces_of
from pipeline.select.rounds import bounds_of_rounds
from pipeline.select.senses import read_senses
from pipeline.select.sets import sum_counts
from pipeline.select.settings import SelectSettings
from pipeline.select.survey import Surveyed, survey
from pipeline.select.task import Selection, SenseRules
from schemas.errors import InputError
from schemas.files import explained
from schemas.records import Context, Reject, Verdict
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
    pool: Pool | None = None,
    sizes: Sizes | None = None,
) -> dict[str, int]:
    """Writes the contexts that stay (table of SelectedContext, in their order) and counts them.

    Which ones stay depends on ids, sentences and verdicts only, not on the order of the table, nor
    on the ``pool`` that does the work (None: this process).
    Every other context goes to ``on_reject`` with a code of :class:`SelectCode`. The counts are
    ``contexts``, ``selected``, ``judged``, ``judge_agrees``, ``flagged`` (selected contexts with
    a near-duplicate that is selected too) and one per code.
    """
    pool, sizes = pool or LocalPool(), sizes or Sizes()
    with (
        explained(output.parent),
        tempfile.TemporaryDirectory(prefix=".select-", dir=output.parent) as folder,
    ):
        SenseRules.of(read_senses(senses, language), glosses, settings).save(Path(folder))
        selection = Selection(
            contexts=contexts,
            verdicts=verdicts,
            unjudged=unjudged,
            audits=Audits(audit_outcomes),
            settings=settings,
            spelling=language.spelling,
            arrays=Arrays(Path(folder)),
            pieces=tuple(pieces_of(contexts, Context, sizes.rows_in_a_piece)),
            sizes=sizes,
        )
        progress.begin(2 * selection.n_rows, "reading the contexts")
        surveyed = _surveyed(selection, pool, progress)
        decisions = Decisions(surveyed.code)
        progress.note = "comparing the contexts"
        groups = _without_near_duplicates(selection, surveyed, decisions, pool)
        cap(selection, decisions, pool)
        groups = _of_staying(groups, decisions)
        progress.note = "writing the selected contexts"
        write_selected(selection, decisions, groups, output, on_reject, pool, progress)
    return {
        "contexts": selection.n_rows,
        "selected": int(decisions.staying.sum()),
        "judged": surveyed.judged,
        "judge_agrees": surveyed.agrees,
        "flagged": sum(len(members) > 1 for members in groups.values()),
        **decisions.by_code(),
    }


def _surveyed(selection: Selection, pool: Pool, progress: Progress) -> Surveyed:
    """What is known of all pieces together."""
    code, by_rank = np.zeros(selection.n_rows, dtype=np.int8), np.zeros(0, dtype=np.int64)
    judged = agrees = voted = n_postings = 0
    tasks = [(selection, piece) for piece in selection.pieces]
    for piece, found in zip(selection.pieces, pool.each(survey, tasks), strict=True):
        code[piece.rows] = found.code
        by_rank = by_rank + found.by_rank if len(by_rank) else found.by_rank
        judged, agrees = judged + found.judged, agrees + found.agrees
        voted, n_postings = voted + found.voted, n_postings + found.n_postings
        progress.advance(piece.n_rows)
    if selection.verdicts and voted != count_rows(selection.verdicts, Verdict):
        raise InputError(
            f"{selection.verdicts}: has verdicts twice, or on other contexts than those of "
            f"{selection.contexts}; judge them again"
        )
    return Surveyed(code, judged, agrees, voted, n_postings, by_rank)


def _without_near_duplicates(
    selection: Selection, surveyed: Surveyed, decisions: Decisions, pool: Pool
) -> dict[int, list[int]]:
    """Drops duplicates and near-duplicates; returns the flagged groups."""
    if not selection.n_rows:
        return {}
    copies = _settled(selection, decisions, pool)
    sum_counts(selection.arrays, selection.pieces)
    joined = decisions.staying
    joined[copies["row"][copies["row"] != copies["first"]]] = False
    selection.save_staying(joined)
    drops = selection.settings.duplicates_across_senses == "drop"
    plan = Plan(
        tuple(bounds_of_rounds(surveyed.by_rank, selection.sizes.first_round)) if drops else (),
        max(1, -(-surveyed.n_postings // selection.sizes.postings_in_a_part)),
    )
    tasks = [(selection, piece, plan) for piece in selection.pieces]
    counts = np.zeros(plan.n_slots, dtype=np.int64)
    for found in pool.each(index_piece, tasks):
        counts += found
    return clusters(thin_in_rounds(selection, plan, counts, copies, decisions, pool), decisions)


def _settled(selection: Selection, decisions: Decisions, pool: Pool) -> NDArray[np.void]:
    """Drops what cannot stay of equal sentences; returns the copies that do."""
    copies = [np.zeros(0, dtype=COPY)]
    tasks = [(selection, part) for part in range(selection.n_same_parts)]
    for settled in pool.each(settle_part, tasks):
        decisions.drop(settled.drops)
        copies.append(settled.copies)
    return np.concatenate(copies)


def _of_staying(groups: dict[int, list[int]], decisions: Decisions) -> dict[int, list[int]]:
    rows = np.fromiter(groups, dtype=np.int64, count=len(groups))
    staying = set(rows[decisions.stays(rows)].tolist())
    return {
        row: [member for member in members if member in staying]
        for row, members in groups.items()
        if row in staying
    }
