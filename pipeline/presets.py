"""What ``init`` writes: run.toml, put together from ``data/presets``, and the demo's files.

``data/`` of a checkout is the package ``viconwsd_data`` of an installation.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from languages.find import find_language
from pipeline.sources import princeton_file
from schemas.errors import StorageError, UsageError
from schemas.files import explained

_ROOT = Path(__file__).resolve().parent.parent
_INSTALLED = _ROOT / "viconwsd_data"
DATA = _INSTALLED if _INSTALLED.is_dir() else _ROOT / "data"
DEMO = "demo"
_COMMON = "common"
_COPIED = ("lexicon", "replies", "audit")
_SECTION = re.compile(r"^\[([\w.]+)\]", re.MULTILINE)
_SOURCE = "@SOURCE@"
_KINDS = {".tab": "omw", ".xml": "lmf"}
_LANGUAGES = {"princeton": princeton_file.ENGLISH}


def presets() -> tuple[str, ...]:
    """The names of the presets, a file each; the demo first."""
    found = {file.stem for file in (DATA / "presets").glob("*.toml")} - {_COMMON}
    return (DEMO, *sorted(found - {DEMO}))


def run_toml(
    preset: str, folder: Path, source: Path | None = None, language: str | None = None
) -> str:
    """The text of a run.toml for a run in ``folder``; UsageError where it lacks its source.

    The language is English for a Princeton WordNet and Vietnamese for others, unless it is given.

    A relative path is written relative to ``folder``, so that a project can be moved as a whole; an
    absolute one as it is.
    """
    head = _read(preset)
    common = _without(_read(_COMMON), head)
    text = f"{head.rstrip()}\n\n{common}"
    kind = _kind(source) if source else "csv"
    language = find_language(language).code if language else _LANGUAGES.get(kind, "vi")
    own = "keep" if kind == "princeton" else "ask"
    text = text.replace("@LANGUAGE@", language).replace("@OWN@", own)
    if _SOURCE not in text:
        if source is not None:
            raise UsageError(f"preset {preset} has a source of its own: leave --source out")
        return text
    if source is None:
        raise UsageError(
            f"preset {preset} needs a WordNet to read: give --source PATH, a folder or .tar.xz of "
            "CSV files, a .tab or an .xml file, or a folder with Princeton WordNet's files"
        )
    return text.replace("@KIND@", kind).replace(_SOURCE, _written(source, folder))


def copy_demo(folder: Path, *, overwrite: bool) -> Path:
    """Copies the demo's lexicon, replies and filled-in sheets to ``folder``/demo; returns that."""
    target = folder / DEMO
    if target.exists() and not overwrite:
        raise UsageError(f"{target} is there already; give --force to overwrite it")
    with explained(target):
        for name in _COPIED:
            shutil.rmtree(target / name, ignore_errors=True)  # a file of an older demo would stay
            (target / name).mkdir(parents=True)
            for file in sorted((DATA / DEMO / name).iterdir()):
                shutil.copyfile(file, target / name / file.name)
    return target


def _read(preset: str) -> str:
    return (DATA / "presets" / f"{preset}.toml").read_text(encoding="utf-8")


def _without(common: str, head: str) -> str:
    """The common sections but for those that the preset has itself."""
    own = set(_SECTION.findall(head))
    before, *sections = re.split(r"^(?=\[)", common, flags=re.MULTILINE)
    return before + "".join(s for s in sections if s[1 : s.index("]")] not in own)


def _kind(source: Path) -> str:
    if any((source.expanduser() / name).is_file() for name in princeton_file.FILES.values()):
        return "princeton"
    suffixes = [suffix for suffix in source.suffixes if suffix not in (".gz", ".xz")]
    return next((_KINDS[suffix] for suffix in suffixes if suffix in _KINDS), "csv")


def _written(source: Path, folder: Path) -> str:
    """The path as it stands in run.toml, escaped as a TOML string is."""
    source = source.expanduser()
    if not source.exists():
        raise StorageError(f"{source}: no such file or folder: check the path")
    if not source.is_absolute():
        try:
            source = Path(os.path.relpath(source.resolve(), folder.resolve()))
        except ValueError:  # on another drive of a Windows machine
            source = source.resolve()
    path = source.as_posix().replace("\\", "\\\\").replace('"', '\\"')
    if not path.isprintable():
        raise UsageError(f"{path!r}: run.toml cannot hold this path; rename it")
    return path
