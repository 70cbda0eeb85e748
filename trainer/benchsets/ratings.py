"""Sets of which people have rated how alike two meanings are: SCWS, and STS 2012 to 2016."""

from __future__ import annotations

import re
from pathlib import Path

from schemas.errors import InputError
from trainer.benchsets.pairs import BenchPair, BenchSet, BenchTarget, read_lines, same_length

_MARK = re.compile(r"<b>\s*(.*?)\s*</b>")
_CONTEXTS, _RATING = (5, 6), 7


def read_scws(path: Path) -> BenchSet:
    """Words in context (Huang et al. 2012): ``ratings.txt``, targets between <b> and </b>."""
    file = path / "ratings.txt" if path.is_dir() else path
    pairs = []
    for number, line in enumerate(read_lines(file), start=1):
        row, fields = f"{file}:{number}", line.split("\t")
        if len(fields) <= _RATING:
            raise InputError(f"{row}: {len(fields)} columns where 18 are wanted")
        left, right = (_marked(fields[at], row) for at in _CONTEXTS)
        pairs.append(BenchPair(left, right, _number(fields[_RATING], row), fields[1].lower()))
    return BenchSet("SCWS", "rating", tuple(pairs))


def read_sts(folder: Path) -> BenchSet:
    """Whole sentences: ``STS.input.PART.txt`` with ``STS.gs.PART.txt``; blank scores left out."""
    pairs = []
    inputs = sorted(folder.glob("STS.input.*.txt"))
    for path in inputs:
        part = path.name.removeprefix("STS.input.").removesuffix(".txt")
        gold_path = folder / f"STS.gs.{part}.txt"
        lines, gold = read_lines(path), read_lines(gold_path)
        same_length(gold_path, lines, gold)
        for number, (line, score) in enumerate(zip(lines, gold, strict=True), start=1):
            if not score.strip():
                continue
            row, texts = f"{path}:{number}", line.split("\t")
            if len(texts) < 2:
                raise InputError(f"{row}: not two sentences with a tab between them")
            left, right = (BenchTarget.whole(text.strip(), row) for text in texts[:2])
            pairs.append(BenchPair(left, right, _number(score, f"{gold_path}:{number}"), row, part))
    if not pairs:
        raise InputError(f"{folder}: no STS.input.*.txt with scores: give the folder of one year")
    year = re.search(r"STS\d\d", folder.name)
    return BenchSet(year[0] if year else "STS", "rating", tuple(pairs))


def _marked(text: str, row: str) -> BenchTarget:
    found = _MARK.search(text)
    if found is None:
        raise InputError(f"{row}: no target between <b> and </b>")
    sentence = f"{text[: found.start()]}{found[1]}{text[found.end() :]}"
    return BenchTarget(sentence, ((found.start(), found.start() + len(found[1])),), row)


def _number(text: str, row: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{row}: {text!r} is no number") from None
