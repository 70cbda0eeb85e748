"""When a file that came back was last saved."""

from __future__ import annotations

import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from schemas.files import explained

_PROPERTIES = {
    "docProps/core.xml": re.compile(rb"<dcterms:modified[^>]*>([^<]{1,40})<"),
    "meta.xml": re.compile(rb"<dc:date>([^<]{1,40})<"),
}
"""Where .xlsx and .ods say it."""
_LARGEST = 1 << 20
"""Bytes of a file's properties; real ones have a few hundred."""
_FRACTION = re.compile(r"\.\d+")


def saved_at(path: Path, now: str) -> str:
    """UTC, ISO 8601 to the second: what the document says of itself, else the file's own date.

    A copy has a new date of its own, so that the document's goes first. None is later than ``now``.
    """
    try:
        stated = _stated(path)
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError):
        stated = None
    if stated is None:
        with explained(path):
            stated = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return min(stated.isoformat(timespec="seconds"), now)


def _stated(path: Path) -> datetime | None:
    if not path.is_file() or not zipfile.is_zipfile(path):  # a pipe would be waited for
        return None
    with zipfile.ZipFile(path) as archive:
        for name, pattern in _PROPERTIES.items():
            if name in archive.namelist():
                with archive.open(name) as part:
                    found = pattern.search(part.read(_LARGEST))
                if found:
                    # LibreOffice writes local time with nanoseconds and without a zone.
                    text = _FRACTION.sub("", found[1].decode("ascii").strip())
                    return datetime.fromisoformat(text).astimezone(UTC)
    return None
