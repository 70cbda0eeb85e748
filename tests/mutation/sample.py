"""The list of faults that a mutation run makes: seeded, so that equal trees give equal lists."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.named import NAMED
from tests.mutation.operators import Change, changes

AREAS = {
    "pipeline/stages": 36,
    "pipeline/engine": 20,
    "pipeline/llm": 36,
    "pipeline/select": 18,
    "pipeline/split": 14,
    "trainer/objectives": 12,
    "trainer/ranking": 14,
    "audits": 28,
}
"""Folder -> how many faults are drawn from its files."""
_PER_FUNCTION = 2
"""So that a long function does not take all of its folder's."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A fault in a file."""

    path: str
    change: Change
    name: str = ""
    """What a fault that was chosen by hand breaks."""

    def __str__(self) -> str:
        before, after = (" ".join(text.split()) for text in (self.change.before, self.change.after))
        told = f"{self.path}:{self.change.line} {self.change.function}: {before} -> {after}"
        return f"{told} ({self.name})" if self.name else told


def mutants(root: Path, seed: int = 0) -> list[Mutant]:
    """Those that were chosen by hand, then those that were drawn, area by area."""
    found = [Mutant(fault.path, fault.found(root), fault.name) for fault in NAMED]
    for area, wanted in AREAS.items():
        found += _drawn(root, area, wanted, seed)
    return found


def _drawn(root: Path, area: str, wanted: int, seed: int) -> list[Mutant]:
    """By digests of what is changed, not of where it stands: other edits do not change the draw."""
    every = []
    for path in sorted((root / area).rglob("*.py")):
        name = path.relative_to(root).as_posix()
        seen: Counter[tuple[str, str, str]] = Counter()
        for change in changes(path.read_text(encoding="utf-8")):
            what = (change.function, change.before, change.after)
            seen[what] += 1
            key = f"{seed} {name} {what} {seen[what]}"
            every.append((hashlib.sha256(key.encode()).hexdigest(), Mutant(name, change)))
    chosen: list[Mutant] = []
    of_function: Counter[tuple[str, str]] = Counter()
    for _, mutant in sorted(every, key=lambda pair: pair[0]):
        function = (mutant.path, mutant.change.function)
        if of_function[function] < _PER_FUNCTION and len(chosen) < wanted:
            of_function[function] += 1
            chosen.append(mutant)
    return sorted(chosen, key=lambda mutant: (mutant.path, mutant.change.start))
