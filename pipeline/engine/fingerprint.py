"""A stage's fingerprint: a digest of everything that can change its result, and nothing else.

In: the format version below, the stage's name and version, the settings that can change its
result, the content hashes of its input tables, the digests of the files it reads.
Left out, because the result is the same without them:

====================================  =============================================
workers, requests in flight, limits   they change when a request is sent, not what
timeouts, attempts                    a failed request is asked again on the next run
keys, environment variables           they say who asks
prices, budget cap                    they say what it costs and when to stop
paths                                 content hashes stand for what lies there
====================================  =============================================
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import orjson

from schemas.files import explained

FORMAT = 1
LENGTH = 16


def fingerprint(
    name: str, version: int, settings: Mapping[str, object], inputs: Mapping[str, str]
) -> str:
    """The fingerprint of a stage: 16 hexadecimal characters, equal in every process."""
    body = {
        "format": FORMAT,
        "stage": name,
        "version": version,
        "settings": settings,
        "inputs": inputs,
    }
    data = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(data).hexdigest()[:LENGTH]


def digest_of_file(path: Path) -> str:
    """SHA-256 over the bytes of a file."""
    with explained(path), open(path, "rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def digest_of_files(path: Path) -> str:
    """A digest over a file, or over all files below a folder with their relative names."""
    digest = hashlib.sha256()
    with explained(path):
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            name = file.relative_to(path).as_posix() if path.is_dir() else file.suffix
            digest.update(f"{name}\0{digest_of_file(file)}\n".encode())
    return digest.hexdigest()
