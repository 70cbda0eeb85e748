"""The YAML head of the card: what the Hub and ``load_dataset`` read."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import yaml

from pipeline.card.facts import MAIN_CONFIG, CardFacts, ConfigFacts

_HUB_LICENCES = frozenset(
    {
        "apache-2.0", "mit", "cc", "cc0-1.0", "cc-by-2.0", "cc-by-2.5", "cc-by-3.0", "cc-by-4.0",
        "cc-by-sa-3.0", "cc-by-sa-4.0", "cc-by-nc-2.0", "cc-by-nc-3.0", "cc-by-nc-4.0",
        "cc-by-nd-4.0", "cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0", "cc-by-nc-sa-2.0",
        "cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0", "odc-by", "odbl", "pddl", "gpl", "gpl-2.0",
        "gpl-3.0", "lgpl", "lgpl-2.1", "lgpl-3.0", "agpl-3.0", "bsd", "bsd-2-clause",
        "bsd-3-clause", "unlicense", "wtfpl", "mpl-2.0", "eupl-1.1", "eupl-1.2", "isc",
        "cdla-permissive-1.0", "cdla-permissive-2.0", "cdla-sharing-1.0",
    }
)  # fmt: skip
"""Licence names the Hub knows; any other goes in as ``other`` with a name."""

_SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000)
_SIZE_WORDS = ("n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M")


def front_matter(facts: CardFacts) -> str:
    """The YAML block with its ``---`` lines."""
    manifest = facts.manifest
    head: dict[str, Any] = {
        "language": [manifest.language],
        **licence_fields(manifest.licence),
        "pretty_name": f"{manifest.name} {manifest.version}",
        "task_categories": ["text-classification", "feature-extraction", "sentence-similarity"],
        "size_categories": [size_category(manifest.counts.examples)],
        **_creators(recorded=manifest.recorded),
        "multilinguality": ["monolingual"],
        "source_datasets": ["extended"],
        "tags": ["word-sense-disambiguation", "wordnet", "lexical-semantics", "synthetic"],
        "configs": [_config(config) for config in facts.configs],
        "dataset_info": [_info(config) for config in facts.configs],
    }  # fmt: skip
    text = yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=100)
    return f"---\n{text}---\n"


def _creators(*, recorded: bool) -> dict[str, list[str]]:
    """Who wrote; left out for recordings, of which only their folder knows the author."""
    made = ["machine-generated"]
    return {} if recorded else {"annotations_creators": made, "language_creators": made}


def licence_fields(licence: str) -> dict[str, str]:
    """The licence as the Hub's card fields want it."""
    lowered = licence.lower().replace(" ", "-")
    if lowered in _HUB_LICENCES:
        return {"license": lowered}
    return {"license": "other", "license_name": lowered}


def size_category(rows: int) -> str:
    """The Hub's size class of so many rows."""
    for bound, word in zip(_SIZES, _SIZE_WORDS, strict=True):
        if rows < bound:
            return word
    return "100M<n<1B"


def _config(config: ConfigFacts) -> dict[str, Any]:
    made: dict[str, Any] = {"config_name": config.name}
    if config.name == MAIN_CONFIG:
        made["default"] = True
    made["data_files"] = [
        {"split": part.name, "path": [file.path for file in part.files]} for part in config.parts
    ]
    return made


def _info(config: ConfigFacts) -> dict[str, Any]:
    return {
        "config_name": config.name,
        "features": [{"name": field.name, **_feature(field.type)} for field in config.schema],
        "splits": [
            {"name": part.name, "num_bytes": part.arrow_bytes, "num_examples": part.rows}
            for part in config.parts
        ],
        "download_size": sum(part.file_bytes for part in config.parts),
        "dataset_size": sum(part.arrow_bytes for part in config.parts),
    }


def _feature(kind: pa.DataType) -> dict[str, Any]:
    """An Arrow type as ``datasets`` writes it."""
    if pa.types.is_list(kind):
        inner = _feature(kind.value_type)
        return {"list": inner.get("dtype", inner.get("struct", inner))}
    if pa.types.is_struct(kind):
        return {"struct": [{"name": field.name, **_feature(field.type)} for field in kind]}
    if kind == pa.float64():
        return {"dtype": "float64"}
    return {"dtype": str(kind)}
