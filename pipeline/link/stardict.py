"""StarDict dictionaries: ``NAME.ifo`` with ``NAME.idx`` and ``NAME.dict``, the last two packed or
not.

The index holds, one after the other, a word in UTF-8, a zero byte, and offset and length of its
article, big-endian; of 32 bits, or of 64 for the offset where ``idxoffsetbits`` says so.
"""

from __future__ import annotations

import gzip
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from pipeline.sources.archives import Room
from pipeline.sources.files import decode, numbered_lines, read_bytes
from schemas.errors import InputError

_MARK = "StarDict's dict ifo file"
_TAGS = re.compile(r"<[^>]*>")
_GZIP = b"\x1f\x8b"


def stardict_articles(path: Path) -> Iterator[tuple[str, str]]:
    """Word and article, as plain text of several lines, of every entry of an ``.ifo`` file."""
    told = _told(path)
    index, articles = _part(path, "idx"), _part(path, "dict")
    wide = told.get("idxoffsetbits") == "64"
    place = struct.Struct(">QI" if wide else ">II")
    typed = "sametypesequence" not in told
    at = 0
    while at < len(index):
        end = index.find(b"\0", at)
        if end < 0 or end + 1 + place.size > len(index):
            raise InputError(f"{path}: its index breaks off at byte {at}; download it again")
        offset, length = place.unpack_from(index, end + 1)
        if offset + length > len(articles):
            raise InputError(
                f"{path}: an article reaches to byte {offset + length} of {len(articles)}; index "
                "and articles do not belong together"
            )
        word = decode(index[at:end], f"{path.with_suffix('.idx')}, byte {at}")
        data = articles[offset : offset + length]
        at = end + 1 + place.size
        text = decode(data[1:] if typed else data, f"{path.with_suffix('.dict')}, byte {offset}")
        yield word, _TAGS.sub(" ", text.replace("\0", "\n"))


def _told(path: Path) -> dict[str, str]:
    lines = [line for _, line in numbered_lines(decode(read_bytes(path), str(path)))]
    if not lines or lines[0].strip() != _MARK:
        raise InputError(f"{path}: not a StarDict dictionary, whose first line is {_MARK!r}")
    return {key.strip(): value.strip() for key, _, value in (x.partition("=") for x in lines[1:])}


def _part(path: Path, ending: str) -> bytes:
    names = [path.with_suffix(f".{ending}{packed}") for packed in ("", ".gz", ".dz")]
    found = next((name for name in names if name.is_file()), None)
    if found is None:
        raise InputError(f"{names[0]}: no such file; a StarDict dictionary has it beside the .ifo")
    data = read_bytes(found)
    if not data.startswith(_GZIP):
        return data
    room = Room(found)
    try:
        with gzip.open(found) as stream:
            parts = []
            while part := stream.read(1 << 20):
                room.take(len(part))
                parts.append(part)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{found}: damaged ({error}); download it again") from error
    return b"".join(parts)
