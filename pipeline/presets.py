"""The run.toml files that ``init`` writes, put together from ``data/presets``."""

from __future__ import annotations

import os
import re
from pathlib import Path

from schemas.errors import StorageError

DATA = Path(__file__).resolve().parent.parent / "data"
_SECTION = re.compile(r"^\[([\w.]+)\]", re.MULTILINE)
_KINDS = {".tab": "omw", ".xml": "lmf"}


def run_toml(preset: str, folder: Path, source: Path | None = None) -> str:
    """The text of a run.toml for a run in ``folder``.

    Paths are written relative to that folder, so that a project can be moved as a whole.
    """
    head = (DATA / "presets" / f"{preset}.toml").read_text(encoding="utf-8")
    common = _without((DATA / "presets" / "common.toml").read_text(encoding="utf-8"), head)
    values = {
        "@DEMO@": _relative(DATA / "demo", folder),
        "@KIND@": _kind(source),
        "@SOURCE@": _relative(source, folder) if source else "path/to/vietnamese-wordnet",
    }
    text = f"{head.rstrip()}\n\n{common}"
    for mark, value in values.items():
        text = text.replace(mark, value)
    return text


def _without(common: str, head: str) -> str:
    """The common sections but for those that the preset has itself."""
    own = set(_SECTION.findall(head))
    before, *sections = re.split(r"^(?=\[)", common, flags=re.MULTILINE)
    return before + "".join(s for s in sections if s[1 : s.index("]")] not in own)


def _kind(source: Path | None) -> str:
    if source is None:
        return "csv"
    suffixes = [suffix for suffix in source.suffixes if suffix not in (".gz", ".xz")]
    return next((_KINDS[suffix] for suffix in suffixes if suffix in _KINDS), "csv")


def _relative(path: Path, folder: Path) -> str:
    if not path.exists():
        raise StorageError(f"{path}: no such file or folder: check the path")
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:  # on another drive of a Windows machine
        return path.resolve().as_posix()
