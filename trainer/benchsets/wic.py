"""Word in Context (Pilehvar and Camacho-Collados 2019), version 1.0; CC BY-NC 4.0."""

from __future__ import annotations

from pathlib import Path

from schemas.errors import InputError
from trainer.benchsets.pairs import BenchPair, BenchSet, BenchTarget, read_lines, same_length


def read_wic(folder: Path) -> BenchSet:
    """The test pairs, and those of ``dev`` for the threshold."""
    return BenchSet("WiC", "same", wic_pairs(folder, "test"), wic_pairs(folder, "dev"))


def wic_pairs(folder: Path, part: str) -> tuple[BenchPair, ...]:
    """``PART.data.txt`` (lemma, N or V, token numbers, both sentences) with ``PART.gold.txt``."""
    path, gold_path = folder / f"{part}.data.txt", folder / f"{part}.gold.txt"
    lines, gold = read_lines(path), read_lines(gold_path)
    same_length(gold_path, lines, gold)
    pairs = []
    for number, (line, answer) in enumerate(zip(lines, gold, strict=True), start=1):
        row, fields = f"{path}:{number}", line.split("\t")
        places = fields[2].split("-") if len(fields) == 5 else ()
        if len(places) != 2 or not all(place.isdigit() for place in places):
            raise InputError(f"{row}: not lemma, N or V, two token numbers and two sentences")
        if answer not in ("T", "F"):
            raise InputError(f"{gold_path}:{number}: {answer!r} is neither T nor F")
        left, right = (_target(fields[3 + at], int(places[at]), row) for at in (0, 1))
        pairs.append(BenchPair(left, right, float(answer == "T"), fields[0], fields[1]))
    return tuple(pairs)


def _target(sentence: str, number: int, row: str) -> BenchTarget:
    """The token of that number, tokens being what spaces part; no place where there is none."""
    tokens = sentence.split(" ")
    start = sum(len(token) + 1 for token in tokens[:number])
    end = start + len(tokens[number]) if number < len(tokens) else start
    return BenchTarget(sentence, ((start, end),), row)
