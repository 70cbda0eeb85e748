"""``viconwsd run``: brings the stages up to date."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.options import config_option
from schemas.numbers import counted


@click.command()
@config_option
@click.argument("stages", nargs=-1, metavar="[STAGE]...")
@click.option("--until", metavar="STAGE", help="Run up to this stage and no further.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="Only N synsets, chosen so that lemmas keep all their senses: a small data set first.",
)
@click.option(
    "--force",
    multiple=True,
    metavar="STAGE",
    help="Run this stage even if it is up to date; replies already paid for are used again.",
)
@click.option(
    "--retry-failed",
    is_flag=True,
    help="Take the items that failed through all rounds once more; what succeeded is left alone.",
)
@click.option(
    "--detach",
    is_flag=True,
    help="In batch mode: end as soon as all batches are at the provider; run again to go on.",
)
def run(
    config_path: Path,
    stages: tuple[str, ...],
    until: str | None,
    limit: int | None,
    force: tuple[str, ...],
    retry_failed: bool,
    detach: bool,
) -> int:
    """Run STAGEs with all they read; without any, everything up to the release.

    A run that was stopped, or killed, is resumed by running it again: replies that were
    received are in the ledger, and no request is paid for twice.
    """
    from rich.console import Console

    from audits.rounds import AUDITS
    from pipeline.at_work import telling_others
    from pipeline.binding import all_stages
    from pipeline.cli.audit_advice import open_disputes
    from pipeline.cli.display import Display
    from pipeline.cli.stopping import run_stoppably
    from pipeline.config import load_config
    from pipeline.engine.decide import require_usable
    from pipeline.engine.folder import LastRun, RunFolder
    from pipeline.engine.runner import Session, chosen, run_stages
    from pipeline.engine.stage import Upstream
    from pipeline.llm.meter import Meter
    from pipeline.session import opened_models
    from pipeline.stages.requests import endpoints_of
    from pipeline.workers.owner import Elsewhere
    from schemas.errors import UsageError

    config = load_config(config_path)
    every = all_stages(config, limit)
    wanted = chosen(every, stages, until)
    chosen(every, force)  # an unknown name is a usage error
    if detach and all(each.mode == "online" for each in endpoints_of(every)):
        raise UsageError('--detach is for batches: set [llm] mode = "batch", or leave it out')
    folder, meter = RunFolder(config.folder), Meter()
    currency = config.llm.price.currency if config.llm.price else ""
    display = Display(Console(stderr=True, highlight=False), meter, currency)
    meter.note = display.note

    async def work() -> dict[str, Upstream]:
        asked, known = endpoints_of(wanted), endpoints_of(every)
        async with opened_models(config, meter, asked, known=known, detach=detach) as models:
            session = Session(
                folder,
                models.open,
                display.skipped,
                display.started,
                display.finished,
                models.waves.handed_out,
                config.engine,
                Elsewhere(config.path, folder, limit).run,
            )
            with display.shown(), telling_others(folder.path, display.at_work):
                await models.waves.resume()
                return await run_stages(wanted, session, force=force, retry_failed=retry_failed)

    with folder.locked():
        if endpoints_of(wanted):
            require_usable(wanted)
        folder.remember(LastRun(limit=limit))
        try:
            done = run_stoppably(work())
        finally:
            display.total()
        for stage in wanted:
            if stage.put_in_place is not None:
                click.echo(str(stage.put_in_place(done[stage.name])))
    for name, upstream in done.items():
        for line in upstream.manifest.remarks:
            click.echo(f"{name}: {line}", err=True)
    for line in open_disputes(config.path, config.folder / AUDITS):
        click.echo(line, err=True)
    failed = sum(upstream.manifest.failed for upstream in done.values())
    if failed:
        click.echo(
            f"incomplete: {counted(failed, 'item')} failed; `viconwsd rejects -c {config.path}` "
            f"tells why, `viconwsd run -c {config.path} --retry-failed` tries them again",
            err=True,
        )
        return 1
    return 0
