"""A batch that a provider finds too large becomes two."""

from __future__ import annotations

import os
import secrets
from itertools import islice
from pathlib import Path

import orjson

from pipeline.llm.batches.book import Batch, Book
from pipeline.llm.batches.service import named_file
from schemas.files import explained, sync_folder


def halve(batch: Batch, folder: Path, book: Book) -> None:
    """Put two batches in the place of one of which nothing was done, in files and in the ledger.

    Until the ledger has them, the files of the halves are nobody's, and the next run clears them.
    """
    whole = folder / named_file(batch.token)
    halves: dict[str, list[str]] = {}
    with explained(whole), whole.open("rb") as lines:
        for size in (batch.requests // 2, None):
            token = secrets.token_hex(8)
            keys = halves.setdefault(token, [])
            with (folder / named_file(token)).open("wb") as file:
                for line in islice(lines, size):
                    keys.append(orjson.loads(line)["custom_id"])
                    file.write(line)
                file.flush()
                os.fsync(file.fileno())
        sync_folder(folder)
    book.replace(batch, halves)
    whole.unlink(missing_ok=True)
