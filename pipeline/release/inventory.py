"""The senses with what is released of their synsets, as columns to be joined to the contexts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from languages.language import Language
from pipeline.select.senses import NumberedSenses, read_senses
from schemas.arrow import arrow_schema
from schemas.errors import InputError
from schemas.records import Gloss, InventorySense, Link, Synset
from schemas.tables import read_batches, read_table


def read_inventory(
    synsets: Path, senses: Path, glosses: Path, links: Path, language: Language
) -> NumberedSenses:
    """All senses, with the columns of InventorySense but ``n_contexts``."""
    found = read_senses(senses, language)
    supersense = {
        row["synset_id"]: row["supersense"]
        for batch in read_batches(synsets, Synset, ["synset_id", "supersense"])
        for row in batch.to_pylist()
    }
    missing = [synset for synset in found.synset_ids if synset not in supersense]
    if missing:
        raise InputError(f"{senses}: synset {missing[0]} is not in {synsets}")
    gloss = {row.synset_id: row for row in read_table(glosses, Gloss)}
    link = {row.synset_id: row for row in read_table(links, Link)}
    linked = [link.get(synset) for synset in found.synset_ids]
    of_synset = [gloss.get(synset) for synset in found.synset_ids]
    values = {
        "supersense": [supersense[synset] for synset in found.synset_ids],
        "gloss": [row and row.gloss for row in of_synset],
        "cluster": [row and row.cluster for row in of_synset],
        "ili": [row and row.ili for row in linked],
        "princeton": [row and row.princeton for row in linked],
        "link_confidence": [row and row.link_confidence for row in linked],
    }
    schema, at = arrow_schema(InventorySense), pa.array(found.synset)
    more = {name: pa.array(own, schema.field(name).type).take(at) for name, own in values.items()}
    return replace(found, columns=found.columns | more)
