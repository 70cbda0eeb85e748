"""A small database in the format of Princeton WordNet, with true offsets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PARTS = ("noun", "verb", "adj", "adv")


@dataclass(frozen=True, slots=True)
class DatabaseLine:
    """A synset for the data file of a part of speech; pointers are (symbol, name of target)."""

    name: str
    part: str
    kind: str
    file_number: int
    words: tuple[str, ...]
    gloss: str
    pointers: tuple[tuple[str, str], ...] = ()


def write_database(
    folder: Path, lines: Sequence[DatabaseLine], header: str = ""
) -> Mapping[str, str]:
    """Writes ``data.noun`` and so on; returns the offset of each synset by name, of eight digits.

    Offsets are bytes, and every line names those of others: the files are put together twice.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kinds = {line.name: line.kind.replace("s", "a") for line in lines}
    offsets: dict[str, str] = {}
    for _ in range(2):
        for part in PARTS:
            text = header
            for line in lines:
                if line.part == part:
                    offsets[line.name] = f"{len(text.encode()):08d}"
                    text += _line(line, offsets, kinds)
            (folder / f"data.{part}").write_text(text, encoding="utf-8")
    return offsets


def _line(line: DatabaseLine, offsets: Mapping[str, str], kinds: Mapping[str, str]) -> str:
    words = " ".join(f"{word} 0" for word in line.words)
    pointers = "".join(
        f" {symbol} {offsets.get(name, '0' * 8)} {kinds[name]} 0000"
        for symbol, name in line.pointers
    )
    frames = " 01 + 08 00" if line.kind == "v" else ""
    return (
        f"{offsets[line.name]} {line.file_number:02d} {line.kind} {len(line.words):02x} {words} "
        f"{len(line.pointers):03d}{pointers}{frames} | {line.gloss}  \n"
    )
