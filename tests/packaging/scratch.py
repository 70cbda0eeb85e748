"""A scratch copy of the project, in which CONTRIBUTING's recipes are followed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPIED = (
    "schemas", "languages", "prompts", "audits", "trainer", "pipeline", "data", "testing", "tests",
    "docs", "pyproject.toml", "README.md", "CONTRIBUTING.md", "CHANGELOG.md",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class New:
    """A file that is added."""

    path: str
    text: str

    def apply(self, root: Path) -> None:
        target = root / self.path
        assert not target.exists(), f"{self.path} is there already"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(self.text, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Insert:
    """Text that is put behind the one place of a file where ``after`` stands."""

    path: str
    after: str
    text: str

    def apply(self, root: Path) -> None:
        target = root / self.path
        content = target.read_text(encoding="utf-8")
        assert content.count(self.after) == 1, (
            f"{self.path}: {self.after!r} stands there {content.count(self.after)} times"
        )
        target.write_text(content.replace(self.after, self.after + self.text), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class AppendInEach:
    """Text at the end of every file that a pattern finds."""

    path: str
    text: str

    def apply(self, root: Path) -> None:
        files = sorted(root.glob(self.path))
        assert files, f"nothing is called {self.path}"
        for target in files:
            content = target.read_text(encoding="utf-8")
            target.write_text(f"{content}\n{self.text}", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class CopiedFolder:
    """A folder that is added as a copy of another, with some texts replaced."""

    path: str
    of: str
    replaced: tuple[tuple[str, str], ...] = ()

    def apply(self, root: Path) -> None:
        shutil.copytree(root / self.of, root / self.path)
        for file in sorted((root / self.path).rglob("*.*")):
            text = file.read_text(encoding="utf-8")
            for old, new in self.replaced:
                text = text.replace(old, new)
            file.write_text(text, encoding="utf-8")


Step = New | Insert | AppendInEach | CopiedFolder


def copy_project(target: Path) -> None:
    """Copies what the packages and their tests need, with what is compiled of it already."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns(".*"))
        else:
            shutil.copyfile(ROOT / name, target / name)


def environment_of(root: Path) -> dict[str, str]:
    """Variables under which the copy's packages win over those that are installed."""
    return {"PYTHONPATH": str(root)}


def python(
    root: Path, arguments: Sequence[str], folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs Python on the copy's packages, in the copy or in another folder."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder or root,
        env={**os.environ, **environment_of(root)},
        capture_output=True,
        text=True,
    )
