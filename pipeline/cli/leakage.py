"""``viconwsd leakage``: proves from a release's Parquet files what its splits share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.options import config_option, release_option

if TYPE_CHECKING:
    from languages.language import Language
    from pipeline.release.manifest import ReleaseManifest
    from pipeline.release.overlaps import LeakageReport


@click.command()
@config_option
@release_option
@click.option(
    "--threshold",
    type=click.FloatRange(0.5, 1.0),
    help="Similarity of near-duplicates.  [default: that of the release]",
)
@click.option(
    "--reference",
    type=click.Path(path_type=Path),
    help="Also list the definitions and sentences that share a run of words with this file.",
)
def leakage(
    config_path: Path,
    release_folder: Path | None,
    threshold: float | None,
    reference: Path | None,
) -> int:
    """Count what every two splits share, from the released files alone.

    Exit code 1 if anything is shared that the definitions of the splits forbid.
    """
    from languages.find import find_language
    from pipeline.config import load_config
    from pipeline.release.leakage import leakage_report
    from pipeline.release.manifest import ReleaseManifest

    folder = release_folder or load_config(config_path).release_folder
    manifest = ReleaseManifest.read(folder)
    language = find_language(manifest.language)
    copies = [] if reference is None else list(_copies(folder, manifest, reference, language))
    report = leakage_report(
        folder,
        language,
        threshold or manifest.leakage.near_duplicate_threshold,
    )
    for line in _lines(report):
        click.echo(line)
    for line in copies:
        click.echo(line)
    return 0 if report.clean else 1


def _copies(
    folder: Path, manifest: ReleaseManifest, path: Path, language: Language
) -> Iterator[str]:
    """The texts of a release that share a run with a reference, a line each, under their number."""
    from pipeline.checks.reference import Reference, ReferenceSettings
    from schemas.records import Example, InventorySense
    from schemas.tables import read_table

    reference = Reference(ReferenceSettings(reference=path), language)
    glosses = {
        (row.synset_id, row.gloss)
        for file in manifest.files_of("senses")
        for row in read_table(folder / file.path, InventorySense)
        if row.gloss
    }
    sentences = {
        (row.context_id, row.sentence)
        for file in manifest.files_of("examples")
        for row in read_table(folder / file.path, Example)
    }
    for kind, texts in (("definitions", glosses), ("sentences", sentences)):
        near = [(*row, run) for row in sorted(texts) if (run := reference.shared(row[1]))]
        yield ""
        yield f"{len(near):,} of {len(texts):,} {kind} share a run of words with {path}"
        yield from (f"    {name}: {text!r} has {run!r}" for name, text, run in near)


def _lines(report: LeakageReport) -> Iterator[str]:
    """The verdict, a row for every two splits, and what leaks by its ids."""
    rows = sum(report.rows.values())
    verdict = "nothing leaks" if report.clean else f"{len(report.leaks)} LEAKS"
    yield (
        f"{verdict}: {rows:,} rows; sentences are nearly equal from a similarity of "
        f"{report.near_duplicate_threshold:g} on"
    )
    kinds, pairs = report.by_pair()
    yield ""
    yield _row(("split", "with"), [_HEADERS[kind.value] for kind in kinds])
    for left, right, found in pairs:
        cells = ["" if o is None else f"{o.count:,}{'!' if o.leaks else ''}" for o in found]
        yield _row((left.value, right.value), cells)
    for leak in report.leaks:
        yield ""
        yield (
            f"LEAK: {leak.count:,} x {leak.shared.value} in {leak.left.value} and "
            f"{leak.right.value}"
        )
        yield from (f"    {name}" for name in leak.ids)
    if not report.clean:
        yield ""
        yield "select and split the contexts again; do not publish this release"


_HEADERS = {
    "lemma": "lemmas",
    "synset": "synsets",
    "sense_not_in_train": "senses only there",
    "lemma_not_in_train": "lemmas only there",
    "context_id": "ids",
    "exact_duplicate": "equal",
    "near_duplicate": "near",
}
"""What is counted: what both splits have, or what the second has and training lacks."""


def _row(splits: tuple[str, str], cells: list[str]) -> str:
    widths = [max(7, len(header)) for header in _HEADERS.values()]
    numbers = [f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True)]
    return f"{splits[0]:17}  {splits[1]:17}  {'  '.join(numbers)}".rstrip()
