"""``viconwsd disambiguate``: ranks the senses of a word in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from schemas.numbers import counted

if TYPE_CHECKING:
    from trainer.inference import Answer, Disambiguator
    from trainer.inference.tables import Row
    from trainer.work import Done


@click.command()
@click.argument("sentence", required=False)
@click.option(
    "-m",
    "--model",
    "model_path",
    type=click.Path(path_type=Path),
    default=None,
    help="The model folder; by default `model` in the run folder of the configuration.",
)
@click.option(
    "-c",
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    default=Path("run.toml"),
    show_default=True,
    help="The run's configuration, used to find the model.",
)
@click.option("--target", help="The target word, where the sentence has no [[...]].")
@click.option("--lemma", help="The target's dictionary form, where it differs from the target.")
@click.option(
    "--inventory",
    "inventory_path",
    type=click.Path(path_type=Path),
    help="A release folder whose senses are ranked instead of the model's own.",
)
@click.option(
    "--input", "input_path", type=click.Path(path_type=Path), help="A .csv, .jsonl or .parquet."
)
@click.option(
    "--output", "output_path", type=click.Path(path_type=Path), help="Where its answers go."
)
@click.option("--top", type=click.IntRange(min=1), default=10, show_default=True, metavar="N")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def disambiguate(
    sentence: str | None,
    model_path: Path | None,
    config_path: Path,
    target: str | None,
    lemma: str | None,
    inventory_path: Path | None,
    input_path: Path | None,
    output_path: Path | None,
    top: int,
    as_json: bool,
) -> int:
    """Rank the senses of the word marked in SENTENCE, such as "Tôi đang [[khoan]] tường"."""
    from pipeline.cli.training_display import quiet_libraries
    from schemas.errors import UsageError

    if (sentence is None) == (input_path is None):
        raise UsageError("give a sentence with its target as [[word]], or a file with --input")
    if (input_path is None) != (output_path is None):
        raise UsageError("--input and --output go together")
    if input_path is not None and (target or lemma or as_json):
        raise UsageError(
            "--target, --lemma and --json are for one sentence: a file has columns target and lemma"
        )
    quiet_libraries()
    from trainer.data.release import read_inventory
    from trainer.inference import Disambiguator
    from trainer.inference.marking import marked_sentence

    if sentence is not None:
        marked_sentence(sentence, target)  # a missing mark is told before a model is loaded
    folder = model_path or config_path.parent / "model"
    inventory = None if inventory_path is None else read_inventory(inventory_path)

    def opened() -> Disambiguator:
        return Disambiguator.open(folder, inventory)

    if input_path is not None and output_path is not None:
        return _file(input_path, output_path, opened)
    assert sentence is not None
    answer = opened().disambiguate(sentence, target, lemma)
    _print(answer, lemma or answer.target, top, as_json)
    return 0


def _print(answer: Answer, lemma: str, top: int, as_json: bool) -> None:
    if as_json:
        from dataclasses import asdict

        import orjson

        click.echo(orjson.dumps(asdict(answer), option=orjson.OPT_INDENT_2).decode())
        return
    if not answer.known:
        click.echo(f"{lemma!r} is not in the inventory: all glosses were ranked", err=True)
    for rank, sense in enumerate(answer.senses[:top], start=1):
        click.echo(f"{rank:>2}  {sense.share:6.1%}  {sense.pos:<5} {sense.sense_id}  {sense.gloss}")


def _file(input_path: Path, output_path: Path, opened: Callable[[], Disambiguator]) -> int:
    from rich.console import Console

    from pipeline.cli.training_display import TrainingDisplay
    from trainer.inference.rows import answered_rows, answered_schema
    from trainer.inference.tables import file_format, look_through, write_rows
    from trainer.work import work

    asked = look_through(input_path, typed=file_format(output_path) == ".parquet")
    schema, unanswered = answered_schema(asked), 0
    display = TrainingDisplay(Console(stderr=True, highlight=False))

    def watched(rows: Iterable[Row], done: Done) -> Iterator[Row]:
        nonlocal unanswered
        for row in rows:
            unanswered += row["answer_error"] is not None
            done(1)
            yield row

    with display.shown(), work("disambiguating", asked.n_rows) as done:
        write_rows(output_path, schema, watched(answered_rows(opened(), asked), done))
    display.say(counted(asked.n_rows, "row"))
    if unanswered:
        display.say(f"{unanswered:,} could not be answered: the column answer_error says why")
    click.echo(str(output_path))
    return 1 if unanswered else 0
