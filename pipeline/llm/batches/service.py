"""The seam to a provider's batches: files up, a batch made, looked at and found again, results."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import orjson

from pipeline.llm.batches.book import Batch

CHAT = "/v1/chat/completions"
Holds = Callable[[str], bool]
MARK = "viconwsd"
"""The name under which a batch carries its token."""

GONE = (404, 410)
"""What is answered for what is not there, or not any more."""

Lookup = Literal["absent", "undecided"]
"""Not there yet, or ever; or there may be one, of which nobody can tell yet whose it is."""


@dataclass(frozen=True, slots=True)
class BatchState:
    """What a provider says of a batch."""

    state: str
    """In its own words, in lower case."""
    ended: bool = False
    done: int = 0
    """Requests that it counts as answered."""
    failed: int = 0
    files: tuple[str, ...] = ()
    """Where its lines are, once it has ended."""
    rejected: str = ""
    """Why it was rejected whole; nothing of it was done."""
    must_wait: bool = False
    """Rejected only because too much is under way."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one line of results says of one request."""

    key: str
    status: int
    """As of an HTTP answer; 0: it was never asked (expired, cancelled)."""
    body: bytes = b""
    """The completion, or what is said instead of one."""


class BatchFiles(Protocol):
    """A provider's files, reached with one key. Faults are raised as a Transport's are."""

    async def upload(self, name: str, path: Path) -> str:
        """The id of a file that was sent up; empty where files go along with the batch."""

    async def find(self, name: str) -> str | None:
        """The id of a file that was sent up under ``name``."""

    def lines(self, file: str) -> AsyncIterator[bytes]:
        """The lines of a file of results, while they come in."""

    async def close(self) -> None:
        """Let go of connections."""


class BatchService(Protocol):
    """A provider's batches, reached with one key. Faults are raised as a Transport's are."""

    @property
    def files(self) -> BatchFiles:
        """Where its files are."""

    async def create(self, batch: Batch, path: Path) -> str:
        """The id of a new batch of the file."""

    async def find(self, batch: Batch, known: frozenset[str], holds: Holds) -> str | Lookup:
        """The id of a batch that was made, though its id never arrived.

        ``known`` are the ids of others; ``holds`` tells whether a key is one of its requests'.
        ServiceError where another's batch bears our token.
        """

    async def look(self, batch_id: str) -> BatchState:
        """How far a batch is."""

    def read(self, line: bytes) -> Line | None:
        """What a line of results says; None where it is no whole line."""

    async def cancel(self, batch_id: str) -> None:
        """Ask the provider to stop; what it has done is billed."""

    async def close(self) -> None:
        """Let go of connections."""


def chat_line(key: str, body: bytes) -> bytes:
    """The line of a file that asks for a completion, without its end."""
    asked = {"custom_id": key, "method": "POST", "url": CHAT, "body": orjson.Fragment(body)}
    return orjson.dumps(asked)


def read_chat_line(line: bytes) -> Line | None:
    """A line of the shape {custom_id, response: {status_code, body}, error}."""
    try:
        fields = orjson.loads(line)
        key, response, error = fields["custom_id"], fields.get("response"), fields.get("error")
        if response:
            status = int(response.get("status_code") or 200)
            return Line(key, status, orjson.dumps(response.get("body")))
        code, said = error.get("code"), error.get("message") or error.get("code")
        unsent = code in ("batch_expired", "batch_cancelled")
        status = int(code) if str(code).isdecimal() and len(str(code)) == 3 else 500
        return Line(key, 0 if unsent else status, str(said).encode())
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        return None


def named_file(token: str) -> str:
    """The name of a batch's file, here and at the provider."""
    return f"{MARK}-{token}.jsonl"
