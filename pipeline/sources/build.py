"""Stage ``synsets``: a source in, the tables of synsets and senses out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from languages.language import Language
from pipeline.sources.clean import OnReject, clean
from pipeline.sources.figures import (
    SourceFigures,
    figures_after,
    figures_before,
    senses_by_polysemy,
)
from pipeline.sources.read import read_source
from pipeline.sources.settings import NoiseSettings, SourceSettings
from pipeline.sources.siblings import senses_of
from schemas.records import Reject, Sense, Synset
from schemas.tables import write_table


def build_synsets(
    source: SourceSettings,
    rules: NoiseSettings,
    language: Language,
    *,
    synsets_path: Path,
    senses_path: Path,
    on_reject: OnReject,
) -> SourceFigures:
    """Writes both tables, sorted by id as plain strings, and tells every reject and all figures."""
    lexicon = read_source(source, language)
    before, most_ambiguous = figures_before(lexicon.synsets, language)
    rejected: Counter[str] = Counter()

    def count(reject: Reject) -> None:
        rejected[reject.code] += 1
        on_reject(reject)

    synsets = clean(lexicon.synsets, rules, language, count)
    senses = senses_of(synsets, language)
    write_table(synsets_path, Synset, synsets)
    write_table(senses_path, Sense, senses)
    return SourceFigures(
        description=lexicon.description,
        most_ambiguous_lemma=most_ambiguous,
        before=before,
        after=figures_after(synsets, language),
        rejected=dict(sorted(rejected.items())),
        senses=senses_by_polysemy(senses),
    )
