"""Secrets and paths of the builder's machine, looked for in every file before it is shown."""

from __future__ import annotations

import getpass
import os
import re
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.publish.files import LocalFile
from schemas.errors import InputError
from schemas.files import explained
from schemas.secrets import KEYS, SECRET_NAME

_PATHS = (
    r"(?:^|[\s\"'=(:])/(?:home|Users)/[\w.-]+/",
    r"[A-Za-z]:\\{1,2}Users\\{1,2}",
    r"\bfile:///",
)
"""Folders of people by their looks."""

_SHORTEST_SECRET = 8
_WINDOW_BYTES = 1 << 22
_OVERLAP_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Needles:
    """What must not be published: exact texts, with the word that tells what each is."""

    texts: tuple[tuple[str, str], ...]

    @classmethod
    def of_this_machine(cls, *folders: Path) -> Needles:
        """Secrets of the environment, the home folder, the given folders, and the host's name."""
        found: dict[str, str] = {}
        for name, value in os.environ.items():
            if SECRET_NAME.search(name.upper()) and len(value) >= _SHORTEST_SECRET:
                found[value] = f"the value of {name}"
        for path in (Path.home(), *(folder.resolve() for folder in folders)):
            if len(path.parts) > 1:  # a short one, such as "/root", needs its slash to be a path
                text = str(path) if len(path.parts) > 2 else f"{path}{os.sep}"
                found.setdefault(text, "a path of this machine")
        user, host = getpass.getuser(), socket.gethostname()
        if len(user) + len(host) >= _SHORTEST_SECRET:
            found[f"{user}@{host}"] = "this machine's user and name"
        return cls(tuple(found.items()))

    def pattern(self) -> str:
        """One RE2 (and ``re``) pattern for everything that is looked for."""
        exact = [re.escape(text).replace("\\ ", " ") for text, _ in self.texts]
        return "|".join((*exact, *KEYS, *_PATHS))

    def name(self, found: str) -> str:
        """What was found, in words that do not show it."""
        for text, what in self.texts:
            if text == found:
                return what
        if any(re.fullmatch(path, found) for path in _PATHS):
            return "a path of somebody's machine"
        return "something that looks like a secret key"


@dataclass(frozen=True, slots=True)
class Leak:
    """A place where something was found that must not be published; never the thing itself."""

    path: str
    where: str
    what: str


def scan_files(files: Iterable[LocalFile], needles: Needles) -> Iterator[Leak]:
    """Every file's first leak per column, or per file where it is not a table."""
    pattern = needles.pattern()
    for file in files:
        with explained(file.source):
            if file.path.endswith(".parquet"):
                yield from _scan_table(file, pattern, needles)
            else:
                yield from _scan_bytes(file, pattern, needles)


def refuse_findings(leaks: Iterable[Leak]) -> None:
    """Raises for the first leak."""
    for leak in leaks:
        raise InputError(
            f"{leak.path}{leak.where} holds {leak.what}: nothing was uploaded; remove it at its "
            "source (a setting, a model's name, a prompt, a citation) and make the folder again"
        )


def _scan_table(file: LocalFile, pattern: str, needles: Needles) -> Iterator[Leak]:
    with pq.ParquetFile(file.source) as table:
        for key, value in (table.schema_arrow.metadata or {}).items():
            if found := re.search(pattern, f"{key.decode()} {value.decode(errors='replace')}"):
                yield Leak(file.path, " (metadata)", needles.name(found.group()))
        seen: set[str] = set()
        for batch in table.iter_batches(1 << 14, use_threads=False):
            for name, column in _texts("", batch):
                if name in seen:
                    continue
                hits = pc.match_substring_regex(column, pattern)
                if pc.any(hits).as_py():
                    seen.add(name)
                    text = column.filter(hits)[0].as_py()
                    found = re.search(pattern, text)
                    what = needles.name(found.group() if found else "")
                    yield Leak(file.path, f" (column {name})", what)


def _texts(prefix: str, batch: pa.RecordBatch) -> Iterator[tuple[str, pa.Array]]:
    """All text columns, those inside lists and structs too."""
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        yield from _texts_of(f"{prefix}{name}", column)


def _texts_of(name: str, column: pa.Array) -> Iterator[tuple[str, pa.Array]]:
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        yield name, column
    elif pa.types.is_list(column.type):
        yield from _texts_of(name, column.flatten())
    elif pa.types.is_struct(column.type):
        for place, field in enumerate(column.type):
            yield from _texts_of(f"{name}.{field.name}", column.field(place))


def _scan_bytes(file: LocalFile, pattern: str, needles: Needles) -> Iterator[Leak]:
    compiled = re.compile(pattern.encode())
    with open(file.source, "rb") as opened:
        kept = b""
        while chunk := opened.read(_WINDOW_BYTES):
            window = kept + chunk
            if found := compiled.search(window):
                what = needles.name(found.group().decode(errors="replace"))
                yield Leak(file.path, "", what)
                return
            kept = window[-_OVERLAP_BYTES:]
