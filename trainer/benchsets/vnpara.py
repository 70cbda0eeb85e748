"""vnPara (Bach et al. 2015): is a Vietnamese sentence a paraphrase of another one?"""

from __future__ import annotations

from pathlib import Path

from schemas.errors import InputError
from schemas.text import normalise
from trainer.benchsets.pairs import BenchPair, BenchSet, BenchTarget, read_lines, same_length


def read_vnpara(folder: Path) -> BenchSet:
    """``Sentences1.txt`` and ``Sentences2.txt``, words joined by ``_``, with ``Labels.txt``."""
    paths = [folder / name for name in ("Sentences1.txt", "Sentences2.txt", "Labels.txt")]
    first, second, labels = (read_lines(path) for path in paths)
    same_length(paths[1], first, second)
    same_length(paths[2], first, labels)
    pairs = []
    for number, (one, other, label) in enumerate(zip(first, second, labels, strict=True), start=1):
        row = f"{folder}:{number}"
        answer = label.strip(" ,")  # as one line of the published file has it
        if answer not in ("0", "1"):
            raise InputError(f"{paths[2]}:{number}: {label!r} is neither 0 nor 1")
        left, right = (BenchTarget.whole(_text(side), row) for side in (one, other))
        pairs.append(BenchPair(left, right, float(answer), row))
    return BenchSet("vnPara", "same", tuple(pairs))


def _text(joined: str) -> str:
    return normalise(joined.replace("_", " "))
