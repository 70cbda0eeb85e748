"""``viconwsd rejects``: what was dropped, and why, to read or to open in a spreadsheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.options import config_option, path_option
from schemas.numbers import counted

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.config import RunConfig

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
SHOWN = ["stage", "item_id", "code", "detail", "text"]


@click.command()
@config_option
@click.argument("stages", nargs=-1, metavar="[STAGE]...")
@click.option("--code", multiple=True, help="Only rejects with this code.")
@click.option(
    "--item", help="Only rejects whose item id begins so, as viwn-9017 or viwn-9017#khoan."
)
@click.option("-n", "--rows", type=click.IntRange(min=1), default=20, show_default=True)
@path_option("--csv", "csv_path", metavar="FILE", help="Write all to a file.")
def rejects(
    config_path: Path,
    stages: tuple[str, ...],
    code: tuple[str, ...],
    item: str | None,
    rows: int,
    csv_path: Path | None,
) -> None:
    """Print what STAGEs, or all stages, rejected under today's run.toml, with the reasons.

    The file is CSV in UTF-8 with a byte order mark, so that spreadsheets show all marks.
    """
    from pipeline.config import load_config
    from schemas.errors import UsageError
    from schemas.files import replacing

    if csv_path is not None and not csv_path.name:
        raise UsageError("--csv: give the path of a file")

    found = _read(load_config(config_path), stages)
    if code:
        found = found[found["code"].isin(code)]
    if item:
        found = found[found["item_id"].str.startswith(item)]
    if csv_path is not None:
        with replacing(csv_path) as temporary:
            found.map(inert).to_csv(temporary, index=False, encoding="utf-8-sig")
        click.echo(f"{counted(len(found), 'reject')} in {csv_path}", err=True)
        return
    for stage, item_id, reason, detail, text in found.head(rows).to_numpy(dtype=str):
        click.echo(f"{stage} {item_id} {reason}: {detail}")
        if text:
            click.echo(f"    {text}")
    if len(found) > rows:
        click.echo(f"{len(found) - rows:,} more; -n shows more, --csv writes all", err=True)


def inert(cell: object) -> object:
    """The cell with a quotation mark before what a spreadsheet would take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULAS) else cell


def _read(config: RunConfig, names: tuple[str, ...]) -> pd.DataFrame:
    """The rejects of each stage's output, in the order of the stages."""
    import pandas as pd
    import pyarrow as pa

    from pipeline.binding import all_stages
    from pipeline.engine.decide import UpToDate, lineage
    from pipeline.engine.folder import RunFolder
    from pipeline.engine.runner import chosen
    from pipeline.engine.shards import REJECTS
    from schemas.arrow import arrow_schema
    from schemas.records import Reject
    from schemas.tables import read_batches

    folder = RunFolder(config.folder)
    stages = all_stages(config, folder.last_run().limit)
    chosen(stages, names)  # an unknown name is a usage error
    schema = pa.schema([arrow_schema(Reject).field(name) for name in SHOWN])
    parts = []
    for name, decision in lineage(stages, folder).items():
        if names and name not in names:
            continue
        if isinstance(decision, UpToDate):
            batches = read_batches(decision.upstream.table(REJECTS), Reject, SHOWN)
            parts.append(pa.Table.from_batches(batches, schema).to_pandas())
        elif names or decision.stale:
            click.echo(f"{name} is left out: {'; '.join(decision.reasons)}", err=True)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=SHOWN)
