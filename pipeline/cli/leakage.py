"""``viconwsd leakage``: proves from a release's Parquet files what its splits share."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.options import config_option, release_option


@click.command()
@config_option
@release_option
@click.option(
    "--threshold",
    type=click.FloatRange(0.5, 1.0),
    help="Similarity of near-duplicates.  [default: that of the release]",
)
def leakage(config_path: Path, release_folder: Path | None, threshold: float | None) -> int:
    """Count what every two splits share, from the released files alone.

    Exit code 1 if anything is shared that the definitions of the splits forbid.
    """
    from pipeline.config import load_config
    from pipeline.release.leakage import leakage_report

    folder = release_folder or load_config(config_path).release_folder
    report = leakage_report(folder, threshold=threshold)
    for overlap in report.overlaps:
        verdict = "LEAK" if overlap.leaks else "allowed" if overlap.allowed else "none"
        click.echo(
            f"{overlap.shared.value:20} {overlap.left.value:18} {overlap.right.value:18} "
            f"{overlap.count:>9,}  {verdict}"
        )
        for name in overlap.ids:
            click.echo(f"    {name}")
    return 0 if report.clean else 1
