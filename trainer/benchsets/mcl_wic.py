"""MCL-WiC (SemEval-2021, task 2; Martelli et al.), within and across languages; CC BY-NC 4.0."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from schemas.errors import InputError
from schemas.files import explained
from trainer.benchsets.pairs import BenchPair, BenchSet, BenchTarget

R = TypeVar("R", bound=BaseModel)


class _Row(BaseModel):
    """A pair; spans are start and end, or ranges such as ``12-17,20-24`` where a word is split."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    id: str
    lemma: str
    sentence1: str
    sentence2: str
    start1: int | None = None
    end1: int | None = None
    start2: int | None = None
    end2: int | None = None
    ranges1: str | None = None
    ranges2: str | None = None

    def target(self, side: int, path: Path) -> BenchTarget:
        spans = _spans(getattr(self, f"ranges{side}"))
        if not spans:
            start, end = (getattr(self, f"{name}{side}") for name in ("start", "end"))
            spans = ((start, end),) if start is not None and end is not None else ((0, 0),)
        return BenchTarget(getattr(self, f"sentence{side}"), spans, f"{path}: {self.id}")


class _Gold(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: str
    tag: str


def read_mcl_wic(folder: Path, languages: str) -> BenchSet:
    """The test pairs of two languages such as ``en-en`` or ``en-fr``.

    The threshold of ``en-fr`` is from the development pairs ``fr-fr``, as arXiv 2409.08719 takes
    it. Languages without test pairs are measured on their development pairs, half by half.
    """
    second = languages.rpartition("-")[2]
    dev = folder / "dev" / "multilingual" / f"dev.{second}-{second}.data"
    test = folder / "test" / f"test.{languages}.data"
    name = f"MCL-WiC {languages}"
    if test.exists() or languages != f"{second}-{second}":
        return BenchSet(name, "same", mcl_wic_pairs(test), mcl_wic_pairs(dev))
    return BenchSet(name, "same", mcl_wic_pairs(dev))


def mcl_wic_pairs(path: Path) -> tuple[BenchPair, ...]:
    """The pairs of a ``.data`` file with the ``.gold`` file beside it."""
    rows, tags = _read(path, _Row), _read(path.with_suffix(".gold"), _Gold)
    gold = {row.id: row.tag for row in tags}
    unknown = next((row.id for row in rows if gold.get(row.id) not in ("T", "F")), None)
    if unknown is not None:
        raise InputError(f"{path.with_suffix('.gold')}: neither T nor F for {unknown}")
    return tuple(
        BenchPair(row.target(1, path), row.target(2, path), float(gold[row.id] == "T"), row.lemma)
        for row in rows
    )


def _spans(ranges: str | None) -> tuple[tuple[int, int], ...]:
    found = []
    for part in (ranges or "").split(","):
        start, _, end = part.partition("-")
        if start.strip().isdigit() and end.strip().isdigit():
            found.append((int(start), int(end)))
    return tuple(found)


def _read(path: Path, record: type[R]) -> list[R]:
    try:
        with explained(path):
            return TypeAdapter(list[record]).validate_json(path.read_bytes())  # type: ignore[valid-type]
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InputError(f"{path}: {first['msg']} at {first['loc']}: get the file again") from error
