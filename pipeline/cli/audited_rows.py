"""What ``viconwsd audit sample`` draws from: the rows of a release, or what select has kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from audits.create import FindOrigins
    from audits.key import DrawnRelease
    from audits.sampling.candidates import AuditCandidate, KnownSense
    from audits.settings import AuditSettings
    from pipeline.config import RunConfig


def with_doubts(
    candidates: Callable[[], Iterable[AuditCandidate]], path: Path
) -> Callable[[], Iterable[AuditCandidate]]:
    """The candidates with the probabilities of a .csv file."""
    import csv
    from dataclasses import replace

    from schemas.errors import InputError
    from schemas.files import explained

    known: dict[str, float] = {}
    with explained(path), open(path, encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                known[row["context_id"]] = min(1.0, max(0.0, float(row["probability"])))
            except (KeyError, TypeError, ValueError) as error:
                raise InputError(
                    f"{path}, line {number}: no context_id,probability; the first line names these "
                    "columns, and a probability is a number from 0 to 1"
                ) from error
    return lambda: (replace(each, doubt=known.get(each.context_id)) for each in candidates())


def present(candidates: Callable[[], Iterable[AuditCandidate]], ids: set[str]) -> set[str]:
    return {each.context_id for each in candidates() if each.context_id in ids}


def named_release(release: Path) -> DrawnRelease | None:
    """What a release is called; None for a folder of tables without a manifest."""
    from pipeline.card.audit import named
    from pipeline.release.manifest import MANIFEST, ReleaseManifest

    return named(ReleaseManifest.read(release)) if (release / MANIFEST).exists() else None


Source = tuple[
    "Callable[[], Iterable[AuditCandidate]]", "Iterable[KnownSense]", "FindOrigins | None"
]
"""The candidates can be read more than once."""


def released(release: Path, settings: AuditSettings) -> Source:
    """The rows of a release; all origins are read first only if a stratum depends on them."""
    from audits.sampling.candidates import (
        Origin,
        release_candidates,
        release_origins,
        release_senses,
    )

    origins = release_origins(release) if set(settings.strata) & set(Origin._fields) else None
    return (
        lambda: release_candidates(release, origins),
        release_senses(release),
        lambda wanted: release_origins(release, wanted),
    )


def paired(release: Path) -> Source:
    """The pairs across languages of a release; their sentences' origins are not looked at."""
    from audits.sampling.candidates import has_pairs, pair_candidates, release_senses
    from schemas.errors import InputError

    if not has_pairs(release):
        raise InputError(
            f"{release}: no pairs across languages: set [release] word_in_context_en and run again"
        )
    return lambda: pair_candidates(release), release_senses(release), None


def selected(config: RunConfig) -> Source:
    """The contexts that the stage select has kept, joined with the tables they were made from."""
    from audits.sampling.candidates import joined_candidates, known_senses
    from pipeline.binding import all_stages
    from pipeline.engine.decide import UpToDate, lineage
    from pipeline.engine.folder import RunFolder
    from pipeline.select.records import SelectedContext
    from schemas.errors import InputError
    from schemas.records import Gloss, Sense
    from schemas.tables import read_table

    run = RunFolder(config.folder)
    decisions = lineage(all_stages(config, run.last_run().limit), run)

    def table(stage: str, name: str) -> Path:
        decision = decisions[stage]
        if not isinstance(decision, UpToDate):
            raise InputError(
                f"{run.path}: the stage {stage} is not up to date ({'; '.join(decision.reasons)}); "
                f"`viconwsd run -c {config.path} --until select` brings it there"
            )
        decision.upstream.check()
        return decision.upstream.table(name)

    senses, glosses = table("synsets", "senses"), table("glosses", "glosses")
    selected = table("select", "selected")
    return (
        lambda: joined_candidates(
            (
                (context, context.judged, context.agreement)
                for context in read_table(selected, SelectedContext)
            ),
            read_table(senses, Sense),
            read_table(glosses, Gloss),
        ),
        known_senses(read_table(senses, Sense), read_table(glosses, Gloss)),
        None,
    )
