"""Where the rows are that a number counts: a page, and what is asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from pipeline.engine.manifest import FAILED, StageManifest
from pipeline.view.reading.run_state import StageState
from pipeline.view.reading.table import COUNT, NEAR, OF, SHARED
from schemas.records import Split

Place = tuple[str, dict[str, str]]

_HAS = {"!=": None}
_NO_SIBLING_THERE = {"n_siblings": {">": 0}, "n_siblings_same_pos": 0}
_DEFINED = {"synset_id": {OF: "glosses/glosses"}}
_TABLES: Mapping[tuple[str, str], tuple[str, str, dict[str, object]]] = {
    ("synsets", "synsets"): ("synsets", "synsets", {}),
    ("synsets", "senses"): ("synsets", "senses", {}),
    ("synsets", "senses_monosemous"): ("synsets", "senses", {"n_siblings": 0}),
    ("synsets", "senses_cross_pos"): ("synsets", "senses", _NO_SIBLING_THERE),
    ("synsets", "senses_same_pos"): ("synsets", "senses", {"n_siblings_same_pos": {">": 0}}),
    ("link", "links"): ("link", "links", {}),
    ("link", "from_source"): ("link", "links", {"link_confidence": 1.0}),
    ("link", "unsure"): ("link", "unsure", {}),
    ("glosses", "glosses"): ("glosses", "glosses", {}),
    ("glosses", "from_source"): ("glosses", "glosses", {"provenance": None}),
    ("glosses", "in_clusters"): ("glosses", "glosses", {"cluster": _HAS}),
    ("glosses", "read_blind"): ("glosses", "readings", {}),
    ("glosses", "named_blind"): ("glosses", "readings", {"named": True}),
    ("contexts", "near_reference"): ("contexts", "contexts", {"sentence": {NEAR: True}}),
    ("contexts", "contexts"): ("contexts", "contexts", {}),
    ("contexts", "from_source"): ("contexts", "contexts", {"provenance": None}),
    ("judge", "verdicts"): ("judge", "verdicts", {}),
    ("judge", "votes"): ("judge", "votes", {}),
    ("judge", "agree"): ("judge", "verdicts", {"agrees": True}),
    ("judge", "other_sense"): ("judge", "verdicts", {"agrees": False, "chosen_sense_id": _HAS}),
    ("judge", "none_of_these"): ("judge", "verdicts", {"agrees": False, "chosen_sense_id": None}),
    ("judge", "unjudged"): ("judge", "unjudged", {}),
    ("judge", FAILED): ("judge", "unjudged", {}),
    ("select", "contexts"): ("contexts", "contexts", {}),
    ("select", "selected"): ("select", "selected", {}),
    ("select", "judged"): ("judge", "verdicts", {}),
    ("select", "judge_agrees"): ("judge", "verdicts", {"agrees": True}),
    ("select", "flagged"): ("select", "selected", {"cluster": {SHARED: True}}),
    ("split", "rows"): ("split", "splits", {}),
    **{("split", s.value): ("split", "splits", {"split": s.value}) for s in Split},
}
"""By stage and count: the stage whose table has the rows, the table, and the conditions."""
_REJECTS = {
    ("glosses", FAILED): "no_gloss",
    ("glosses", "senseless"): "gloss_senseless",
    ("contexts", FAILED): "no_contexts",
    ("contexts", "senses_without"): "no_contexts",
}
"""By stage and count: the code that its items are rejected with."""
_OF_RELEASE: Mapping[str, Place] = {
    "examples": ("rows", {}),
    "senses": ("senses", {}),
    "lemmas": ("words", {}),
    "synsets": ("senses", {"state": "synset"}),
    "glosses": ("senses", {"state": "defined"}),
    "senses_with_examples": ("senses", {"state": "with"}),
    "senses_short": ("senses", {"state": "short"}),
    **{split.value: ("rows", {"split": split.value}) for split in Split},
}
_HELD_OUT: Mapping[str, Place] = {
    "held_out_synsets": (
        "senses",
        {"state": "synset", "split": f"{Split.TEST_UNSEEN_SENSE},{Split.TEST_UNSEEN_LEMMA}"},
    ),
    "held_out_lemmas": ("words", {"split": Split.TEST_UNSEEN_LEMMA.value}),
}


def of_release(key: str) -> Place | None:
    """Where the rows of a count of a release are."""
    return _OF_RELEASE.get(key)


def table_of(stage: str, table: str, where: Mapping[str, object], by: str = "") -> Place:
    """The rows of a stage's table that meet conditions."""
    told = orjson.dumps(where).decode() if where else ""
    return "table", {"stage": stage, "table": table, "where": told, "by": by}


def of_stage(stage: str, key: str, made: StageManifest | None) -> Place | None:
    """Where the rows of a count of a stage are; of a release alone only what it has itself."""
    kind, _, number = stage.partition(".")
    code = _REJECTS.get((kind, key), key)
    if made is not None and made.rejects.get(code) == made.counts.get(key):
        return "rejects", {"stage": stage, "code": code}
    if kind == "release":
        return of_release(key)
    if kind == "split" and key in _HELD_OUT:
        return _HELD_OUT[key]
    if (kind, key) == ("glosses", "near_reference"):  # synsets that are alike share a definition
        return table_of("glosses", "glosses", {"gloss": {NEAR: True}}, "gloss")
    if kind == "contexts" and key in ("senses", "senses_complete", "senses_short"):
        return _of_senses(stage, key, made)
    if (kind, key) not in _TABLES:
        return None
    of, table, where = _TABLES[kind, key]
    if of == kind and made is not None and table not in made.tables:
        return None  # written by an older version, which did not keep these rows
    return table_of(f"{of}.{number}" if number else of, table, where)


def _of_senses(stage: str, key: str, made: StageManifest | None) -> Place | None:
    """Senses by the number of their sentences, where the same number is wanted of all."""
    wanted = made.settings.get("per_sense") if made else None
    if made is None or not isinstance(wanted, int):
        return None
    of_kinds = made.settings.get("per_kind")
    if isinstance(of_kinds, dict) and any(n is not None for n in of_kinds.values()):
        return None
    if key == "senses" and made.counts.get(FAILED, made.counts.get("senses_without", 0)):
        if stage != "contexts" or made.settings.get("which") != "all":
            return None
        return table_of("synsets", "senses", _DEFINED)
    told: dict[str, Any] = {
        "senses": {},
        "senses_complete": {COUNT: {">": wanted - 1}},
        "senses_short": {COUNT: {"<": wanted}},
    }
    return table_of(stage, "contexts", told[key], "sense_id")


def places_of(state: StageState) -> dict[str, Place | None]:
    """Where the rows of every count of a stage are."""
    made = state.manifest
    return {key: of_stage(state.name, key, made) for key in made.counts} if made else {}
