"""``viconwsd disambiguate``: ranks the senses of a word in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.options import config_option, model_option, path_option
from schemas.numbers import counted

if TYPE_CHECKING:
    from trainer.inference import Disambiguation, Disambiguator
    from trainer.inference.tables import Row


@click.command()
@click.argument("sentence", required=False)
@model_option
@config_option
@click.option("--target", help="The target word, where the sentence has no [[...]].")
@click.option("--lemma", help="The target's dictionary form, where it differs from the target.")
@path_option(
    "--inventory",
    "inventory_path",
    help="A release folder whose senses are ranked instead of the model's own.",
)
@path_option("--input", "input_path", help="A .csv, .jsonl or .parquet.")
@path_option("--output", "output_path", help="Where its answers go.")
@click.option("--fast", is_flag=True, help="By the run's bank or its student (`viconwsd bank`).")
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
    fast: bool,
    top: int,
    as_json: bool,
) -> int:
    """Rank the senses of the word that is marked in SENTENCE as [[word]].

    A word that the inventory lacks has no senses to rank: the glosses nearest to it are shown,
    those of other words, and the exit code is 1.
    """
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
    if fast and inventory_path is not None:
        raise UsageError("--fast knows the senses of the model's own inventory: leave --inventory")
    quiet_libraries()
    from trainer.inference import Disambiguator
    from trainer.inference.marking import check_marks

    if sentence is not None:
        check_marks(sentence, target)  # a missing mark is told before a model is loaded

    def opened() -> Disambiguator:
        model = model_path or config_path.parent / "model"
        return _fast(model) if fast else Disambiguator.open(model, inventory_path)

    if input_path is not None and output_path is not None:
        return _file(input_path, output_path, opened)
    assert sentence is not None
    answer = opened().disambiguate(sentence, target, lemma)
    _print(answer, lemma or answer.target, top, as_json)
    return 0 if answer.known else 1


def _fast(model: Path) -> Disambiguator:
    """The model with the bank that lies beside it, and its student where there is one."""
    from trainer.inference import Disambiguator
    from trainer.saved.model_folder import SavedModel
    from trainer.senses.bank_folder import fast_ranker
    from trainer.storage.manifest import check_files

    ranker = SavedModel.open(model).ranker
    return Disambiguator(fast_ranker(ranker, check_files(model).identity, model.parent))


def _print(answer: Disambiguation, lemma: str, top: int, as_json: bool) -> None:
    if not answer.known:
        click.echo(
            f"{lemma!r} is not in the inventory, so none of its senses is known: give its "
            "dictionary form with --lemma, or an inventory that has it with --inventory; "
            "the glosses nearest to it are those of other words",
            err=True,
        )
    if as_json:
        from dataclasses import asdict

        import orjson

        click.echo(orjson.dumps(asdict(answer), option=orjson.OPT_INDENT_2).decode())
        return
    for rank, sense in enumerate(answer.senses[:top], start=1):
        share = f"{sense.share:6.1%}" if answer.known else f"{'-':>6}"
        click.echo(f"{rank:>2}  {share}  {sense.pos:<5} {sense.sense_id}  {sense.gloss}")


def _file(input_path: Path, output_path: Path, opened: Callable[[], Disambiguator]) -> int:
    from rich.console import Console

    from pipeline.cli.training_display import TrainingDisplay
    from trainer.inference.rows import answered_rows, answered_schema
    from trainer.inference.tables import file_format, look_through, write_rows
    from trainer.progress import progress_of

    asked = look_through(input_path, typed=file_format(output_path) == ".parquet")
    schema, unanswered, unknown = answered_schema(asked), 0, 0
    display = TrainingDisplay(Console(stderr=True, highlight=False))
    senses = opened()

    def counted_through(rows: Iterable[Row]) -> Iterator[Row]:
        nonlocal unanswered, unknown
        for row in rows:
            unanswered += row["answer_error"] is not None
            unknown += row["answer_known"] is False
            yield row

    with display.shown(), progress_of("disambiguating", asked.n_rows) as advance:
        write_rows(output_path, schema, counted_through(answered_rows(senses, asked, advance)))
    display.say(counted(asked.n_rows, "row"))
    if unknown:
        display.say(f"{unknown:,} with a word that the inventory lacks: answer_known is false")
    if unanswered:
        display.say(f"{unanswered:,} could not be answered: the column answer_error says why")
    click.echo(str(output_path))
    return 1 if unanswered else 0
