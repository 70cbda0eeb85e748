"""``viconwsd audit``: samples, imports of filled-in workbooks, reports, adjudications."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.options import path_option
from schemas.numbers import counted

if TYPE_CHECKING:
    from audits.create import FindOrigins
    from audits.key import DrawnRelease
    from audits.sampling.candidates import AuditCandidate, KnownSense
    from audits.settings import AuditSettings
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
    type=click.Choice(["release", "selected"]),
    default="release",
    show_default=True,
    help="Draw from the release, or from the contexts that the stage select has kept.",
)
@click.option("--size", type=click.IntRange(min=1), help="How many items to draw.  [default: 200]")
@click.option("--margin", type=float, help="Draw as many as a 95 % interval of ± this needs.")
@click.option("--expected", type=float, help="The quality that --margin assumes.  [default: 0.5]")
@click.option("--annotators", help="Names, separated by commas: one workbook each.")
@click.option("--overlap", type=float, help="Share of the items that all get.  [default: 0.2]")
@click.option("--repeats", type=float, help="Share of hidden repeats.  [default: 0.05]")
@click.option("--strata", help="Of pos,polysemy,judged,model,prompt_version,round.")
@click.option("--allocation", type=click.Choice(["proportional", "equal", "neyman"]))
@path_option(
    "--earlier",
    metavar="FILE",
    help="The audit.json of an earlier audit: for neyman, and as what --margin expects.",
)
@click.option("--seed", type=int, help="Another seed draws another sample.  [default: 0]")
@click.option("--language", metavar="CODE", help="Of the sheets.  [default: the run's]")
@click.option("--blind", is_flag=True, help="Ask for the sense among all, without the intended.")
def sample(
    config_path: Path | None,
    folder: Path | None,
    name: str | None,
    release: Path | None,
    source: str,
    earlier: Path | None,
    language: str | None,
    **options: Any,
) -> None:
    """Draw a stratified sample and write one workbook per annotator.

    The paths of the workbooks are printed on standard output.
    """
    from audits.create import create_audit
    from audits.figures import read_report
    from audits.key import WORKBOOKS
    from languages.find import find_language
    from pipeline.config import RunSettings

    config = _load(config_path, folder is not None and release is not None)
    settings = _settings(config, name, options)
    place = folder or _run(config).folder / "audits" / settings.name
    drawn_from = None
    if source == "selected":
        candidates, senses, origins = _selected(_run(config))
    else:
        rows = release or _run(config).release_folder
        candidates, senses, origins = _released(rows, settings)
        drawn_from = _named(rows)
    key = create_audit(
        place,
        candidates,
        senses,
        settings,
        find_language(language or (config.run if config else RunSettings()).language),
        read_report(earlier) if earlier else None,
        origins,
        drawn_from,
    )
    click.echo(
        f"audit {key.audit_id}: {key.sampled:,} of {key.population:,} rows in "
        f"{len(key.strata)} strata, seed {key.seed}; workbooks:",
        err=True,
    )
    for annotator in key.annotators:
        click.echo(str(place / WORKBOOKS / f"{annotator}.xlsx"))


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
    """Import filled-in workbooks: .xlsx, .ods, .csv; partly filled ones again and again.

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
            f"{counted(faults, 'fault')}: what is at fault was not imported; correct the file and "
            "import it again",
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
    from audits.reports.markdown import report_text
    from audits.reports.report import write_report

    config = _load(config_path, folder is not None)
    place = _place(config_path, folder, name)
    rule: Any = unsure or (config.audit.unsure if config else "not_good")
    made = write_report(place, _language(place), rule)
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
def adjudicate(config_path: Path | None, folder: Path | None, name: str | None) -> None:
    """Write a workbook of the rows on which annotators differ; `import` reads it back.

    The path of the workbook is printed on standard output.
    """
    from audits.adjudication import write_adjudication

    place = _place(config_path, folder, name)
    written = write_adjudication(place, _language(place))
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
    config = _run(_load(config_path, not_needed=False))
    return config.folder / "audits" / (name or config.audit.name)


def _language(place: Path) -> Language:
    """The language in which the audit's sheets are written."""
    from audits.key import read_key
    from languages.find import find_language

    return find_language(read_key(place).language)


def _settings(config: RunConfig | None, name: str | None, options: dict[str, Any]) -> AuditSettings:
    """The run's audit section, with what the command line says in its place."""
    from pydantic import ValidationError

    from audits.settings import AuditSettings
    from schemas.errors import UsageError

    base = config.audit.model_dump() if config else {}
    if options.pop("blind"):
        base["mode"] = "blind"
    given = {key: value for key, value in options.items() if value is not None}
    for key in ("annotators", "strata"):
        if key in given:
            given[key] = tuple(part.strip() for part in given[key].split(",") if part.strip())
    if "size" in given:
        base["margin"] = None
    elif "margin" in given:
        base["size"] = None
    if name is not None:
        given["name"] = name
    try:
        return AuditSettings.model_validate(base | given)
    except ValidationError as error:
        lines = [
            f"--{fault['loc'][0] if fault['loc'] else 'size'}: "
            f"{fault['msg'].removeprefix('Value error, ')} (it is {fault['input']!r})"
            for fault in error.errors(include_url=False)
        ]
        raise UsageError("\n".join(lines)) from error


def _named(release: Path) -> DrawnRelease | None:
    """What a release is called; None for a folder of tables without a manifest."""
    from pipeline.card.audit import named
    from pipeline.release.manifest import MANIFEST, ReleaseManifest

    return named(ReleaseManifest.read(release)) if (release / MANIFEST).exists() else None


Source = tuple["Iterable[AuditCandidate]", "Iterable[KnownSense]", "FindOrigins | None"]


def _released(release: Path, settings: AuditSettings) -> Source:
    """The rows of a release; all origins are read first only if a stratum depends on them."""
    from audits.sampling.candidates import (
        Origin,
        release_candidates,
        release_origins,
        release_senses,
    )

    origins = release_origins(release) if set(settings.strata) & set(Origin._fields) else None
    return (
        release_candidates(release, origins),
        release_senses(release),
        lambda wanted: release_origins(release, wanted),
    )


def _selected(config: RunConfig) -> Source:
    """The contexts that the stage select has kept, joined with the tables they were made from."""
    from audits.sampling.candidates import joined_candidates, known_senses
    from pipeline.binding import all_stages
    from pipeline.engine.decide import UpToDate, lineage
    from pipeline.engine.folder import RunFolder
    from pipeline.select.records import SelectedContext
    from schemas.errors import InputError
    from schemas.records import Gloss, Sense
    from schemas.tables import read_table

    run = RunFolder(config.folder)
    decisions = lineage(all_stages(config, run.last_run().limit), run)

    def table(stage: str, name: str) -> Path:
        decision = decisions[stage]
        if not isinstance(decision, UpToDate):
            raise InputError(
                f"{run.path}: the stage {stage} is not up to date ({'; '.join(decision.reasons)}); "
                f"`viconwsd run -c {config.path} --until select` brings it there"
            )
        decision.upstream.check()
        return decision.upstream.table(name)

    senses, glosses = table("synsets", "senses"), table("glosses", "glosses")
    contexts = read_table(table("select", "selected"), SelectedContext)
    return (
        joined_candidates(
            ((context, context.judged) for context in contexts),
            read_table(senses, Sense),
            read_table(glosses, Gloss),
        ),
        known_senses(read_table(senses, Sense), read_table(glosses, Gloss)),
        None,
    )
