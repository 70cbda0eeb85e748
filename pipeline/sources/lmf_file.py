"""A WN-LMF file parsed by ``wn``, and the line of any element, which ``wn`` does not tell."""

from __future__ import annotations

import xml.parsers.expat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pipeline.sources.archives import is_packed, ordinary, unpack
from pipeline.sources.files import decode, read_bytes
from schemas.errors import InputError
from schemas.files import storage_error

_MOST_LAYERS = 2  # a compressed file in a compressed archive

REQUIRED = {
    "Lexicon": ("id", "label", "language", "email", "license", "version"),
    "LexicalEntry": ("id",),
    "Lemma": ("writtenForm", "partOfSpeech"),
    "Sense": ("id", "synset"),
    "Synset": ("id", "ili"),
    "SynsetRelation": ("target", "relType"),
    "SenseRelation": ("target", "relType"),
}
"""The attributes that the WN-LMF schema asks of each element."""


@dataclass(frozen=True, slots=True)
class LmfFile:
    """The lexicons of one file as ``wn.lmf`` returns them."""

    path: Path
    lexicons: Sequence[Mapping[str, Any]]
    lines: Mapping[tuple[str, str], int]

    def place(self, element: str, identifier: str) -> str:
        """Where the element of that id begins."""
        return f"{self.path}, line {self.lines[element, identifier]}"


def parse_lmf(path: Path) -> list[LmfFile]:
    """The WN-LMF files at a path: XML, its .gz or .xz, an archive or a package folder."""
    try:
        import wn
        from wn import lmf, project
    except ImportError as error:
        raise InputError(
            "WN-LMF needs the package wn; install it with `pip install 'viconwsd[wordnet]'`"
        ) from error
    if not ordinary(path).exists():
        raise InputError(f"{path}: no such file; check [source] path")
    try:
        with TemporaryDirectory(prefix="viconwsd-lmf-") as folder:
            plain = _unpacked(path, Path(folder))
            if plain.is_file():
                _check_xml(plain, path)
            packages = project.iterpackages(plain)
            return [_parsed(package.resource_file(), path, lmf) for package in packages]
    except OSError as error:
        raise InputError(str(storage_error(path, error))) from error
    except (wn.Error, AssertionError, KeyError, ValueError) as error:
        # wn asserts what the schema asks for; what _lines does not check ends here.
        reason = str(error) or "an element lacks a part that the WN-LMF schema asks for"
        raise InputError(f"{path}: not WN-LMF ({reason})") from error


def _unpacked(path: Path, folder: Path) -> Path:
    """The file or folder that ``wn`` is to read; an archive may hold a compressed file."""
    plain = path
    for depth in range(_MOST_LAYERS):
        if plain.is_dir() or not is_packed(plain):
            break
        inner = folder / str(depth)
        inner.mkdir()
        plain = unpack(plain, inner)
        held = list(plain.iterdir()) if plain.is_dir() else []
        if len(held) == 1 and held[0].is_file():
            plain = held[0]
    return plain


def _check_xml(plain: Path, path: Path) -> None:
    """Faults of an XML file that ``wn`` would report without their place."""
    data = read_bytes(plain)
    if data.lstrip()[:1] != b"<" and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return  # no XML at all: wn says
    decode(data, str(path))


def _parsed(resource: Path, path: Path, lmf: Any) -> LmfFile:
    """``resource`` is the unpacked file, ``path`` what the user named."""
    data = read_bytes(resource)
    decode(data, str(path))
    lines = _lines(data, path)
    lexicons = lmf.load(resource, progress_handler=None)["lexicons"]
    return LmfFile(path, lexicons, lines)


def _lines(data: bytes, path: Path) -> dict[tuple[str, str], int]:
    """The line of each element that has an id; InputError where XML or an element is faulty."""
    lines: dict[tuple[str, str], int] = {}
    parser = xml.parsers.expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        missing = [key for key in REQUIRED.get(name, ()) if key not in attributes]
        if missing:
            raise InputError(
                f"{path}, line {parser.CurrentLineNumber}: <{name}> lacks {', '.join(missing)}"
            )
        if "id" in attributes:
            identifier = attributes["id"]
            first = lines.setdefault((name, identifier), parser.CurrentLineNumber)
            if first != parser.CurrentLineNumber:
                raise InputError(
                    f"{path}, line {parser.CurrentLineNumber}: the id {identifier!r} is already "
                    f"that of line {first}"
                )

    parser.StartElementHandler = start
    try:
        parser.Parse(data, True)
    except xml.parsers.expat.ExpatError as error:
        reason = xml.parsers.expat.errors.messages.get(error.code, str(error))
        raise InputError(f"{path}, line {error.lineno}: malformed XML ({reason})") from error
    return lines
