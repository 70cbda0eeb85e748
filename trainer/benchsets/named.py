"""Sets by the names that run.toml gives them: ``kind=path`` or ``kind:name=path``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from languages.language import Language
from schemas.errors import UsageError
from trainer.benchsets.dictionary import read_dictionary
from trainer.benchsets.mcl_wic import read_mcl_wic
from trainer.benchsets.pairs import BenchSet, item_pairs
from trainer.benchsets.ratings import read_scws, read_sts
from trainer.benchsets.vnpara import read_vnpara
from trainer.benchsets.wic import read_wic
from trainer.benchsets.words import vicon_set, visim_set

Read = Callable[[Path, str, Language], BenchSet]


def _dictionary(path: Path, _: str, language: Language) -> BenchSet:
    items = read_dictionary(path, language).items
    return BenchSet("dictionary", "same", item_pairs(items, language))


KINDS: dict[str, Read] = {
    "wic": lambda path, *_: read_wic(path),
    "mcl-wic": lambda path, name, _: read_mcl_wic(path, name or "en-en"),
    "scws": lambda path, *_: read_scws(path),
    "sts": lambda path, *_: read_sts(path),
    "vnpara": lambda path, *_: read_vnpara(path),
    "dictionary": _dictionary,
    "vicon": lambda path, *_: vicon_set(path),
    "visim": lambda path, *_: visim_set(path),
}


def read_sets(
    named: Sequence[str], resolve: Callable[[str], Path], language: Language
) -> list[BenchSet]:
    """The named sets in their order; UsageError for a name that says no kind and path."""
    found = []
    for text in named:
        kind, _, path = text.partition("=")
        kind, _, name = kind.strip().partition(":")
        if kind not in KINDS or not path.strip():
            raise UsageError(
                f"[distil.evaluate] sets: {text!r} is not KIND=PATH: choose one of "
                f"{', '.join(KINDS)}"
            )
        found.append(KINDS[kind](resolve(path.strip()), name, language))
    return found
