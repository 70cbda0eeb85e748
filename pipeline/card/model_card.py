"""The card of a trained model, made from its ``config.json`` and ``evaluation.json``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import yaml

from languages.find import find_language
from languages.language import Language
from pipeline.card.evaluation import evaluation_text, read_evaluation
from pipeline.card.exported import exported_licence, exported_limits, exported_use
from pipeline.card.front_matter import licence_fields
from schemas.errors import InputError
from schemas.files import explained
from schemas.markdown import code_span, escaped, table

README = "README.md"
TRAINING = "training.json"

_INTRODUCTION = """\
A sense-aware encoder for {language}: it gives the vector of a marked word in its sentence, in the
same space as the vectors of glosses, so that the nearest gloss among a word's senses tells which
sense is meant.
"""

_USE = """\
## Use

```bash
viconwsd disambiguate "{example}" --model FOLDER
```
"""

_BEFORE_IT_WAS_SAID = "vi"
"""The language of models whose config.json names none."""

_LIMITS = """\
It ranks the senses it is given: what the inventory lacks it cannot find. Figures on machine-written
sentences say little about other text. Senses of one part of speech of lemmas unseen in training are
the hardest case: look at those rows.
"""


def compose_model_card(folder: Path, name: str) -> str:
    """The README of a model folder; an absent evaluation is said plainly."""
    config = _object(folder / "config.json")
    language = find_language(str(config.get("language", _BEFORE_IT_WAS_SAID)))
    parts = [
        _head(config, language),
        f"# {escaped(name)}",
        _INTRODUCTION.format(language=language.names.english),
    ]
    if own := language.card.own:
        parts.append(f"## {own.heading}\n\n{own.model_summary}")
    exported = "auto_map" in config
    use = _USE.format(example=language.card.example)
    parts.append(exported_use(folder, config, language) if exported else use)
    parts += ["## Architecture", table(("setting", "value"), _settings(config), left=2)]
    if (folder / TRAINING).is_file():
        training = _object(folder / TRAINING)
        parts += ["## Training", table(("setting", "value"), _flat(training), left=2)]
    parts += ["## Evaluation", evaluation_text(read_evaluation(folder)), "## Limits", _LIMITS]
    if exported:
        parts += [exported_limits(), exported_licence(config)]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _object(path: Path) -> dict[str, Any]:
    try:
        with explained(path):
            found = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise InputError(f"{path}: not valid JSON ({error}); write it again") from error
    if not isinstance(found, dict):
        raise InputError(f"{path}: not a JSON object; write it again")
    return found


def _head(config: Mapping[str, Any], language: Language) -> str:
    head = {
        "language": [language.code],
        **(licence_fields(config["licence"]) if isinstance(config.get("licence"), str) else {}),
        "library_name": "transformers",
        "pipeline_tag": "feature-extraction",
        "tags": ["word-sense-disambiguation", str(config.get("model_type", "viconbert"))],
    }
    return f"---\n{yaml.safe_dump(head, allow_unicode=True, sort_keys=False)}---\n"


def _settings(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The model's own settings; of its backbone only the kind and the size."""
    for name, value in config.items():
        if isinstance(value, str | int | float | bool) and not name.startswith("_"):
            yield code_span(name), code_span(str(value))
    backbone = config.get("backbone")
    if isinstance(backbone, dict):
        for name in ("model_type", "hidden_size", "num_hidden_layers", "vocab_size"):
            if name in backbone:
                yield code_span(f"backbone.{name}"), code_span(str(backbone[name]))


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """All settings with dotted names, those that are not set left out."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif value is not None:
            yield code_span(f"{prefix}{name}"), code_span(str(value))
