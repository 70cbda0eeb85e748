"""The card of a trained model, made from its ``config.json`` and ``evaluation.json``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import yaml

from pipeline.card.words import cell, table
from schemas.errors import InputError
from schemas.files import explained

README = "README.md"
EVALUATION = "evaluation.json"

_INTRODUCTION = """\
A sense-aware encoder for Vietnamese: it gives the vector of a marked word in its sentence, in the
same space as the vectors of glosses, so that the nearest gloss among a word's senses tells which
sense is meant.

## Tóm tắt bằng tiếng Việt

Mô hình mã hoá nghĩa của từ tiếng Việt theo ngữ cảnh: véc-tơ của từ được đánh dấu trong câu nằm
cùng không gian với véc-tơ của các lời định nghĩa, nhờ đó chọn được nghĩa phù hợp nhất.

## Use

```bash
viconwsd disambiguate "Tôi đang [[khoan]] tường" --model FOLDER
```
"""


def compose_model_card(folder: Path) -> str:
    """The README of a model folder; an absent evaluation is said plainly."""
    config = _object(folder / "config.json")
    evaluation = _object(folder / EVALUATION) if (folder / EVALUATION).is_file() else None
    parts = [_head(config), f"# {folder.resolve().name}\n", _INTRODUCTION, "## Architecture\n"]
    parts.append(table(("setting", "value"), _settings(config), left=2) + "\n")
    parts.append("## Evaluation\n")
    if evaluation is None:
        parts.append("No evaluation has been made of this model.\n")
    else:
        parts.extend(_evaluation(evaluation, level=3))
    parts.append("## Limits\n")
    parts.append(
        "It ranks the senses it is given: what the inventory lacks it cannot find. Figures on "
        "machine-written sentences say little about other text; same-POS senses of unseen lemmas "
        "are the hardest case, look at those rows.\n"
    )
    return "\n".join(parts)


def _object(path: Path) -> dict[str, Any]:
    try:
        with explained(path):
            found = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise InputError(f"{path}: not valid JSON ({error}); write it again") from error
    if not isinstance(found, dict):
        raise InputError(f"{path}: not a JSON object; write it again")
    return found


def _head(config: Mapping[str, Any]) -> str:
    head = {
        "language": ["vi"],
        "library_name": "transformers",
        "pipeline_tag": "feature-extraction",
        "tags": ["word-sense-disambiguation", str(config.get("model_type", "viconbert"))],
    }
    return f"---\n{yaml.safe_dump(head, allow_unicode=True, sort_keys=False)}---\n"


def _settings(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The model's own settings; of its backbone only the kind and the size."""
    for name, value in config.items():
        if isinstance(value, str | int | float | bool):
            yield f"`{name}`", f"`{value}`"
    backbone = config.get("backbone")
    if isinstance(backbone, dict):
        for name in ("model_type", "hidden_size", "num_hidden_layers", "vocab_size"):
            if name in backbone:
                yield f"`backbone.{name}`", f"`{backbone[name]}`"


def _evaluation(values: Mapping[str, Any], level: int) -> Iterator[str]:
    """Any evaluation: numbers as a table, lists of equal objects as tables, objects below."""
    plain = [(name, _shown(v)) for name, v in values.items() if not isinstance(v, dict | list)]
    if plain:
        yield table(("measure", "value"), plain) + "\n"
    for name, value in values.items():
        title = f"{'#' * min(level, 6)} {cell(name)}\n"
        if isinstance(value, dict) and value:
            yield title
            yield from _evaluation(value, level + 1)
        elif isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
            yield title
            yield _rows(value) + "\n"


def _rows(rows: Sequence[Mapping[str, Any]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return table(names, ([_shown(row.get(name, "")) for name in names] for row in rows))


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, list):
        return ", ".join(_shown(entry) for entry in value)
    return "–" if value is None else str(value)
