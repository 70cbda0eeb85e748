"""How good the data of a run is that has no release yet: from its own tables and audits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from audits.figures import ROW, AuditReport
from audits.reports.report import make_report
from audits.rounds import AUDITS, Round, read_rounds, run_outcomes
from languages.language import Language
from pipeline.card.facts import PER_SENSE, ROWS_SEARCHED
from pipeline.config import RunConfig
from pipeline.engine.stage import Upstream
from pipeline.panel.figures import PanelFigures, panel_figures
from pipeline.panel.records import CastVote
from pipeline.variety.held import Held, held
from pipeline.variety.measures import Variety, sampled, variety
from pipeline.variety.sentences import Sentences, of_tables
from pipeline.view.index.tables import RowTables
from pipeline.view.reading.site import Site
from schemas.tables import read_table

MEASURED = "The sentences are being measured."


@dataclass(frozen=True, slots=True)
class Diversity:
    """How varied a sample of sentences is, and how far they are as their slots asked."""

    variety: Variety
    held: dict[str, Held]


@dataclass(frozen=True, slots=True)
class RunQuality:
    """What can be told before there is a release; None is what the run has not come to."""

    diversity: Diversity | None
    """Of the first accepted contexts."""
    panel: PanelFigures | None
    judged: int
    agreed: int
    """Contexts that the judges gave their own sense, of those judged."""
    audit: AuditReport | None
    """Of the last audit that has answers, else of the last one."""
    audit_folder: str


def run_quality(site: Site, config: RunConfig) -> RunQuality:
    """The figures as the run is now; WorkingError while they are computed."""
    run, audits = site.run(), config.folder / AUDITS
    judge, rows = run.output("judge") if run else None, site.tables().rows
    about = site.tables().digest, judge and judge.manifest.output_hash, _state(audits)
    work = partial(_measured, config, rows, judge)
    return site.jobs.result("quality", about, work, MEASURED)


def diversity_of(sentences: Sentences, language: Language) -> Diversity:
    """The same sample that the card measures."""
    found = variety(sampled(sentences.by_sense, PER_SENSE, language), language)
    return Diversity(found, held(sentences.slots, language))


def _measured(config: RunConfig, rows: RowTables, judge: Upstream | None) -> RunQuality:
    audits, language = config.folder / AUDITS, config.language
    sentences = of_tables(rows.paths, rows.record, ROWS_SEARCHED)
    panel = None
    if judge is not None and "votes" in judge.manifest.tables:
        votes = read_table(judge.table("votes"), CastVote)
        panel = panel_figures(votes, run_outcomes(audits))
    counts = judge.manifest.counts if judge else {}
    shown, report = _shown(read_rounds(audits), config)
    return RunQuality(
        diversity_of(sentences, language) if sentences.by_sense else None,
        panel if panel and panel.votes else None,
        counts.get("verdicts", 0),
        counts.get("agree", 0),
        report,
        shown.folder.name if shown else "",
    )


def _shown(
    rounds: Sequence[Round], config: RunConfig
) -> tuple[Round, AuditReport] | tuple[None, None]:
    reports = [make_report(r.judgements, config.language, config.audit.unsure) for r in rounds]
    both = list(zip(rounds, reports, strict=True))
    answered = [each for each in both if each[1].of(ROW).share is not None]
    return next(reversed(answered or both), (None, None))


def _state(audits: Path) -> tuple[tuple[str, int], ...]:
    """Changes when a file of the audits does."""
    files = sorted(path for path in audits.rglob("*") if path.is_file())
    return tuple((str(path), path.stat().st_mtime_ns) for path in files)
