"""The evaluation of a model as its card shows it, read from the ``evaluation.json`` beside it."""

from __future__ import annotations

import re
from pathlib import Path

from schemas.errors import InputError
from schemas.evaluation import EvaluationReport
from schemas.files import read_json
from schemas.markdown import escaped, grouped, table
from trainer.evaluation.report import sections

EVALUATION = "evaluation.json"
_FIGURE = re.compile(r"[-+\d.,\[\] ]+")


def read_evaluation(folder: Path) -> EvaluationReport | None:
    """The evaluation of a model folder; None where none was made."""
    path = folder / EVALUATION
    if not path.is_file():
        return None
    return read_json(
        path, EvaluationReport, "an evaluation", "run `viconwsd evaluate` again", InputError
    )


def evaluation_text(evaluation: EvaluationReport | None) -> str:
    """The section of the card: the tables that ``viconwsd evaluate`` prints."""
    if evaluation is None or not evaluation.systems:
        return "No evaluation has been made of this model."
    parts = [
        f"On {grouped(evaluation.n_examples)} sentences over an inventory of "
        f"{grouped(evaluation.n_senses)} senses; lemmas with one sense are left out. The model is "
        "beside its baselines."
    ]
    for title, (header, *rows) in sections(evaluation):
        shown = ([_shown(cell) for cell in row] for row in rows)
        parts.append(f"### {escaped(title)}\n\n{table([*map(escaped, header)], shown)}")
    return "\n\n".join(parts)


def _shown(cell: str) -> str:
    return cell if _FIGURE.fullmatch(cell) else escaped(cell)
