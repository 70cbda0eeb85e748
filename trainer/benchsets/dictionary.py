"""A human-written dictionary in two CSV files.

``senses.csv``: sense_id, lemma, gloss; ``contexts.csv``: sense_id, lemma, sentence, start, end.
"""

from __future__ import annotations

import csv
from pathlib import Path

from languages.language import Language
from schemas.errors import InputError
from schemas.files import explained
from trainer.data import Inventory, InventoryEntry, Item, WsdData

_POS = "noun"
ALL = "all"


def read_dictionary(folder: Path, language: Language) -> WsdData:
    """All senses and contexts of a dictionary folder; every item is in the split ``all``."""
    entries = [
        InventoryEntry(row["sense_id"], row["sense_id"], row["lemma"], _POS, row["gloss"])
        for row in _rows(folder / "senses.csv", ("sense_id", "lemma", "gloss"))
    ]
    known = {entry.sense_id for entry in entries}
    entries.sort(key=lambda entry: (language.match_key(entry.lemma), _number(entry.sense_id)))
    items = []
    fields = ("sense_id", "lemma", "sentence", "start", "end")
    for line, row in enumerate(_rows(folder / "contexts.csv", fields), start=2):
        sense, name = row["sense_id"], f"{folder / 'contexts.csv'}:{line}"
        if sense not in known:
            raise InputError(f"{name}: sense {sense!r} is not in senses.csv: add it there")
        ids, text = (f"{sense}@{line}", sense, sense), (row["lemma"], _POS, row["sentence"])
        items.append(Item(*ids, *text, int(row["start"]), int(row["end"]), ALL))
    return WsdData(Inventory(entries, language), tuple(items))


def _number(sense_id: str) -> int:
    tail = sense_id.rpartition(".")[2]
    return int(tail) if tail.isdigit() else 0


def _rows(path: Path, fields: tuple[str, ...]) -> list[dict[str, str]]:
    with explained(path), open(path, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = set(fields) - set(reader.fieldnames or ())
        if missing:
            raise InputError(f"{path}: columns {sorted(missing)} are missing: see its README")
        return list(reader)
