"""``viconwsd card``: renders the data card of a release, and a page of it for the browser."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.options import config_option, path_option, release_option


@click.command()
@config_option
@release_option
@path_option(
    "--audit",
    "audit_folder",
    metavar="DIR",
    help="An audit folder whose figures go into the release, without the annotators' names.",
)
@click.option(
    "--page",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where the preview goes.  [default: card.html beside the release folder]",
)
@click.option("--open", "show", is_flag=True, help="Open the preview in a browser.")
def card(
    config_path: Path,
    release_folder: Path | None,
    audit_folder: Path | None,
    page: Path | None,
    show: bool,
) -> None:
    """Render README.md, plots and Croissant metadata of the release, and a preview page.

    The path of the preview is printed on standard output.
    """
    from audits.answers.judgements import read_judgements
    from audits.reports.standing import RowsNow, release_audits
    from audits.rounds import Round
    from audits.sampling.candidates import glosses_now
    from languages.find import find_language
    from pipeline.card.audit import named, require_of_this_release, write_audits
    from pipeline.card.preview import write_preview
    from pipeline.card.render import write_card
    from pipeline.config import load_config
    from pipeline.release.manifest import ReleaseManifest

    folder = release_folder or load_config(config_path).release_folder
    if audit_folder is not None:
        manifest, judgements = ReleaseManifest.read(folder), read_judgements(audit_folder)
        now = RowsNow(named(manifest), glosses_now(folder, judgements.items.keys()))
        rounds = [Round(audit_folder, judgements)]
        found = release_audits(rounds, now, find_language(manifest.language), "not_good")
        require_of_this_release(found.rounds[0], folder)
        write_audits(found, folder)
    page = page or folder.parent / "card.html"
    write_preview(folder, write_card(folder), page)
    click.echo(str(page))
    if show:
        click.launch(str(page))
