"""Messages between a run and its workers: JSON with a body of bytes, over one connection each.

Nothing is unpickled that comes in; whoever connects first shows the run's token.
"""

from __future__ import annotations

import asyncio
import hmac
import struct
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from schemas.errors import RunError

Told = dict[str, Any]
Answer = tuple[Told, bytes]
Handle = Callable[[Told, bytes], Awaitable[Answer | None]]
"""Answers a call, or takes note of what is told (None)."""

_SIZES = struct.Struct("!II")
_HELLO_BYTES = 64


class RunLostError(RunError):
    """The process at the other end is gone."""


class Wire:
    """One connection: calls and their answers go both ways, many at a time."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handle: Handle
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._handle = handle
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._number = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def call(self, told: Told, body: bytes = b"") -> Answer:
        """What the other end answers; RunLostError where it is gone."""
        self._number += 1
        number = self._number
        waiting: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        try:
            self._write({**told, "call": number}, body)
            told, body = await waiting
            if "bug" in told:
                raise RuntimeError(told["bug"])
            return told, body
        finally:
            self._waiting.pop(number, None)

    def tell(self, told: Told) -> None:
        """Says something that needs no answer."""
        self._write(told, b"")

    def _write(self, told: Told, body: bytes) -> None:
        if self._writer.is_closing():
            raise RunLostError(_LOST)
        head = orjson.dumps(told)
        self._writer.write(_SIZES.pack(len(head), len(body)) + head + body)

    async def listen(self) -> None:
        """Takes what comes until the other end is gone; then all who wait are told."""
        try:
            while True:
                sizes = await self._reader.readexactly(_SIZES.size)
                n_head, n_body = _SIZES.unpack(sizes)
                told: Told = orjson.loads(await self._reader.readexactly(n_head))
                body = await self._reader.readexactly(n_body) if n_body else b""
                if "answer" in told:
                    waiting = self._waiting.get(told["answer"])
                    if waiting is not None and not waiting.done():
                        waiting.set_result((told, body))
                else:
                    task = asyncio.create_task(self._answer(told, body))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.close()

    async def _answer(self, told: Told, body: bytes) -> None:
        try:
            found = await self._handle(told, body)
        except Exception:  # whoever asked must not wait for ever
            found = {"bug": traceback.format_exc()}, b""
        if found is not None and "call" in told and not self._writer.is_closing():
            self._write({**found[0], "answer": told["call"]}, found[1])

    def close(self) -> None:
        """Ends the connection; whoever waits for an answer gets a RunLostError."""
        self._writer.close()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(RunLostError(_LOST))
        for task in self._tasks:
            task.cancel()


_LOST = "the process of the run is gone; run the same command again to go on"


async def dial(host: str, port: int, token: str, handle: Handle) -> Wire:
    """A wire to the owner at an address; RunLostError where nobody is there."""
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except OSError as error:
        raise RunLostError(
            f"a worker cannot reach its run at {host}:{port} ({error.strerror}); "
            "workers must be able to connect to the machine that the run was started on"
        ) from error
    writer.write(token.encode())
    return Wire(reader, writer, handle)


async def received(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str, handle: Handle
) -> Wire | None:
    """The wire of a worker that has shown the token; None, and closed, for anybody else."""
    assert len(token) == _HELLO_BYTES
    try:
        shown = await reader.readexactly(_HELLO_BYTES)
    except (asyncio.IncompleteReadError, ConnectionError):
        shown = b""
    if not hmac.compare_digest(shown, token.encode()):
        writer.close()
        return None
    return Wire(reader, writer, handle)
