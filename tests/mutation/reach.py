"""Which tests run a line, as a traced run of the suite found it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import coverage

from tests.mutation.tracing import LINES, SECONDS


class Reach:
    """The tests that run each line of each file, and what each of them takes."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.seconds: dict[str, float] = {}
        self._tests: dict[tuple[str, int], set[str]] = {}
        for file in folder.glob(f"{SECONDS}*"):
            self.seconds |= json.loads(file.read_text(encoding="utf-8"))
        for file in folder.glob(f"{LINES}*"):
            data = coverage.CoverageData(str(file))
            data.read()
            for path in data.measured_files():
                name = Path(path).relative_to(root).as_posix()
                for line, tests in data.contexts_by_lineno(path).items():
                    self._tests.setdefault((name, line), set()).update(filter(None, tests))

    def of(self, path: str, lines: Iterable[int]) -> set[str]:
        """The tests that run any of the lines, but for those that fail without any fault.

        Of lines that run when the file is imported, those that run anything in the file.
        """
        found = set().union(*(self._tests.get((path, line), set()) for line in lines))
        if not found:
            found = set().union(*(t for (name, _), t in self._tests.items() if name == path))
        return found & self.seconds.keys()

    def ordered(self, path: str, tests: set[str], most_seconds: float) -> list[str]:
        """Those likeliest to notice first, then the quickest, as many as fit into the time."""
        stem = PurePosixPath(path).stem
        folder = PurePosixPath(path).parent

        def rank(test: str) -> tuple[bool, bool, float]:
            file = PurePosixPath(test.partition("::")[0])
            near = str(file.parent).endswith(str(folder))
            return stem not in file.stem, not near, self.seconds.get(test, 0.0)

        chosen, total = [], 0.0
        for test in sorted(tests, key=rank):
            total += self.seconds.get(test, 0.0)
            if chosen and total > most_seconds:
                total -= self.seconds.get(test, 0.0)
                continue
            chosen.append(test)
        return chosen
