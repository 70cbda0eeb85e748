"""A plain dataset card: correct YAML and the figures, for when the rich card is not installed."""

from __future__ import annotations

import json

import pyarrow as pa

from pipeline.release.manifest import ReleaseManifest, TableFile
from schemas.arrow import arrow_schema
from schemas.records import Example, InventorySense, Record

_CONFIGS: tuple[tuple[str, type[Record]], ...] = (
    ("examples", Example),
    ("senses", InventorySense),
)


def plain_card(manifest: ReleaseManifest) -> str:
    """README.md of a release: configs, splits and features for ``datasets``, then the counts."""
    head = [
        "---",
        f"language: [{manifest.language}]",
        "license: other",
        f"license_name: {json.dumps(manifest.licence, ensure_ascii=False)}",
        f"pretty_name: {json.dumps(manifest.name, ensure_ascii=False)}",
        "configs:",
        *(line for name, _ in _CONFIGS for line in _config(name, manifest)),
        "dataset_info:",
        *(line for name, record in _CONFIGS for line in _info(name, record, manifest)),
        "---",
    ]
    body = [
        "",
        f"# {manifest.name} {manifest.version}",
        "",
        "Vietnamese sentences with a marked target, its sense and gloss, made from "
        f"{manifest.source.name}.",
        "The replies behind them are recorded, not asked of a model." if manifest.recorded else "",
        "",
        "| split | rows | senses | lemmas |",
        "|---|---|---|---|",
        *(f"| {s.split.value} | {s.rows} | {s.senses} | {s.lemmas} |" for s in manifest.splits),
        "",
    ]
    return "\n".join(head + body)


def _splits(name: str, manifest: ReleaseManifest) -> dict[str, list[TableFile]]:
    """The files of a config by split; the unsplit inventory is the split ``full``."""
    splits: dict[str, list[TableFile]] = {}
    for file in manifest.files_of(name):
        splits.setdefault(file.split.value if file.split else "full", []).append(file)
    return splits


def _config(name: str, manifest: ReleaseManifest) -> list[str]:
    lines = [f"- config_name: {name}"]
    if name == _CONFIGS[0][0]:
        lines.append("  default: true")
    lines.append("  data_files:")
    for split, files in _splits(name, manifest).items():
        lines += [f"  - split: {split}", "    path:", *(f"    - {file.path}" for file in files)]
    return lines


def _info(name: str, record: type[Record], manifest: ReleaseManifest) -> list[str]:
    lines = [f"- config_name: {name}", "  features:"]
    for field in arrow_schema(record):
        lines += [f"  - name: {field.name}", f"    dtype: {_dtype(field.type)}"]
    splits = _splits(name, manifest)
    lines.append("  splits:")
    for split, files in splits.items():
        lines += [f"  - name: {split}", f"    num_examples: {sum(f.rows for f in files)}"]
    every = [file for files in splits.values() for file in files]
    lines.append(f"  download_size: {sum(file.bytes for file in every)}")
    return lines


def _dtype(arrow: pa.DataType) -> str:
    return "string" if pa.types.is_string(arrow) else str(arrow)
