"""``viconwsd audit``: samples, imports of filled-in workbooks, reports, adjudications."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.options import path_option
from schemas.numbers import counted

if TYPE_CHECKING:
    from languages.language import Language
    from pipeline.config import RunConfig

NAMED_AT_MOST = 200
"""Findings that the terminal names; ``--all-findings`` names every one."""


@click.group()
def audit() -> None:
    """Sample rows for people to judge, import what they answer, report how good the rows are."""


def _folder_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--name", help="Which audit of the run.  [default: the run's]"),
        path_option(
            "--folder", metavar="DIR", help="The audit's folder, instead of audits/NAME of a run."
        ),
        path_option(
            "-c",
            "--config",
            "config_path",
            help="The run's configuration.  [default: run.toml, unless --folder is given]",
        ),
    ):
        command = option(command)
    return command


@audit.command()
@_folder_options
@path_option(
    "--release", metavar="DIR", help="The release folder to draw from.  [default: the run's]"
)
@click.option(
    "--from",
    "source",
    type=click.Choice(["release", "selected", "word_in_context_en"]),
    default="release",
    show_default=True,
    help="Draw from the release, from the contexts that the stage select has kept, or from the "
    "release's pairs across languages, into pair-audits/NAME: do both words mean the same?",
)
@click.option("--size", type=click.IntRange(min=1), help="How many items to draw.  [default: 200]")
@click.option("--margin", type=float, help="Draw as many as a 95 % interval of ± this needs.")
@click.option(
    "--assurance", type=float, help="How likely the margin is to be met, such as 0.8; else half."
)
@click.option(
    "--extend",
    type=click.IntRange(min=1),
    metavar="N",
    help="Go on with the run's latest audit: N rows more of the same draw.",
)
@click.option("--again", is_flag=True, help="Draw from all rows, those read in earlier audits too.")
@click.option(
    "--doubts",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A .csv of context_id,probability: what a model gives to each row's sense.",
)
@click.option("--expected", type=float, help="The quality that --margin assumes.  [default: 0.5]")
@click.option("--annotators", help="Names, separated by commas: one workbook each.")
@click.option("--overlap", type=float, help="Share of the items that all get.  [default: 0.2]")
@click.option("--repeats", type=float, help="Share of hidden repeats.  [default: 0.05]")
@click.option("--strata", help="Of pos,polysemy,judged,agreement,doubt,model,prompt_version,round.")
@click.option("--allocation", type=click.Choice(["proportional", "equal", "neyman"]))
@path_option(
    "--earlier",
    metavar="FILE",
    help="An audit.json to expect shares from, for neyman and --margin.  [default: the run's]",
)
@click.option("--seed", type=int, help="Another seed draws another sample.  [default: 0]")
@click.option("--language", metavar="CODE", help="Of the sheets.  [default: the run's]")
@click.option("--blind", is_flag=True, help="Ask for the sense among all, without the intended.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["xlsx", "html", "both"]),
    default="xlsx",
    show_default=True,
    help="Workbooks, pages for a browser, or both; the draw is the same.",
)
def sample(
    config_path: Path | None,
    folder: Path | None,
    name: str | None,
    release: Path | None,
    source: str,
    earlier: Path | None,
    language: str | None,
    extend: int | None,
    again: bool,
    doubts: Path | None,
    form: str,
    **options: Any,
) -> None:
    """Draw a stratified sample and write one workbook or page per annotator.

    Rows that earlier audits of the run have in their sheets are not drawn again: their answers
    count in this one too. The paths of the files are printed on standard output.
    """
    if form != "html":
        import audits.sheets.workbook  # noqa: F401  what it needs is asked for before any work
    from audits.create import create_audit
    from audits.figures import read_report
    from audits.key import SHEETS, WORKBOOKS, SheetRow
    from audits.rounds import AUDITS, PAIR_AUDITS
    from audits.sampling.candidates import PAIRS
    from audits.sampling.draw import FIRST
    from audits.sampling.earlier import earlier_rounds
    from audits.settings import minutes
    from languages.find import find_language
    from pipeline.cli.audit_draw import drawn_settings, extended
    from pipeline.cli.audited_rows import (
        named_release,
        paired,
        present,
        released,
        selected,
        with_doubts,
    )
    from pipeline.config import RunSettings
    from schemas.errors import UsageError
    from schemas.tables import count_rows

    config = _load(config_path, folder is not None and release is not None)
    if extend is not None:
        if source == PAIRS:
            raise UsageError(f"--extend {extend}: pairs are drawn anew under another --name")
        settings = extended(_run(config), name, extend, options)
    else:
        settings = drawn_settings(config, name, options, pairs=source == PAIRS)
    kind = PAIR_AUDITS if source == PAIRS else AUDITS
    place = folder or _run(config).folder / kind / settings.name
    drawn_from = None
    if source == PAIRS:
        rows = release or _run(config).release_folder
        candidates, senses, origins = paired(rows)
        drawn_from = named_release(rows)
    elif source == "selected":
        candidates, senses, origins = selected(_run(config))
    else:
        rows = release or _run(config).release_folder
        candidates, senses, origins = released(rows, settings)
        drawn_from = named_release(rows)
    if doubts is not None:
        candidates = with_doubts(candidates, doubts)
    rounds = FIRST
    if folder is None and not again:
        rounds = earlier_rounds(place, settings, lambda ids: present(candidates, ids))
    key = create_audit(
        place,
        candidates(),
        senses,
        settings,
        find_language(language or (config.run if config else RunSettings()).language),
        read_report(earlier) if earlier else None,
        origins,
        drawn_from,
        rounds,
        workbooks=form != "html",
    )
    click.echo(
        f"audit {key.audit_id}: {key.sampled:,} of {key.population:,} rows in "
        f"{len(key.strata)} strata, seed {key.seed}{_told(rounds.names)}",
        err=True,
    )
    for annotator in key.annotators:
        n_rows = count_rows(place / SHEETS / f"{annotator}.parquet", SheetRow)
        click.echo(
            f"{annotator}: {counted(n_rows, 'row')}, about {minutes(n_rows, key.mode)} minutes",
            err=True,
        )
    if form != "html":
        for annotator in key.annotators:
            click.echo(str(place / WORKBOOKS / f"{annotator}.xlsx"))
    if form != "xlsx":
        _write_pages(place)


@audit.command()
@_folder_options
def pages(config_path: Path | None, folder: Path | None, name: str | None) -> None:
    """Write the pages of an audit that was drawn already: one file of HTML per annotator.

    Nothing is drawn. A page holds no answers, so that it can be written again at any time. The
    paths of the pages are printed on standard output.
    """
    _write_pages(_place(config_path, folder, name))


def _write_pages(place: Path) -> None:
    from audits.page.write import write_pages

    for path in write_pages(place, _language(place)):
        click.echo(str(path))


@audit.command("import")
@_folder_options
@click.option("--all-findings", is_flag=True, help=f"Name more than {NAMED_AT_MOST} findings.")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
def import_(
    config_path: Path | None,
    folder: Path | None,
    name: str | None,
    all_findings: bool,
    files: tuple[Path, ...],
) -> int:
    """Import filled-in workbooks (.xlsx, .ods, .csv) and files that a page saved (.json).

    Files that are filled in in part are imported again and again.

    Files are imported in the order given; the newer answer wins. Rows that were tampered with and
    unknown answers are named and not imported, all others are. The exit code is 1 if there were
    any.
    """
    from datetime import UTC, datetime

    from audits.answers.importing import import_files
    from audits.text import one_line

    place = _place(config_path, folder, name)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    results = import_files(place, files, now, _language(place).audit)
    for result in results:
        shown = result.findings if all_findings else result.findings[:NAMED_AT_MOST]
        for finding in shown:
            click.echo(str(finding))
        if len(shown) < len(result.findings):
            click.echo(f"... and {len(result.findings) - len(shown):,} more: --all-findings")
        click.echo(
            f"{one_line(result.file)}: {counted(result.rows, 'row')} "
            f"({result.complete:,} complete, {result.partial:,} begun, {result.blank:,} empty), "
            f"{counted(result.new, 'new answer')}, {result.changed:,} changed, "
            f"{counted(len(result.faults), 'fault')}"
        )
    faults = sum(len(result.faults) for result in results)
    if faults:
        click.echo(
            f"{counted(faults, 'fault')}: what is at fault was not imported; correct the sheet, or "
            "ask for a page's file anew, and import it again",
            err=True,
        )
    return 1 if faults else 0


@audit.command()
@_folder_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", "markdown", "json"]),
    default="terminal",
    show_default=True,
    help="What standard output gets; report.md and audit.json are written in any case.",
)
@click.option("--unsure", type=click.Choice(["not_good", "left_out"]), help="How unsure counts.")
def report(
    config_path: Path | None, folder: Path | None, name: str | None, form: str, unsure: str | None
) -> None:
    """Estimate quality and agreement, with 95 % intervals; write report.md and audit.json."""
    from audits.figures import ROW
    from audits.reports.markdown import report_text
    from audits.reports.report import write_report

    config = _load(config_path, folder is not None)
    place = _place(config_path, folder, name)
    rule: Any = unsure or (config.audit.unsure if config else "not_good")
    made = write_report(place, _language(place), rule)
    share, margin = made.of(ROW).share, config.audit.margin if config else None
    if share and margin:
        half = (share.high - share.low) / 2
        met = "met" if half <= margin else "not met; `viconwsd audit sample --extend 50` goes on"
        click.echo(f"± {half:.3f}: the margin of {margin} is {met}", err=True)
    if form == "json":
        click.echo(made.model_dump_json(indent=2))
    elif form == "markdown":
        click.echo(report_text(made), nl=False)
    else:
        from rich.console import Console

        from audits.reports.terminal import show

        show(made, Console())


@audit.command()
@_folder_options
@click.option("--by", "person", required=True, metavar="WHO", help="Who decides; it is recorded.")
def adjudicate(
    config_path: Path | None, folder: Path | None, name: str | None, person: str
) -> None:
    """Write a workbook of the rows on which annotators differ; `import` reads it back.

    Whoever decides answers a row first, and then sees what the annotators said. The path of the
    workbook is printed on standard output.
    """
    from audits.adjudication import write_adjudication

    place = _place(config_path, folder, name)
    written = write_adjudication(place, _language(place), person)
    if written is None:
        click.echo("nothing to adjudicate: no annotators differ on an open row", err=True)
        return
    path, n_rows = written
    click.echo(f"{counted(n_rows, 'row')} to adjudicate:", err=True)
    click.echo(str(path))


def _load(config_path: Path | None, not_needed: bool) -> RunConfig | None:
    """The run's configuration; None where other options say all that it would."""
    if config_path is None and not_needed:
        return None
    from pipeline.config import load_config

    return load_config(config_path or Path("run.toml"))


def _run(config: RunConfig | None) -> RunConfig:
    if config is None:
        raise click.UsageError("give a run's configuration with -c")
    return config


def _place(config_path: Path | None, folder: Path | None, name: str | None) -> Path:
    if folder is not None:
        return folder
    from audits.key import has_key
    from audits.rounds import AUDITS, PAIR_AUDITS

    config = _run(_load(config_path, not_needed=False))
    own = name or config.audit.name
    of_pairs = config.folder / PAIR_AUDITS / own
    place = config.folder / AUDITS / own
    return of_pairs if has_key(of_pairs) and not has_key(place) else place


def _language(place: Path) -> Language:
    """The language in which the audit's sheets are written."""
    from audits.key import read_key
    from languages.find import find_language

    return find_language(read_key(place).language)


def _told(names: tuple[str, ...]) -> str:
    return f"; it goes on with {', '.join(names)}" if names else ""
