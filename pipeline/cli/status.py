"""``viconwsd status``: what is done, what is stale, what was rejected, what it cost."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.options import config_option
from schemas.numbers import counted

if TYPE_CHECKING:
    from pipeline.engine.manifest import StageManifest
    from pipeline.llm.ledger import Ledger


@click.command()
@config_option
def status(config_path: Path) -> None:
    """Print what the run folder holds for today's run.toml, and the ledger's totals.

    Of every stage the counts, the rejects by code and the cost; or why its output is stale.
    """
    from pipeline.binding import all_stages
    from pipeline.config import load_config
    from pipeline.engine.decide import UpToDate, lineage
    from pipeline.engine.folder import RunFolder
    from pipeline.llm.batches.book import Book
    from pipeline.llm.ledger import Ledger

    config = load_config(config_path)
    folder = RunFolder(config.folder)
    limit = folder.last_run().limit
    if limit is not None:
        click.echo(f"limit      {counted(limit, 'synset')}, as the last run was told")
    failed = 0
    for name, decision in lineage(all_stages(config, limit), folder).items():
        if isinstance(decision, UpToDate):
            _show(decision.upstream.manifest)
            failed += decision.upstream.manifest.failed
        else:
            why = f"stale: {'; '.join(decision.reasons)}" if decision.stale else "not finished"
            click.echo(f"{name:<10} {why}")
    if failed:
        click.echo(
            f"{counted(failed, 'item')} failed; `viconwsd run -c {config_path} --retry-failed` "
            "tries them again"
        )
    if folder.ledger.exists():
        with Ledger(folder.ledger) as ledger:
            click.echo(f"ledger     {counted(len(ledger), 'reply', 'replies')}{_spent(ledger)}")
        with Book(folder.ledger) as book:
            waiting = book.batches(open_only=True)
        if waiting:
            requests = counted(sum(batch.requests for batch in waiting), "request")
            click.echo(
                f"batches    {counted(len(waiting), 'batch', 'batches')} with {requests} on their"
                " way; `viconwsd batches` lists them"
            )


def _spent(ledger: Ledger) -> str:
    """What was paid in each currency, and what replies that never arrived may have cost."""
    from pipeline.llm.ledger_rows import PICO

    text = ""
    for currency in ledger.currencies() or ("",):
        money = ledger.spending(currency)
        paid = Decimal(money.paid + money.lost) / PICO
        text += f", {paid:.4f} {currency} spent".replace("  ", " ")
        if money.lost_at_most:
            text += (
                f" ({Decimal(money.lost) / PICO:.4f} of it estimated for replies that never"
                f" arrived, at most {Decimal(money.lost_at_most) / PICO:.4f})"
            )
    return text


def _show(manifest: StageManifest) -> None:
    from pipeline.cli.display import counts_text, ranked

    click.echo(f"{manifest.stage:<10} {counts_text(manifest)}")
    if manifest.rejects:
        click.echo(f"{'':<10} rejected: {ranked(manifest.rejects)}")
    if manifest.usage.requests:
        click.echo(f"{'':<10} {_usage(manifest)}")
    for line in manifest.remarks:
        click.echo(f"{'':<10} {line}")


def _usage(manifest: StageManifest) -> str:
    usage = manifest.usage
    text = (
        f"{usage.requests:,} requests ({usage.repairs:,} repaired), {usage.prompt_tokens:,} "
        f"tokens in, {usage.completion_tokens:,} out"
    )
    if usage.cost is not None:
        text += f", {usage.cost:.4f} {usage.currency}"
    return text.rstrip()
