"""``viconwsd status``: what is done, what was rejected, what it cost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.options import config_option
from schemas.numbers import counted

if TYPE_CHECKING:
    from pipeline.engine.manifest import StageManifest


@click.command()
@config_option
def status(config_path: Path) -> None:
    """Print the latest output of every stage, its rejects by code, and the ledger's totals."""
    from pipeline.binding import all_stages
    from pipeline.cli.display import counts_text
    from pipeline.config import load_config
    from pipeline.engine.folder import RunFolder
    from pipeline.llm.ledger import Ledger

    config = load_config(config_path)
    folder = RunFolder(config.folder)
    found = []
    for stage in all_stages(config, None):
        manifest = folder.latest(stage.name)
        if manifest is None:
            click.echo(f"{stage.name:<10} not finished")
            continue
        found.append(manifest)
        click.echo(f"{stage.name:<10} {counts_text(manifest)}")
        if manifest.rejects:
            ranked = sorted(manifest.rejects.items(), key=lambda item: -item[1])
            text = ", ".join(f"{code} {count:,}" for code, count in ranked)
            click.echo(f"{'':<10} rejected: {text}")
        if manifest.usage.requests:
            click.echo(f"{'':<10} {_usage(manifest)}")
    failed = sum(manifest.failed for manifest in found)
    if failed:
        click.echo(
            f"{counted(failed, 'item')} failed; `viconwsd run -c {config_path} --retry-failed` "
            "tries them again"
        )
    if folder.ledger.exists():
        with Ledger(folder.ledger) as ledger:
            click.echo(f"ledger     {len(ledger):,} replies, {ledger.spent():.4f} spent")


def _usage(manifest: StageManifest) -> str:
    usage = manifest.usage
    text = (
        f"{usage.requests:,} requests ({usage.repairs:,} repaired), {usage.prompt_tokens:,} "
        f"tokens in, {usage.completion_tokens:,} out"
    )
    if usage.cost is not None:
        text += f", {usage.cost:.4f} {usage.currency}"
    return text.rstrip()
