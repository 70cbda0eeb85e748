"""Rows of the ledger, and their form in SQLite."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

APPLICATION_ID = 0x76774C64  # "vwLd"
SCHEMA_VERSION = 1

PICO = 10**12
"""Costs are whole trillionths of the currency: exact sums, prices to six decimals a million."""

SCHEMA = (
    # A rowid table with a unique index: random keys in a WITHOUT ROWID table would move the
    # replies themselves about, at four times the cost.
    "CREATE TABLE replies (id INTEGER PRIMARY KEY, key BLOB NOT NULL, item TEXT NOT NULL,"
    " sample INTEGER NOT NULL, source INTEGER NOT NULL REFERENCES sources (id),"
    " created INTEGER NOT NULL, prompt_tokens INTEGER, completion_tokens INTEGER,"
    " cost_pico INTEGER, finish_reason TEXT NOT NULL, packing INTEGER NOT NULL,"
    " body BLOB NOT NULL)",
    "CREATE UNIQUE INDEX replies_key ON replies (key)",
    "CREATE TABLE sources (id INTEGER PRIMARY KEY, endpoint TEXT NOT NULL, model TEXT NOT NULL,"
    " UNIQUE (endpoint, model))",
    "CREATE TABLE losses (id INTEGER PRIMARY KEY, key BLOB NOT NULL, item TEXT NOT NULL,"
    " created INTEGER NOT NULL, cause TEXT NOT NULL, cost_pico INTEGER NOT NULL)",
    "CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)

PLAIN, DEFLATED = 0, 1
WORTH_PACKING = 256
"""Bytes under which deflating saves less than it costs."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One paid reply: the raw HTTP body, and what is worth knowing without reading it.

    ``created`` is in Unix seconds, UTC. Counts are None where the endpoint gave none, the cost
    (trillionths of the currency) where the model has no price.
    """

    key: str
    item: str
    sample: int
    endpoint: str
    model: str
    created: int
    prompt_tokens: int | None
    completion_tokens: int | None
    cost_pico: int | None
    finish_reason: str
    body: bytes

    @property
    def cost(self) -> Decimal | None:
        """The cost in the currency of its price."""
        return None if self.cost_pico is None else Decimal(self.cost_pico) / PICO


@dataclass(frozen=True, slots=True)
class Loss:
    """A request that may have been billed though its reply never arrived: its worst case."""

    key: str
    item: str
    created: int
    cause: str
    cost_pico: int


def pack(reply: Reply) -> tuple[Any, ...]:
    """``reply`` as values for SQLite, its source left out."""
    packing, body = PLAIN, reply.body
    if len(body) >= WORTH_PACKING:
        packing, body = DEFLATED, zlib.compress(body, 1)
    return (
        bytes.fromhex(reply.key),
        reply.item,
        reply.sample,
        reply.created,
        reply.prompt_tokens,
        reply.completion_tokens,
        reply.cost_pico,
        reply.finish_reason,
        packing,
        body,
    )


def unpack(row: tuple[Any, ...]) -> Reply:
    """The reply in a row of (key, item, sample, endpoint, model, created, ..., body)."""
    key, item, sample, endpoint, model, created, *counts, packing, body = row
    prompt_tokens, completion_tokens, cost_pico, finish_reason = counts
    if packing == DEFLATED:
        try:
            body = zlib.decompress(body)
        except zlib.error as err:
            raise ValueError(f"reply {key.hex()} cannot be unpacked: {err}") from err
    return Reply(
        key=key.hex(),
        item=item,
        sample=sample,
        endpoint=endpoint,
        model=model,
        created=created,
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        cost_pico=cost_pico,
        finish_reason=finish_reason,
        body=body,
    )
