"""``viconwsd view``: a local page on a run, its data set and its model."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.options import config_option, path_option


@click.command()
@config_option
@click.option(
    "--release",
    "release",
    metavar="FOLDER|USER/NAME",
    help="A release's folder, or its name on the Hugging Face Hub, instead of a run.",
)
@path_option("--against", metavar="FOLDER", help="Another release or run to compare with.")
@path_option("-m", "--model", "model", help="The model folder; by default `model` in the run's.")
@path_option(
    "--doubts", metavar="FILE", help="A .csv of context_id,probability that a model gives to rows."
)
@path_option("--export", "export", metavar="FOLDER", help="Write the release's pages as files.")
@click.option("--lang", default="en", show_default=True, help="Of --export: en, vi or id.")
@click.option("--port", type=click.IntRange(1, 65535), help="[default: the first free one]")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
def view(
    config_path: Path,
    release: str | None,
    against: Path | None,
    model: Path | None,
    doubts: Path | None,
    export: Path | None,
    lang: str,
    port: int | None,
    no_browser: bool,
) -> None:
    """Look at a run, its data set and its model in the browser, on this machine alone.

    The address that is printed holds a token: who has it can read the pages. Ctrl-C ends it.
    """
    import starlette  # noqa: F401
    import uvicorn  # noqa: F401

    from pipeline.cli.looked import needles_of, require_release, site_of
    from pipeline.view.serve import serve

    site, folders = site_of(config_path, release, against, model, doubts)
    if export is not None:
        from pipeline.view.export import export_pages
        from pipeline.view.links import ENTRY

        export_pages(require_release(site), export, lang, lambda line: click.echo(line, err=True))
        click.echo(str(export / ENTRY))
        return
    serve(
        site,
        needles_of(site, folders),
        port,
        not no_browser,
        lambda line: click.echo(line),
    )
