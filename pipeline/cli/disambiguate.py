"""``viconwsd disambiguate``: ranks the senses of a word in a sentence."""

from __future__ import annotations

from pathlib import Path

import click


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
    quiet_libraries()
    from trainer.data.release import read_inventory
    from trainer.inference import Disambiguator
    from trainer.inference.marking import marked_sentence

    if sentence is not None:
        marked_sentence(sentence, target)  # a missing mark is told before a model is loaded
    folder = model_path or config_path.parent / "model"
    inventory = None if inventory_path is None else read_inventory(inventory_path)
    senses = Disambiguator.open(folder, inventory)
    if input_path is not None and output_path is not None:
        return _file(senses, input_path, output_path)
    assert sentence is not None
    answer = senses.disambiguate(sentence, target, lemma)
    if as_json:
        from dataclasses import asdict

        import orjson

        click.echo(orjson.dumps(asdict(answer), option=orjson.OPT_INDENT_2).decode())
        return 0
    if not answer.known:
        click.echo(
            f"{lemma or answer.target!r} is not in the inventory: all glosses were ranked", err=True
        )
    for rank, sense in enumerate(answer.senses[:top], start=1):
        click.echo(f"{rank:>2}  {sense.share:6.1%}  {sense.pos:<5} {sense.sense_id}  {sense.gloss}")
    return 0


def _file(senses: object, input_path: Path, output_path: Path) -> int:
    from itertools import tee

    from trainer.inference import Disambiguator
    from trainer.inference.files import answered, ask_of, read_rows, write_rows

    assert isinstance(senses, Disambiguator)
    rows, again = tee(read_rows(input_path))
    asks = (ask_of(row, f"{input_path}:{at}") for at, row in enumerate(rows, start=1))
    answers = senses.disambiguate_all(asks)
    n = write_rows(
        output_path, (answered(row, answer) for row, answer in zip(again, answers, strict=False))
    )
    click.echo(f"{n:,} rows", err=True)
    click.echo(str(output_path))
    return 0
