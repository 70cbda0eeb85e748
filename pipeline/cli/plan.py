"""``viconwsd plan``: what would run, why, and what it would cost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from pipeline.cli.options import config_option
from schemas.numbers import counted

if TYPE_CHECKING:
    from pipeline.engine.folder import RunFolder
    from pipeline.engine.stage import Stage
    from pipeline.plan import StagePlan


@click.command()
@config_option
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="As for `run`.")
def plan(config_path: Path, limit: int | None) -> None:
    """Print, stage by stage, what would run and why, and what is still to be paid.

    Stages that cost nothing and on which the number of requests depends are run for it.
    """
    from pipeline.binding import all_stages
    from pipeline.config import load_config
    from pipeline.engine.decide import require_usable
    from pipeline.engine.folder import RunFolder
    from pipeline.plan import free_stages, make_plan

    config = load_config(config_path)
    stages, folder = all_stages(config, limit), RunFolder(config.folder)
    require_usable(stages)
    _bring_up_to_date(free_stages(stages), folder)
    for line in _lines(make_plan(stages, folder, config.language)):
        click.echo(line)


def _bring_up_to_date(stages: Sequence[Stage], folder: RunFolder) -> None:
    import asyncio

    from rich.console import Console

    from pipeline.cli.display import Display
    from pipeline.engine.decide import UpToDate, lineage
    from pipeline.engine.runner import Session, run_stages
    from pipeline.llm.meter import Meter

    if all(isinstance(found, UpToDate) for found in lineage(stages, folder).values()):
        return

    def no_model(_: object) -> NoReturn:
        raise AssertionError("a stage that costs nothing asks no model")

    display = Display(Console(stderr=True, highlight=False), Meter(), "")
    session = Session(folder, no_model, display.skipped, display.started, display.finished)
    with folder.locked(), display.shown():
        asyncio.run(run_stages(stages, session))


def _lines(plans: tuple[StagePlan, ...]) -> list[str]:
    lines = []
    for stage in plans:
        verb = "up to date" if stage.up_to_date else "would run"
        lines.append(f"{stage.name:<10} {verb:<11} {'; '.join(stage.reasons)}".rstrip())
        if stage.requests is not None:
            lines.append(f"{'':<10} {'requests':<11} {_requests(stage)}")
        lines += [f"{'':<10} {'':<11} {remark}" for remark in stage.remarks]
    return [*lines, _total(plans), *_in_batches(plans)]


def _requests(stage: StagePlan) -> str:
    requests = stage.requests
    assert requests is not None
    about = "" if requests.exact else "about "
    text = f"{about}{requests.total:,}"
    if requests.exact:
        away = f", {requests.on_their_way:,} on their way" if requests.on_their_way else ""
        text += f": {requests.paid:,} already paid for{away}, {requests.to_send:,} to send"
    if requests.cost is not None:
        text += f", about {requests.cost:.4f} {requests.currency}"
    return text


def _total(plans: tuple[StagePlan, ...]) -> str:
    asked = [stage.requests for stage in plans if stage.requests is not None]
    to_send = sum(requests.to_send for requests in asked)
    if not to_send:
        return "no requests to send"
    costs = [requests.cost for requests in asked if requests.cost is not None]
    money = f", about {sum(costs):.4f} {asked[0].currency}" if costs else ", no price is set"
    return (
        f"requests to send: {to_send:,}{money}; what the checks reject is asked for again, "
        "on top of that"
    )


def _in_batches(plans: tuple[StagePlan, ...]) -> list[str]:
    """What the same requests would cost in batches, and how often these would be waited for."""
    asked = [stage.requests for stage in plans if stage.requests is not None]
    waves = [requests for requests in asked if requests.batches]
    if not waves:
        return []
    batches = counted(sum(requests.batches for requests in waves), "batch", "batches")
    costs = [(r.in_batches if r.batches else r.cost) for r in asked if r.cost is not None]
    money = f"about {sum(filter(None, costs)):.4f} {waves[0].currency}, " if costs else ""
    return [
        f'in batches ([llm] mode = "batch"): {money}at least {counted(len(waves), "wave")} of'
        f" {batches}; what is asked again may take a wave more each round"
    ]
