"""``viconwsd rejects``: what was dropped, and why, to read or to open in a spreadsheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.options import config_option
from schemas.numbers import counted

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.config import RunConfig

SHOWN = ["stage", "item_id", "code", "detail", "text"]


@click.command()
@config_option
@click.argument("stages", nargs=-1, metavar="[STAGE]...")
@click.option("--code", multiple=True, help="Only rejects with this code.")
@click.option(
    "--item", help="Only rejects whose item id begins so, as viwn-9017 or viwn-9017#khoan."
)
@click.option("-n", "--rows", type=click.IntRange(min=1), default=20, show_default=True)
@click.option(
    "--csv",
    "csv_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write all to a file.",
)
def rejects(
    config_path: Path,
    stages: tuple[str, ...],
    code: tuple[str, ...],
    item: str | None,
    rows: int,
    csv_path: Path | None,
) -> None:
    """Print rejects of the latest output of STAGEs, or of all stages, with their reasons.

    The file is CSV in UTF-8 with a byte order mark, so that spreadsheets show all marks.
    """
    from pipeline.config import load_config
    from schemas.files import replacing

    found = _read(load_config(config_path), stages)
    if code:
        found = found[found["code"].isin(code)]
    if item:
        found = found[found["item_id"].str.startswith(item)]
    if csv_path is not None:
        with replacing(csv_path) as temporary:
            found.to_csv(temporary, index=False, encoding="utf-8-sig")
        click.echo(f"{counted(len(found), 'reject')} in {csv_path}", err=True)
        return
    for stage, item_id, reason, detail, text in found.head(rows).to_numpy(dtype=str):
        click.echo(f"{stage} {item_id} {reason}: {detail}")
        if text:
            click.echo(f"    {text}")
    if len(found) > rows:
        click.echo(f"{len(found) - rows:,} more; -n shows more, --csv writes all", err=True)


def _read(config: RunConfig, names: tuple[str, ...]) -> pd.DataFrame:
    """The rejects of the latest output of each stage, in the order of the stages."""
    import pandas as pd

    from pipeline.binding import all_stages
    from pipeline.engine.folder import RunFolder
    from pipeline.engine.runner import REJECTS, chosen
    from schemas.files import explained

    folder, stages = RunFolder(config.folder), all_stages(config)
    chosen(stages, names)  # an unknown name is a usage error
    parts = []
    for stage in stages:
        manifest = folder.latest(stage.name)
        if manifest is not None and (not names or stage.name in names):
            path = folder.stage(stage.name, manifest.fingerprint) / f"{REJECTS}.parquet"
            with explained(path):
                parts.append(pd.read_parquet(path, columns=SHOWN))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=SHOWN)
