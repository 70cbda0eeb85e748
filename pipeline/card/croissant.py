"""Croissant metadata (mlcommons.org/croissant, 1.1): the release for programs, as JSON-LD.

Each Parquet file is a FileObject with its hash and size; the files of a config together are a
FileSet, and a RecordSet says which column is which field.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pyarrow as pa

from pipeline.card.citation import citation
from pipeline.card.columns import CONFIGS, meaning
from pipeline.card.facts import CardFacts, ConfigFacts

CROISSANT = "croissant.json"

_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "conformsTo": "dct:conformsTo",
    **{
        name: f"cr:{name}"
        for name in (
            "citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty",
            "fileObject", "fileSet", "format", "includes", "isLiveDataset", "jsonPath", "key",
            "md5", "parentField", "path", "recordSet", "references", "regex", "repeated", "replace",
            "samplingRate", "separator", "source", "subField", "transform",
        )
    },
}  # fmt: skip

_TYPES = {
    pa.string(): "sc:Text",
    pa.int32(): "cr:Int32",
    pa.int64(): "cr:Int64",
    pa.float64(): "cr:Float64",
    pa.bool_(): "sc:Boolean",
}


def croissant_json(facts: CardFacts) -> str:
    """The content of ``croissant.json``."""
    manifest, language = facts.manifest, facts.language.names.english
    described: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": manifest.name,
        "version": manifest.version,
        "description": (
            f"{language} word senses in context: {manifest.counts.examples} sentences with a "
            f"marked target, its sense and gloss, over an inventory of {manifest.counts.senses} "
            f"senses derived from {manifest.source.name}."
        ),
        "inLanguage": manifest.language,
        "license": manifest.licence,
        "citeAs": citation(facts),
        "keywords": ["word sense disambiguation", "WordNet", language],
        "isLiveDataset": False,
        "distribution": [
            item for config in facts.configs for item in (*_files(config), _file_set(config))
        ],
        "recordSet": [_record_set(config, facts.manifest.recorded) for config in facts.configs],
    }
    if manifest.source.url:
        described["isBasedOn"] = manifest.source.url
    return orjson.dumps(described, option=orjson.OPT_INDENT_2).decode() + "\n"


def _files(config: ConfigFacts) -> Iterator[dict[str, Any]]:
    for part in config.parts:
        for file in part.files:
            yield {
                "@type": "cr:FileObject",
                "@id": file.path,
                "name": file.path,
                "contentUrl": file.path,
                "contentSize": f"{file.bytes} B",
                "encodingFormat": "application/x-parquet",
                "sha256": file.sha256,
            }


def _file_set(config: ConfigFacts) -> dict[str, Any]:
    paths = [file.path for part in config.parts for file in part.files]
    return {
        "@type": "cr:FileSet",
        "@id": f"files-{config.name}",
        "name": f"files-{config.name}",
        "description": f"The Parquet files of {config.name}.",
        "encodingFormat": "application/x-parquet",
        "includes": paths,
    }


def _record_set(config: ConfigFacts, recorded: bool) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": config.name,
        "name": config.name,
        "description": CONFIGS.get(config.name, config.name),
        "field": [_field(config, field, recorded) for field in config.schema],
    }


def _field(config: ConfigFacts, field: pa.Field, recorded: bool) -> dict[str, Any]:
    kind, repeated = field.type, False
    if pa.types.is_list(kind):
        kind, repeated = kind.value_type, True
    made: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{config.name}/{field.name}",
        "name": field.name,
        "description": meaning(config.name, field.name, recorded=recorded) or field.name,
    }
    if pa.types.is_struct(kind):
        return {**made, "subField": [_sub_field(config, field, inner) for inner in kind]}
    made |= {"dataType": _TYPES.get(kind, "sc:Text"), "source": _source(config, field.name)}
    return {**made, "repeated": True} if repeated else made


def _sub_field(config: ConfigFacts, outer: pa.Field, inner: pa.Field) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{config.name}/{outer.name}/{inner.name}",
        "name": inner.name,
        "dataType": _TYPES.get(inner.type, "sc:Text"),
        "source": _source(config, outer.name) | {"transform": {"jsonPath": inner.name}},
    }


def _source(config: ConfigFacts, column: str) -> dict[str, Any]:
    return {"fileSet": {"@id": f"files-{config.name}"}, "extract": {"column": column}}
