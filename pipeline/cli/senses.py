"""``viconwsd senses``: the usages of words in a corpus, and a student that names them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.options import config_option, path_option, release_option

if TYPE_CHECKING:
    from pipeline.cli.training_display import TrainingDisplay
    from pipeline.config import RunConfig
    from trainer.data import WsdData
    from trainer.inference.tables import Row
    from trainer.senses.build import CorpusToRead
    from trainer.senses.encoder import UsageEncoder
    from trainer.senses.folder import SensesFolder
    from trainer.senses.usages import WordUsage
    from trainer.states.teacher import Teacher

_FOLDER = "senses"
senses_option = path_option(
    "-m",
    "--senses",
    "senses_path",
    help="The folder of the senses; by default `senses` in the run.",
)


@click.group()
def senses() -> None:
    """Find how words are used in a corpus, and teach a small encoder to tell it.

    `build` has a teacher read the corpus and makes a dictionary of usages, `distil` trains the
    student. Usages are clusters of a teacher's vectors, not senses of a dictionary.
    """


@senses.command("build")
@config_option
@release_option
@senses_option
def build_usages(config_path: Path, release_folder: Path | None, senses_path: Path | None) -> int:
    """Build the dictionary of usages, as the section [senses] says; a killed one goes on.

    Prints its folder. The first thing said is how long the teacher will read.
    """
    config, display = _session(config_path)
    from trainer.senses.build import build_senses

    folder = _folder(config, senses_path)
    release = release_folder or config.release_folder
    data = _release(config, release, needed=not config.senses.corpus)
    inventory = None if data is None else data.inventory
    with display.shown():
        teacher = _teacher(config)
        corpus = _corpus(config, data)
        built = build_senses(
            corpus, teacher, config.language, inventory, config.senses, folder, display.say
        )
    if built is None:
        display.say("up to date: settings, corpus and backbone are those of the dictionary")
    else:
        display.say(
            f"{built.n_units:,} words, {built.n_usages:,} usages of {built.n_vectors:,} "
            f"occurrences; they keep {built.variance_kept:.1%} of the variance within words"
        )
    click.echo(str(folder.dictionary))
    return 0


@senses.command("distil")
@config_option
@senses_option
@click.option(
    "--regression",
    is_flag=True,
    help="Teach one more student the teacher's vectors alone, for `evaluate` to compare.",
)
def distil_usages(config_path: Path, senses_path: Path | None, regression: bool) -> int:
    """Teach a small encoder to name the usages of the dictionary; a killed one goes on.

    Prints its folder.
    """
    config, display = _session(config_path)
    from trainer.senses.evaluate import REGRESSION
    from trainer.senses.fit import distil_student

    folder, settings = _folder(config, senses_path), config.senses.student
    output = folder.student
    if regression:
        settings = settings.model_copy(update={"choice": 0.0, "soft": 0.0, "regression": 1.0})
        output = folder.path / REGRESSION
    with display.shown():
        taught = distil_student(folder, output, settings, display.say)
    if taught is None:
        display.say("up to date: settings and dictionary are those of the student")
    click.echo(str(output))
    return 0


@senses.command("evaluate")
@config_option
@release_option
@senses_option
@path_option("--output", "output_path", help="Where the report goes; by default `evaluation`.")
def evaluate_usages(
    config_path: Path,
    release_folder: Path | None,
    senses_path: Path | None,
    output_path: Path | None,
) -> int:
    """Measure dictionary and student: agreement, sets, megabytes, sentences a second.

    Prints the tables; `senses.json` and `senses.md` hold them too.
    """
    config, display = _session(config_path)
    settings = config.senses.evaluate
    from pipeline.cli.training_display import print_tables
    from trainer.benchsets.named import read_sets
    from trainer.distil.evaluate import release_set
    from trainer.senses.evaluate import evaluate_senses, open_senses
    from trainer.senses.folder import opened_description
    from trainer.senses.report import senses_sections, write_senses_report

    folder = _folder(config, senses_path)
    opened_description(folder.dictionary)  # what is missing is told before a teacher is opened
    sets = read_sets(settings.sets, config.resolve, config.language)
    release = release_folder or config.release_folder
    data = _release(config, release, needed=False) if settings.release else None
    if data is not None:
        sets.insert(0, release_set(data, settings.splits))
    with display.shown():
        opened = open_senses(folder, _teacher(config))
        report = evaluate_senses(opened, sets, settings, display.say)
        for path in write_senses_report(output_path or config.folder / "evaluation", report):
            display.say(f"wrote {path}")
    print_tables(senses_sections(report))
    return 0


@senses.command("tag")
@click.argument("sentence", required=False)
@config_option
@senses_option
@click.option("--target", help="The target word, where the sentence has no [[...]].")
@path_option("--input", "input_path", help="A .csv, .jsonl or .parquet.")
@path_option("--output", "output_path", help="Where its rows go, with the usages.")
def tag_usages(
    sentence: str | None,
    config_path: Path,
    senses_path: Path | None,
    target: str | None,
    input_path: Path | None,
    output_path: Path | None,
) -> int:
    """Name the usage of the word that is marked in SENTENCE as [[word]], or in each row of a file.

    The number is that of `show`. A word that the dictionary lacks has no usage, and the exit code
    is 1.
    """
    from pipeline.cli.training_display import quiet_libraries
    from schemas.errors import UsageError

    if (sentence is None) == (input_path is None):
        raise UsageError("give a sentence with its target as [[word]], or a file with --input")
    if (input_path is None) != (output_path is None):
        raise UsageError("--input and --output go together")
    if input_path is not None and target:
        raise UsageError("--target is for one sentence: a file has a column target")
    quiet_libraries()
    from trainer.inference.marking import check_marks, find_target
    from trainer.senses.encoder import UsageEncoder

    if sentence is not None:
        check_marks(sentence, target)
    folder = senses_path or config_path.parent / _FOLDER
    opened = UsageEncoder.open(folder)
    if input_path is not None and output_path is not None:
        return _tag_file(opened, input_path, output_path)
    assert sentence is not None
    (word,) = opened.encode([find_target(sentence, opened.language, target)])
    if not word.known:
        click.echo(f"{word.unit!r} is not in the dictionary: it has no usages there", err=True)
        return 1
    click.echo(f"{word.unit}: usage {word.usage} of {word.n_usages} ({word.share:.0%})")
    return 0


def _tag_file(opened: UsageEncoder, input_path: Path, output_path: Path) -> int:
    from rich.console import Console

    from pipeline.cli.training_display import TrainingDisplay
    from schemas.numbers import counted
    from trainer.inference.tables import file_format, look_through, write_rows
    from trainer.progress import progress_of
    from trainer.senses.tagging import tagged_rows, tagged_schema

    asked = look_through(input_path, typed=file_format(output_path) == ".parquet")
    schema, failed = tagged_schema(asked), 0
    display = TrainingDisplay(Console(stderr=True, highlight=False))

    def told(rows: Iterable[Row]) -> Iterator[Row]:
        nonlocal failed
        for row in rows:
            failed += row["usage_error"] is not None
            yield row

    with display.shown(), progress_of("tagging rows", asked.n_rows) as advance:
        write_rows(output_path, schema, told(tagged_rows(opened, asked, advance)))
    if failed:
        display.say(f"{counted(failed, 'row')} could not be read: see usage_error")
    click.echo(str(output_path))
    return 1 if failed else 0


@senses.command("show")
@click.argument("word")
@config_option
@senses_option
@click.option("--json", "as_json", is_flag=True, help="Print the usages as JSON.")
def show_usages(word: str, config_path: Path, senses_path: Path | None, as_json: bool) -> int:
    """Show the usages of WORD: share, words used alike, the nearest gloss, sentences."""
    from trainer.senses.folder import SensesFolder
    from trainer.senses.usages import usages_of

    folder = SensesFolder(senses_path or config_path.parent / _FOLDER)
    found = usages_of(folder.dictionary, word)
    if as_json:
        from dataclasses import asdict

        import orjson

        rows = [asdict(usage) for usage in found]
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
        return 0
    for line in _lines(word, found):
        click.echo(line)
    return 0


def _lines(word: str, found: tuple[WordUsage, ...]) -> list[str]:
    from schemas.numbers import counted

    n = sum(usage.mass for usage in found)
    lines = [f"{word}: {counted(len(found), 'usage')} in {counted(n, 'occurrence')}"]
    for usage in found:
        lines += ["", f"{usage.number}.  {usage.share:.0%} ({usage.mass:,})"]
        if usage.gloss is not None:
            gloss = usage.gloss
            lines.append(
                f"    gloss    {gloss.pos}: {gloss.gloss} [{gloss.sense_id}, {gloss.cosine:.2f}]"
            )
        if usage.words:
            near = ", ".join(f"{w.word} ({w.cosine:.2f})" for w in usage.words)
            lines.append(f"    like     {near}")
        if usage.beside:
            lines.append(f"    beside   {', '.join(usage.beside)}")
        lines += [f"    {text}" for text in usage.examples]
    return lines


def _session(config_path: Path) -> tuple[RunConfig, TrainingDisplay]:
    from rich.console import Console

    from pipeline.cli.training_display import TrainingDisplay, quiet_libraries
    from pipeline.config import load_config

    config = load_config(config_path)
    quiet_libraries()
    return config, TrainingDisplay(Console(stderr=True, highlight=False))


def _folder(config: RunConfig, senses_path: Path | None) -> SensesFolder:
    from trainer.senses.folder import SensesFolder

    return SensesFolder(senses_path or config.folder / _FOLDER)


def _release(config: RunConfig, release: Path, needed: bool) -> WsdData | None:
    """The release, whose inventory has the glosses; None where there is none and none is needed."""
    from trainer.data.release import read_release

    if not needed and not (release / "data" / "senses").is_dir():
        return None
    return read_release(release, config.language)


def _teacher(config: RunConfig) -> Teacher:
    import torch

    from schemas.errors import UsageError
    from trainer.senses.build import usage_teacher
    from trainer.settings import SMALL_BACKBONE

    settings = config.senses
    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
    name = settings.backbone or config.train.backbone
    if name == SMALL_BACKBONE:
        own = config.folder / "model"
        if not own.is_dir():
            raise UsageError(
                "the teacher must know something: name a pretrained one in [senses] backbone, or "
                "run `viconwsd train` first, whose model is taken then"
            )
        name = str(own)
    elif (config.folder / name).is_dir():
        name = str(config.folder / name)
    return usage_teacher(name, config.language, settings)


def _corpus(config: RunConfig, data: WsdData | None) -> CorpusToRead:
    from schemas.errors import UsageError
    from schemas.ids import content_digest
    from trainer.senses.build import CorpusToRead
    from trainer.senses.corpus import contexts_as_documents, corpus_digest, documents

    paths = [config.resolve(path) for path in config.senses.corpus]
    if paths:
        for path in paths:
            if not path.exists():
                raise UsageError(f"[senses] corpus: {path}: no such file or folder")
        names = tuple(path.name for path in paths)
        return CorpusToRead(names, corpus_digest(paths), lambda: documents(paths))
    items = () if data is None else data.items
    digest = content_digest(*(text for item in items for text in (item.item_id, item.sentence)))
    return CorpusToRead(("the release",), digest, lambda: contexts_as_documents(items))
