"""``viconwsd diversity``: how varied sentences are, side by side and at equal length."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from languages.language import Language
    from pipeline.variety.measures import Variety
    from pipeline.variety.sentences import Sentences

ROWS = (
    ("senses", "n_senses", ",d"),
    ("sentences", "n_sentences", ",d"),
    ("units", "n_units", ",d"),
    ("distinct-1", "distinct_1", ".3f"),
    ("distinct-2", "distinct_2", ".3f"),
    ("distinct-3", "distinct_3", ".3f"),
    ("compression ratio", "compression", ".2f"),
    ("template rate", "template_rate", ".3f"),
    ("self-repetition", "self_repetition", ".3f"),
    ("cue saturation", "cue_saturation", ".3f"),
)


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--language", "code", metavar="CODE", help="Of CSV files, such as vi.")
@click.option(
    "--per-sense",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="Sentences of each sense; a sense that has fewer is left out.",
)
@click.option(
    "--units",
    type=click.IntRange(min=1),
    help="Units of a sample at most.  [default: as many as the smallest has]",
)
def diversity(paths: tuple[Path, ...], code: str | None, per_sense: int, units: int | None) -> None:
    """Measure how varied the sentences of each PATH are, in samples of equal length.

    PATH is a run folder (its contexts under today's run.toml), a release folder, or a CSV file
    with the columns sense_id and sentence, the target marked [[...]].
    """
    from pipeline.variety.held import held
    from pipeline.variety.measures import n_units, sampled, variety
    from schemas.errors import InputError

    language = _language(paths, code)
    found = [_read(path, language) for path in paths]
    whole = [sampled(each.by_sense, per_sense, language) for each in found]
    lengths = [sum(n_units(of, language) for of in each.values()) for each in whole]
    for path, length in zip(paths, lengths, strict=True):
        if not length:
            raise InputError(f"{path}: no sense has {per_sense} sentences; --per-sense takes fewer")
    most = min([*lengths, *([units] if units else [])])
    measured = [
        variety(sampled(each.by_sense, per_sense, language, most), language) for each in found
    ]
    click.echo(
        f"{per_sense} sentences of each sense, at most {most:,} {language.segmentation.unit}s"
    )
    for line in _lines(paths, measured):
        click.echo(line)
    for path, each in zip(paths, found, strict=True):
        for kind, count in held(each.slots, language).items():
            click.echo(
                f"{path}: {kind} as asked in {count.held:,} of {count.asked:,} sentences"
                f" ({count.held / count.asked:.0%})"
            )


def _lines(paths: tuple[Path, ...], measured: list[Variety]) -> Iterator[str]:
    names = [path.name or str(path) for path in paths]
    widths = [max(9, len(name)) for name in names]
    cells = [f"{name:>{width}}" for name, width in zip(names, widths, strict=True)]
    yield f"{'':17}  {'  '.join(cells)}"
    for title, field, form in ROWS:
        cells = [
            f"{format(getattr(each, field), form):>{width}}"
            for each, width in zip(measured, widths, strict=True)
        ]
        yield f"{title:17}  {'  '.join(cells)}"


def _language(paths: tuple[Path, ...], code: str | None) -> Language:
    """The language that the paths are in; UsageError where they differ, or nothing says it."""
    from languages.find import find_language
    from pipeline.config import load_config
    from pipeline.release.manifest import ReleaseManifest
    from schemas.errors import UsageError

    said = {code: "--language"} if code else {}
    for path in paths:
        if (path / "run.toml").is_file():
            said.setdefault(load_config(path / "run.toml").language.code, str(path))
        elif path.is_dir():
            said.setdefault(ReleaseManifest.read(path).language, str(path))
    if not said:
        raise UsageError("say the language of the sentences with --language")
    if len({find_language(each).code for each in said}) > 1:
        raise UsageError(
            "sentences of one language can be compared; here are "
            + ", ".join(f"{each} ({where})" for each, where in said.items())
        )
    return find_language(next(iter(said)))


def _read(path: Path, language: Language) -> Sentences:
    from pipeline.binding import all_stages
    from pipeline.config import load_config
    from pipeline.engine.decide import UpToDate, lineage
    from pipeline.engine.folder import RunFolder
    from pipeline.release.manifest import ReleaseManifest
    from pipeline.variety.sentences import of_csv, of_tables
    from schemas.errors import UsageError
    from schemas.records import Context, Example

    if (path / "run.toml").is_file():
        config = load_config(path / "run.toml")
        folder = RunFolder(config.folder)
        stages = all_stages(config, folder.last_run().limit)
        decision = lineage(stages, folder)["contexts"]
        if not isinstance(decision, UpToDate):
            raise UsageError(
                f"{path}: contexts are not there ({'; '.join(decision.reasons)}); run "
                f"`viconwsd run -c {path / 'run.toml'} --until contexts`"
            )
        return of_tables([decision.upstream.table("contexts")], Context)
    if path.is_dir():
        files = ReleaseManifest.read(path).files_of("examples")
        return of_tables([path / file.path for file in files], Example)
    return of_csv(path, language)
