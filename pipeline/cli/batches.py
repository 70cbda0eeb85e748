"""``viconwsd batches``: what is on its way, stopping it, and results from elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.options import config_option
from schemas.numbers import counted

if TYPE_CHECKING:
    from pipeline.llm.batches.book import Batch
    from pipeline.llm.batches.carrier import Carrier


@click.group("batches", invoke_without_command=True)
@click.pass_context
@config_option
def batch_commands(context: click.Context, config_path: Path) -> None:
    """List the batches of a run: what was handed out, how far it is, and what it cost.

    States are those of the last look, which `viconwsd run` takes.
    """
    from pipeline.config import load_config
    from pipeline.engine.folder import RunFolder
    from pipeline.llm.batches.book import Book

    if context.invoked_subcommand is not None:
        return
    ledger = RunFolder(load_config(config_path).folder).ledger
    found: list[Batch] = []
    if ledger.exists():
        with Book(ledger) as book:
            found = book.batches()
    for batch in found:
        click.echo(line_of_batch(batch))
    left = [batch for batch in found if batch.open]
    requests = counted(sum(batch.requests for batch in left), "request")
    click.echo(
        f"{counted(len(left), 'batch', 'batches')} with {requests} on their way"
        if left
        else "no batch is on its way"
    )


def line_of_batch(batch: Batch) -> str:
    """Token, id, stage, state, counts, age and cost of a batch."""
    from pipeline.cli.live import span
    from pipeline.llm.ledger_rows import PICO

    answered = f"{batch.done:,} of {batch.requests:,}"
    age = span(max(0.0, time.time() - batch.created))
    money = ""
    if batch.currency is not None and batch.cost_pico is not None:
        money = f", {Decimal(batch.cost_pico) / PICO:.4f} {batch.currency}"
    elif batch.currency is not None and batch.open:
        money = f", at most {Decimal(batch.bound_pico) / PICO:.4f} {batch.currency}"
    failed = f", {batch.failed:,} failed" if batch.failed else ""
    id_ = batch.batch_id or batch.kind
    detail = f": {batch.detail}" if batch.detail else ""
    return (
        f"{batch.token}  {id_}  {batch.stage:<10} {batch.state}, {answered} answered{failed},"
        f" {age} old{money}{detail}"
    )


@batch_commands.command()
@config_option
@click.argument("tokens", nargs=-1, metavar="[TOKEN]...")
@click.option(
    "--forget",
    is_flag=True,
    help="Do not ask the provider: its requests count as billed, and will be asked again.",
)
def cancel(config_path: Path, tokens: tuple[str, ...], forget: bool) -> None:
    """Stop batches at the provider, all that are on their way or those named.

    What they have done is billed, and read by the next `run`; `run` asks for the rest again.
    """
    import asyncio

    from pipeline.llm.batches.outside import cancel_batch
    from schemas.errors import ServiceError, UsageError

    with _opened(config_path) as carrier:
        found = carrier.stores.book.batches(open_only=True)
        known = {name for batch in found for name in (batch.token, batch.batch_id)}
        for token in tokens:
            if token not in known:
                raise UsageError(f"no batch {token!r} is on its way; `viconwsd batches` lists them")
        wanted = [each for each in found if not tokens or {each.token, each.batch_id} & set(tokens)]

        async def stop() -> None:
            try:
                for batch in wanted:
                    try:
                        said = await cancel_batch(carrier, batch, forget=forget)
                    except ServiceError as error:
                        left.append(batch.token)
                        said = str(error)
                    click.echo(f"{batch.token}  {said}")
            finally:
                await carrier.close()

        left: list[str] = []
        asyncio.run(stop())
        if left:
            raise ServiceError(
                f"{counted(len(left), 'batch', 'batches')} not cancelled; the next `run` reads what"
                " has ended, --forget gives up what cannot be reached"
            )
        if not wanted:
            click.echo("no batch is on its way")


@batch_commands.command("import")
@config_option
@click.argument("file", type=click.Path(path_type=Path))
def import_file(config_path: Path, file: Path) -> None:
    """Read the results of other machines from FILE: lines as `vllm run-batch` writes them."""
    from pipeline.llm.batches.outside import import_results

    with _opened(config_path) as carrier:
        click.echo(import_results(carrier, file))


@contextmanager
def _opened(config_path: Path) -> Iterator[Carrier]:
    """What carries the run's batches, with the run folder locked."""
    from pipeline.binding import all_stages
    from pipeline.config import load_config
    from pipeline.engine.folder import RunFolder
    from pipeline.llm.batches.book import Book
    from pipeline.llm.batches.carrier import Carrier, Stores
    from pipeline.llm.batches.kinds import open_service
    from pipeline.llm.budget import Budget
    from pipeline.llm.ledger import Ledger
    from pipeline.llm.meter import Meter
    from pipeline.stages.requests import endpoints_of

    config = load_config(config_path)
    folder = RunFolder(config.folder)
    with folder.locked(), Ledger(folder.ledger) as ledger, Book(folder.ledger) as book:
        meter = Meter(note=lambda line: click.echo(line, err=True))
        stores = Stores(folder.batches, ledger, book, Budget(None), meter)
        yield Carrier(stores, endpoints_of(all_stages(config)), open_service)
