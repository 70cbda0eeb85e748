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

from pipeline.publish.files import LocalFile
from schemas.errors import InputError
from schemas.files import explained
from schemas.secrets import KEYS, SECRET_NAME
from schemas.tables import opened_parquet

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
        # what is no UTF-8 stands in no text
        return cls(tuple((text, what) for text, what in found.items() if text.isprintable()))

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
        if file.path.endswith(".parquet"):
            yield from _scan_table(file, pattern, needles)
        else:
            with explained(file.source):
                yield from _scan_bytes(file, pattern, needles)


def refuse_findings(leaks: Iterable[Leak]) -> None:
    """Raises for the first leak."""
    for leak in leaks:
        raise InputError(
            f"{leak.path}{leak.where} holds {leak.what}: nothing was uploaded; remove it at its "
            "source (a setting, a model's name, a prompt, a citation) and make the folder again"
        )


def _scan_table(file: LocalFile, pattern: str, needles: Needles) -> Iterator[Leak]:
    with opened_parquet(file.source) as table:
        schema = table.schema_arrow
        for text in (*map(str, schema.names), *_texts_of_metadata(schema)):
            if found := re.search(pattern, text):
                yield Leak(file.path, " (metadata)", needles.name(found.group()))
        seen: set[str] = set()
        for batch in table.iter_batches(1 << 14, use_threads=False):
            for name, column in zip(batch.schema.names, batch.columns, strict=True):
                for inner, texts in _texts_of(name, column):
                    if inner in seen:
                        continue
                    hits = pc.match_substring_regex(texts, pattern)
                    if pc.any(hits).as_py():
                        seen.add(inner)
                        text = texts.filter(hits)[0].as_py().decode(errors="replace")
                        found = re.search(pattern, text)
                        what = needles.name(found.group() if found else "")
                        yield Leak(file.path, f" (column {inner})", what)


def _texts_of_metadata(schema: pa.Schema) -> Iterator[str]:
    for key, value in (schema.metadata or {}).items():
        yield f"{key.decode(errors='replace')} {value.decode(errors='replace')}"


def _texts_of(name: str, column: pa.Array) -> Iterator[tuple[str, pa.Array]]:
    """The texts and bytes of a column as bytes, those inside lists, structs and so on too."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        yield from _texts_of(name, column.dictionary)
    elif pa.types.is_map(kind):
        yield from _texts_of(f"{name}.key", column.keys)
        yield from _texts_of(f"{name}.value", column.items)
    elif pa.types.is_nested(kind) and not pa.types.is_struct(kind):
        yield from _texts_of(name, column.flatten())
    elif pa.types.is_struct(kind):
        for place, field in enumerate(kind):
            yield from _texts_of(f"{name}.{field.name}", column.field(place))
    elif not (pa.types.is_primitive(kind) or pa.types.is_decimal(kind) or pa.types.is_null(kind)):
        yield name, column.cast(pa.large_binary())


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
